"""Advertising data are merged completely, and do no harm when they are malformed."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest
from bumble.device import Advertisement
from bumble.hci import Address
from hypothesis import given
from hypothesis import strategies as st

from glowtool.link.bumble.scan.advertisements import Heard, ad_structures, advertisement_data, uuid_text

if TYPE_CHECKING:
    from uuid import UUID

ADDRESS = Address("F1:00:00:00:00:01")


def _report(data: bytes, *, response: bool = False, complete: bool = True, legacy: bool = True) -> Advertisement:
    return Advertisement(
        ADDRESS, rssi=-42, is_legacy=legacy, is_scan_response=response, is_complete=complete, data_bytes=data
    )


def _structure(ad_type: int, content: bytes) -> bytes:
    return struct.pack("BB", len(content) + 1, ad_type) + content


def test_everything_that_bleak_shows() -> None:
    data = b"".join(
        [
            _structure(0x01, b"\x06"),
            _structure(0x03, b"\x0f\x18\x0a\x18"),
            _structure(0x05, b"\x78\x56\x34\x12"),
            _structure(0x07, bytes(range(16))),
            _structure(0x08, b"glo"),
            _structure(0x09, "glow ä".encode()),
            _structure(0x0A, b"\xf8"),
            _structure(0x16, b"\x0f\x18\x64"),
            _structure(0x20, b"\x78\x56\x34\x12\x01"),
            _structure(0x21, bytes(range(16)) + b"\x02"),
            _structure(0xFF, b"\x34\x12abc"),
        ]
    )
    long_uuid = "0f0e0d0c-0b0a-0908-0706-050403020100"
    battery = "0000180f-0000-1000-8000-00805f9b34fb"

    shown = advertisement_data(data, _report(data))

    assert shown.local_name == "glow ä"
    assert shown.manufacturer_data == {0x1234: b"abc"}
    assert shown.service_data == {battery: b"d", "12345678-0000-1000-8000-00805f9b34fb": b"\x01", long_uuid: b"\x02"}
    assert shown.service_uuids == [
        battery,
        "0000180a-0000-1000-8000-00805f9b34fb",
        "12345678-0000-1000-8000-00805f9b34fb",
        long_uuid,
    ]
    assert shown.tx_power == -8
    assert shown.rssi == -42


def test_an_empty_advertisement_has_no_name_and_no_power() -> None:
    shown = advertisement_data(b"", _report(b""))

    assert shown.local_name is None
    assert shown.tx_power is None
    assert shown.service_uuids == []


def test_a_scan_response_adds_to_the_advertisement_and_stays() -> None:
    heard = Heard()
    first, name, second = _structure(0x01, b"\x06"), _structure(0x09, b"glow"), _structure(0x01, b"\x04")

    assert heard.add(_report(first))
    assert heard.merged == first
    assert heard.add(_report(name, response=True))
    assert heard.merged == first + name
    assert heard.add(_report(second))
    assert heard.merged == second + name


def test_fragments_are_held_back_until_they_are_whole() -> None:
    heard = Heard()

    assert not heard.add(_report(b"\x03\x09a", complete=False, legacy=False))
    assert heard.merged == b""
    assert heard.add(_report(b"b", legacy=False))
    assert heard.merged == b"\x03\x09ab"


@pytest.mark.parametrize("data", [b"\x05\x09ab", b"\x00\x00", b"\x01", b"\x02\xff\x00", b"\x02\x0a", b"\x03\x03\x0f"])
def test_what_is_cut_off_is_left_out(data: bytes) -> None:
    shown = advertisement_data(data, _report(data))

    assert (shown.local_name, shown.manufacturer_data, shown.service_uuids) == (None, {}, [])


@given(st.binary(max_size=300))
def test_no_bytes_break_the_parser(data: bytes) -> None:
    advertisement_data(data, _report(data))


@given(st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=30)), max_size=8))
def test_structures_come_back_as_they_were_put_in(structures: list[tuple[int, bytes]]) -> None:
    data = b"".join(_structure(ad_type, content) for ad_type, content in structures)

    assert list(ad_structures(data)) == structures


@given(st.uuids())
def test_a_long_uuid_reads_as_python_writes_it(uuid: UUID) -> None:
    assert uuid_text(uuid.bytes[::-1]) == str(uuid)

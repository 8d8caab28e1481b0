"""A scan lists each roller as soon as it can name it, with its strength, in 80 columns."""

from __future__ import annotations

import json
import unicodedata

import pytest
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from glowtool.app.rollers.sighting import Other, Recogniser, Sighting, known_as
from glowtool.app.watching.nearby import NAME_S
from glowtool.cli.options import Options
from glowtool.cli.scan.display import Display
from glowtool.cli.scan.lines import RSSI_UNKNOWN_DBM, bars, other_line, roller_line, roller_object
from glowtool.cli.terminal.output import Printer
from glowtool.drivers.gr1.advertisement import announcement_of
from glowtool.protocol.advertising import COMPANY_ID, Advertisement, AdvertisingFlag
from glowtool.protocol.gatt import ROLLER_SERVICE
from glowtool.protocol.wire import encode
from glowtool.store.rollers.known import KnownRoller

ADDRESS = "F0:F1:00:00:00:01"
NOTHING = AdvertisingFlag(0)
ALL_FLAGS = AdvertisingFlag.PAIRING_WINDOW_OPEN | AdvertisingFlag.NO_DISPLAY
DESK = KnownRoller.model_validate(
    {
        "address": ADDRESS,
        "name": "GR-1 4F2A",
        "serial": "GR1000004F2A",
        "alias": "Desk",
        "last_seen_utc": "2026-11-22T12:30:00Z",
    }
)


def sighting(flags: AdvertisingFlag = NOTHING, *, address: str = ADDRESS, name: str | None = "GR-1 4F2A") -> Sighting:
    said = announcement_of(Advertisement(major=1, model=1, flags=flags, battery_percent=100, serial_tail=0x4F2A))
    return Sighting(BLEDevice(address, name, None), name, -102, said)


@pytest.mark.parametrize(
    ("rssi_dbm", "blocks", "plain"),
    [
        (-20, "▂▄▆█", "||||"),
        (-60, "▂▄▆ ", "|||."),
        (-75, "▂▄  ", "||.."),
        (-85, "▂   ", "|..."),
        (-100, "    ", "...."),
    ],
)
def test_the_bars_grow_with_the_strength(rssi_dbm: int, blocks: str, plain: str) -> None:
    assert bars(rssi_dbm, "utf-8") == blocks
    assert bars(rssi_dbm, "ascii") == bars(rssi_dbm, None) == bars(rssi_dbm, "no such encoding") == plain


def test_a_strength_that_was_not_measured_is_none() -> None:
    assert bars(RSSI_UNKNOWN_DBM, "utf-8") == "    "
    assert "? dBm" in other_line(Other("A", None, RSSI_UNKNOWN_DBM, 0), encoding="utf-8", width=80)


@pytest.mark.parametrize(
    "flags",
    [ALL_FLAGS, AdvertisingFlag.BONDS_FULL | AdvertisingFlag.NO_DISPLAY, AdvertisingFlag(0), ALL_FLAGS | 0x10],
)
@pytest.mark.parametrize("known", [None, DESK, DESK.model_copy(update={"address": "C0:00:00:00:00:02"})])
@pytest.mark.parametrize("address", [ADDRESS, "B1B2C3D4-0000-1111-2222-333344445555"])
def test_a_line_is_no_wider_than_the_terminal(flags: AdvertisingFlag, known: KnownRoller | None, address: str) -> None:
    text = roller_line(sighting(flags, address=address), known, encoding="utf-8", width=80)
    assert max(map(len, text.splitlines())) <= 80
    assert not any(unicodedata.east_asian_width(letter) in "WF" for letter in text)


def test_the_usual_roller_takes_one_line() -> None:
    line = roller_line(sighting(ALL_FLAGS), None, encoding="utf-8", width=80)
    assert line == "     -102 dBm  GR-1 4F2A  F0:F1:00:00:00:01  100%  new, pairing open, no display"


@pytest.mark.parametrize(
    ("address", "tail", "meant"),
    [
        (ADDRESS.lower(), "4F2A", "“Desk”"),
        ("C0:00:00:00:00:02", "4F2A", "“Desk” with a new identity"),
        ("C0:00:00:00:00:02", "4F2B", "new"),
    ],
)
def test_a_known_roller_is_known_by_its_address_and_by_its_serial_number(address: str, tail: str, meant: str) -> None:
    heard = sighting(address=address)
    known = known_as(heard, (DESK.model_copy(update={"serial": f"GR10000{tail}"}),))
    assert roller_line(heard, known, encoding=None, width=200).endswith(f"  {meant}")
    assert roller_object(heard, known)["known"] is (known is not None)


def test_of_two_that_could_be_meant_it_is_the_one_at_that_address() -> None:
    elsewhere = DESK.model_copy(update={"address": "C0:00:00:00:00:02"})
    assert known_as(sighting(), (elsewhere, DESK)) == DESK


def heard(name: str | None, services: list[str], manufacturer: dict[int, bytes] | None = None) -> AdvertisementData:
    return AdvertisementData(name, manufacturer or {}, {}, services, None, -50, ())


def test_what_a_roller_says_in_a_way_that_is_not_understood_leaves_it_a_roller() -> None:
    said = Advertisement(1, 1, AdvertisingFlag.BONDS_FULL, 80, 0x4F2A)
    device = BLEDevice(ADDRESS, None, None)
    full = Recogniser().sighting_of(device, heard("GR-1 4F2A", [ROLLER_SERVICE.uuid], {COMPANY_ID: encode(said)}))
    assert full is not None
    assert full.bonds_full
    broken = Recogniser().sighting_of(device, heard("GR-1 4F2A", [ROLLER_SERVICE.uuid], {COMPANY_ID: b"\x01"}))
    assert broken is not None
    assert roller_object(broken, None)["battery_percent"] is None
    assert roller_object(broken, None)["display"] is None
    assert Recogniser().sighting_of(device, heard("GR-1 4F2A", [])) is None


def test_a_roller_whose_services_bluez_has_lost_is_known_by_its_name_and_number() -> None:
    said = {COMPANY_ID: encode(Advertisement(1, 1, NOTHING, 80, 0x4F2A))}
    device = BLEDevice(ADDRESS, None, None)
    for name in ("GR-1 4F2A", "GR-mini 4F2A"):
        assert Recogniser().sighting_of(device, heard(name, [], said)) is not None
    for name in ("GR-1 4F2B", "GR-14F2A"):
        assert Recogniser().sighting_of(device, heard(name, [], said)) is None
    assert Recogniser().sighting_of(device, heard(None, [], said)) is None


@pytest.fixture
def display() -> Display:
    return Display(Printer(Options(json=True)), (DESK,), everything=True)


def shown(capsys: pytest.CaptureFixture[str]) -> list[tuple[object, ...]]:
    lines = map(json.loads, capsys.readouterr().out.splitlines())
    return [(line["kind"], line["address"][-1], line["name"]) for line in lines]


def test_a_device_is_shown_once_it_has_its_name(display: Display, capsys: pytest.CaptureFixture[str]) -> None:
    display.take("x:1", Other("x:1", None, -50, 0), 0.0)
    assert shown(capsys) == []
    display.take("x:1", Other("x:1", "Lamp", -50, 0), 0.3)
    display.take("x:1", Other("x:1", "Lamp", -40, 0), 0.4)
    assert shown(capsys) == [("other", "1", "Lamp")]


def test_a_device_without_name_is_shown_when_it_had_its_time_or_at_the_end(
    display: Display, capsys: pytest.CaptureFixture[str]
) -> None:
    display.take("x:1", Other("x:1", None, -50, 0), 0.0)
    display.take("x:2", Other("x:2", None, -50, 0), NAME_S)
    assert shown(capsys) == [("other", "1", None)]
    display.end()
    display.end()
    assert shown(capsys) == [("other", "2", None)]
    assert display.summary == "0 rollers, 2 other devices."


def test_a_roller_is_shown_again_when_it_changes_and_not_when_it_leaves_its_name_out(
    display: Display, capsys: pytest.CaptureFixture[str]
) -> None:
    found: list[Sighting | Other] = [
        sighting(),
        sighting(),
        sighting(name=None),
        sighting(AdvertisingFlag.PAIRING_WINDOW_OPEN, name=None),
        Other(ADDRESS, "GR-1 4F2A", -50, 0),
        sighting(AdvertisingFlag.PAIRING_WINDOW_OPEN),
    ]
    for now_s, one in enumerate(found):
        display.take(ADDRESS, one, now_s)
    assert shown(capsys) == [("roller", "1", "GR-1 4F2A")] * 2
    assert display.summary == "1 roller, 0 other devices."


def test_without_all_other_devices_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    display = Display(Printer(Options()), (DESK,), everything=False)
    display.take("x:1", Other("x:1", "Lamp", -50, 0), 0.0)
    display.take(ADDRESS, sighting(), 0.0)
    display.end()
    (line,) = capsys.readouterr().out.splitlines()
    assert line.endswith("GR-1 4F2A  F0:F1:00:00:00:01  100%  “Desk”")
    assert display.summary == "1 roller."

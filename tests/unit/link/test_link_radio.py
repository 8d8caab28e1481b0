"""The state of an adapter is read from /sys, the kernel's management socket, BlueZ's programs and D-Bus."""

from __future__ import annotations

import os
import struct
from typing import TYPE_CHECKING

import pytest

from glowtool.link.bluez import version
from glowtool.link.bluez.inspection import adapters_of_kernel, inspect
from glowtool.link.bluez.management import Controller, decode_information, read_controller
from glowtool.link.bluez.rfkill import block_of
from glowtool.link.radio import Block, Obstacle, core_version
from support.air.small_bus import SmallBus, small_bus

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def rfkill(tmp_path: Path) -> Callable[..., None]:
    def add(number: int, kind: str, name: str, soft: int = 0, hard: int = 0) -> None:
        folder = tmp_path / f"rfkill{number}"
        folder.mkdir()
        for file, value in (("type", kind), ("name", name), ("soft", str(soft)), ("hard", str(hard))):
            (folder / file).write_text(f"{value}\n")

    return add


def test_only_bluetooth_of_this_adapter_blocks_it(tmp_path: Path, rfkill: Callable[..., None]) -> None:
    rfkill(0, "wlan", "phy0", soft=1, hard=1)
    rfkill(1, "bluetooth", "hci0")
    rfkill(2, "bluetooth", "hci1", soft=1)

    assert block_of("hci0", tmp_path) is None
    assert block_of("hci1", tmp_path) is Block.SOFTWARE
    assert block_of(None, tmp_path) is Block.SOFTWARE


def test_the_switch_of_a_laptop_blocks_every_adapter(tmp_path: Path, rfkill: Callable[..., None]) -> None:
    rfkill(0, "bluetooth", "tpacpi_bluetooth_sw", soft=1, hard=1)
    rfkill(1, "bluetooth", "hci0", soft=1)

    assert block_of("hci0", tmp_path) is Block.SWITCH


def test_where_there_is_no_rfkill_nothing_blocks(tmp_path: Path) -> None:
    (tmp_path / "rfkill0").mkdir()

    assert block_of(None, tmp_path) is None
    assert block_of(None, tmp_path / "none") is None


def answer(supported: int, current: int, *, status: int = 0, event: int = 1) -> bytes:
    """Return an answer to Read Controller Information, laid out as doc/mgmt-api.txt says."""
    body = bytes(6) + bytes([9]) + struct.pack("<H", 2) + struct.pack("<II", supported, current) + bytes(3 + 249 + 11)
    return struct.pack("<HHH", event, 0, len(body) + 3) + struct.pack("<HB", 4, status) + body


def test_the_kernel_tells_what_a_controller_can_do() -> None:
    assert decode_information(answer(1 << 9 | 1 << 11, 1)) == Controller(
        9, powered=True, low_energy=True, secure_connections=True
    )
    assert decode_information(answer(1 << 9, 1 << 11)) == Controller(
        9, powered=False, low_energy=True, secure_connections=False
    )
    assert decode_information(answer(0, 0, status=0x11)) is None
    assert core_version(9) == "5.0"


def test_a_kernel_that_tells_nothing_is_no_error() -> None:
    assert read_controller("hci999") is None
    assert read_controller("usb0") is None


def test_the_adapters_of_the_kernel_are_told_from_their_connections(tmp_path: Path) -> None:
    for name in ("hci1", "hci0", "hci0:64", "other"):
        (tmp_path / name).mkdir()

    assert adapters_of_kernel(tmp_path) == ("hci0", "hci1")


@pytest.mark.skipif(os.name == "nt", reason="scripts that are programs")
@pytest.mark.parametrize(
    ("script", "said"),
    [("echo 'bluetoothctl: 5.66'", "5.66"), ("echo 5.83", "5.83"), ("exit 1", None), ("exec sleep 60", None)],
)
async def test_the_version_is_asked_of_programs_that_may_not_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, said: str | None
) -> None:
    program = tmp_path / "bluetoothctl"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o700)
    monkeypatch.setattr(version, "PROGRAMS", (str(tmp_path / "missing"), str(program)))
    monkeypatch.setattr(version, "_TIMEOUT_S", 1.0)

    assert await version.bluez_version() == said


async def _nobody(_bus: SmallBus) -> None:
    return None


async def test_who_may_not_use_bluetooth_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(version, "PROGRAMS", ())
    async with small_bus(tmp_path, _nobody) as (bus, address):
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
        bus.errors["GetManagedObjects"] = ("org.freedesktop.DBus.Error.AccessDenied", "Rejected send message")
        facts = await inspect(None)

    assert facts.trouble is not None
    assert facts.trouble.obstacle is Obstacle.DENIED
    assert "group" in str(facts.trouble.error)


async def test_a_service_without_adapters_and_no_service_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(version, "PROGRAMS", ())
    async with small_bus(tmp_path, _nobody) as (_, address):
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
        with_service = await inspect("hci0")
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path / 'nothing'}")
    without = await inspect("hci0")

    assert with_service.trouble is not None
    assert with_service.trouble.obstacle is Obstacle.NO_ADAPTER
    assert without.trouble is not None
    assert without.trouble.obstacle is Obstacle.NO_SERVICE

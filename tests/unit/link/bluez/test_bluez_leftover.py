"""A connection that BlueZ keeps for a program that has died is ended by the next program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowtool.link.bluez.adapter import BlueZAdapter
from support.air.small_bus import ADAPTER_PATH, ADDRESS, DEVICE_PATH, PairOutcome, SmallBus, small_bus

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

OTHER_PATH = f"{ADAPTER_PATH}/dev_F1_00_00_00_00_02"


async def nobody_pairs(_bus: SmallBus) -> PairOutcome:
    raise AssertionError("nothing is paired here")


async def test_a_leftover_connection_is_ended_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with small_bus(tmp_path, nobody_pairs) as (bus, address):
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
        bus.add_device(Paired=True, Connected=True)
        bus.add_device(OTHER_PATH, "F1:00:00:00:00:02", Connected=True)
        await BlueZAdapter("hci0").end_leftover(ADDRESS.lower())
        assert bus.devices[DEVICE_PATH]["Connected"] is False
        assert bus.devices[OTHER_PATH]["Connected"] is True
        await BlueZAdapter("hci0").end_leftover(ADDRESS)
        assert bus.calls.count("Disconnect") == 1

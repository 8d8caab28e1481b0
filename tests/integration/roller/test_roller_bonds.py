"""Bonds in the flash bring back a host's subscriptions, and survive a power failure in their write."""

from __future__ import annotations

import asyncio
import json
import logging
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from bumble import att, core, hci, smp
from bumble.gatt import GATT_CLIENT_CHARACTERISTIC_CONFIGURATION_DESCRIPTOR
from bumble.keys import MemoryKeyStore

from glowsim.air.transport import in_process_transport
from glowsim.firmware.flash.chip import never
from glowsim.firmware.retained.bonds import MAX_BONDS
from glowsim.roller.roller import LONG_PRESS_S
from glowsim.scene.scenario import Scenario
from glowsim.time.virtual_time import in_virtual_time
from glowtool.link.bumble.adapter import open_bumble_adapter
from glowtool.model.state import State
from glowtool.protocol import gatt
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.records import Diagnostic, DiagnosticGet, DiagnosticValue
from glowtool.protocol.vocabulary import Result
from support.air.radio import ADDRESS, host_on_air
from support.air.rollers import Bench, Console, bench, bonded, bonded_console, until

if TYPE_CHECKING:
    from pathlib import Path

    from support.air.radio import RadioHost


def press(there: Bench) -> None:
    there.roller.press_button(LONG_PRESS_S)


async def _configuration(host: RadioHost, row: gatt.Characteristic) -> bytes:
    assert host.peer is not None
    characteristic = host.find(row)
    await characteristic.discover_descriptors()
    descriptor = characteristic.get_descriptor(GATT_CLIENT_CHARACTERISTIC_CONFIGURATION_DESCRIPTOR)
    assert descriptor is not None
    return bytes(await host.peer.gatt_client.read_value(descriptor))


def _heard(host: RadioHost, row: gatt.Characteristic) -> list[bytes]:
    """Listen to what a characteristic notifies, without subscribing to it."""
    values: list[bytes] = []
    assert host.peer is not None
    host.peer.gatt_client.notification_subscribers[host.find(row).handle] = {values.append}
    return values


@in_virtual_time
async def test_what_a_bonded_host_has_subscribed_to_comes_back_with_encryption_also_after_a_restart(
    tmp_path: Path,
) -> None:
    keys = MemoryKeyStore()
    async with bench(tmp_path) as there:
        async with bonded_console(there, keys):
            pass
        press(there)
        async with bonded_console(there, address="C4:11:22:33:55:66"):
            pass
    async with bench(tmp_path) as there, host_on_air(there.air, keys) as host:
        await host.connect(there.roller.address)
        statuses = _heard(host, gatt.STATUS)
        await asyncio.sleep(3)
        assert statuses == [], "nothing before the link is encrypted"
        with pytest.raises(att.ATT_Error):
            await _configuration(host, gatt.STATUS)
        await host.encrypt()
        await asyncio.sleep(3)
        assert len(statuses) >= 2
        for row, value in ((gatt.STATUS, 1), (gatt.TELEMETRY, 1), (gatt.CONTROL_POINT, 2), (gatt.BATTERY_LEVEL, 0)):
            assert await _configuration(host, row) == bytes((value, 0)), row.name


@in_virtual_time
async def test_a_subscription_that_is_ended_stays_so_and_a_forgotten_host_leaves_none_behind(tmp_path: Path) -> None:
    keys = MemoryKeyStore()
    async with bench(tmp_path) as there:
        async with bonded_console(there, keys) as console:
            await console.host.find(gatt.STATUS).unsubscribe()
        async with host_on_air(there.air, keys) as host:
            await host.connect(there.roller.address)
            await host.encrypt()
            assert await _configuration(host, gatt.STATUS) == b"\0\0"
            assert await _configuration(host, gatt.TELEMETRY) == b"\1\0"
        there.roller.bonds.drop(ADDRESS)
        press(there)
        async with host_on_air(there.air) as host:
            await host.connect(there.roller.address)
            await host.pair(lambda: there.display.passkey)
            assert await _configuration(host, gatt.TELEMETRY) == b"\0\0", "a new bond begins with nothing"


@in_virtual_time
async def test_power_that_fails_while_a_bond_is_kept_leaves_none_and_the_host_pairs_again(tmp_path: Path) -> None:
    async with bench(tmp_path) as there:
        chip = there.roller.memory.chip
        await asyncio.sleep(2)  # the fuel gauge has been kept: from now on the bond alone is written
        async with host_on_air(there.air) as host:
            await host.connect(there.roller.address)
            chip.cut = lambda write: write.size // 2
            with suppress(core.ProtocolError, asyncio.CancelledError):  # the host may believe that it is bonded
                await host.pair(lambda: there.display.passkey)
            await until(lambda: there.roller.machine.out)
            assert await host.gone == hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR
            chip.cut = never
        await until(lambda: not there.roller.machine.out)
        assert there.roller.bonds.addresses == []
        assert there.roller.memory.records.verify()
        press(there)
        async with bonded_console(there) as console:
            assert (await console.ask(Opcode.HEARTBEAT)).head.result is Result.SUCCESS
    assert bonded(tmp_path) == [ADDRESS]


@in_virtual_time
async def test_power_that_fails_while_a_subscription_is_kept_costs_no_bond(tmp_path: Path) -> None:
    keys = MemoryKeyStore()
    async with bench(tmp_path) as there:
        async with bonded_console(there, keys) as console:
            there.roller.memory.chip.cut = lambda write: write.size // 2
            with pytest.raises((core.ProtocolError, core.BaseBumbleError, TimeoutError, asyncio.CancelledError)):
                async with asyncio.timeout(10):
                    await console.host.find(gatt.BATTERY_LEVEL).subscribe(lambda _value: None)
            assert there.roller.machine.out
            there.roller.memory.chip.cut = never
        await until(lambda: not there.roller.machine.out)
        async with host_on_air(there.air, keys) as host:
            await host.connect(there.roller.address)
            await host.encrypt()
            assert (await Console(host).status()).state is State.IDLE
            assert await _configuration(host, gatt.STATUS) == b"\1\0"
            assert await _configuration(host, gatt.BATTERY_LEVEL) == b"\0\0"


def _planned(*faults: dict[str, object]) -> Scenario:
    return Scenario.model_validate({"faults": list(faults)})


@in_virtual_time
async def test_a_brown_out_planned_for_the_very_start_happens_and_the_roller_boots_again(tmp_path: Path) -> None:
    async with bench(tmp_path, scenario=_planned({"name": "brown-out", "at_s": 0, "off_s": 1.0})) as there:
        machine = there.roller.machine
        assert machine.out
        assert machine.quiet
        async with host_on_air(there.air) as host:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.9):
                    await host.device.connect(hci.Address(there.roller.address))
        await until(lambda: not machine.out, 1)
        async with bonded_console(there) as console:
            answer = await console.ask(Opcode.DIAGNOSTICS, DiagnosticGet(Diagnostic.BROWN_OUTS))
            assert answer.payload == DiagnosticValue(1)


@in_virtual_time
async def test_a_battery_that_is_dead_from_the_start_leaves_the_roller_off_until_it_is_charged(tmp_path: Path) -> None:
    async with bench(tmp_path, scenario=_planned({"name": "dead-battery", "for_s": 5.0})) as there:
        machine = there.roller.machine
        await asyncio.sleep(4.5)
        assert machine.out
        await until(lambda: not machine.out, 2)
        async with bonded_console(there):
            assert machine.battery_percent == pytest.approx(20, abs=1)


@in_virtual_time
async def test_bonds_lost_at_the_very_start_are_gone_when_the_radio_comes_up(tmp_path: Path) -> None:
    async with bench(tmp_path) as there, bonded_console(there):
        pass
    async with bench(tmp_path, scenario=_planned({"name": "lost-bond"})) as there:
        assert there.roller.bonds.addresses == []


@in_virtual_time
async def test_as_many_hosts_as_there_is_room_for_come_back_after_a_restart_and_a_reboot(tmp_path: Path) -> None:
    names = [f"C4:11:22:33:55:{number:02X}" for number in range(MAX_BONDS)]
    keys = {name: MemoryKeyStore() for name in names}
    async with bench(tmp_path) as there:
        for name in names:
            press(there)
            async with bonded_console(there, keys[name], name):
                pass
    assert bonded(tmp_path) == names
    async with bench(tmp_path) as there:
        there.roller.power_cycle()
        await until(lambda: not there.roller.machine.out)
        for name in names:
            async with host_on_air(there.air, keys[name], name) as host:
                await host.connect(there.roller.address)
                await host.encrypt()
                assert await _configuration(host, gatt.TELEMETRY) == b"\1\0"
        press(there)
        async with host_on_air(there.air, address="C4:11:22:33:66:00") as ninth:
            await ninth.connect(there.roller.address)
            with pytest.raises(core.ProtocolError) as refused:
                await ninth.pair(lambda: there.display.passkey)
            assert refused.value.error_code == smp.ErrorCode.PAIRING_NOT_SUPPORTED
        there.roller.bonds.drop(names[0])
        async with bonded_console(there, address="C4:11:22:33:66:00"):
            pass
    assert set(bonded(tmp_path)) == {*names[1:], "C4:11:22:33:66:00"}


@in_virtual_time
async def test_subscriptions_that_the_table_of_attributes_does_not_know_are_dropped(tmp_path: Path) -> None:
    keys = MemoryKeyStore()
    async with bench(tmp_path) as there:
        async with bonded_console(there, keys) as console:
            status, feature = (console.host.find(row).handle for row in (gatt.STATUS, gatt.FEATURE))
        there.roller.bonds.subscribe(ADDRESS, {status: 2, feature: 1, status - 1: 1, 0xFFF0: 1})
        async with host_on_air(there.air, keys) as host:
            await host.connect(there.roller.address)
            await host.encrypt()
            assert await _configuration(host, gatt.STATUS) == b"\0\0"
        assert there.roller.bonds.subscriptions(ADDRESS) == {}


@in_virtual_time
async def test_a_file_of_bonds_from_before_still_lets_its_host_in(tmp_path: Path) -> None:
    keys, old = MemoryKeyStore(), tmp_path / "bonds.json"
    async with bench(tmp_path) as there:
        async with bonded_console(there, keys):
            pass
        old.write_text(json.dumps({name: kept.to_dict() for name, kept in await there.roller.bonds.get_all()}))
        there.roller.bonds.forget()
    assert bonded(tmp_path) == []
    async with bench(tmp_path) as there, host_on_air(there.air, keys) as host:
        assert not old.exists()
        await host.connect(there.roller.address)
        await host.encrypt()
        assert (await Console(host).status()).state is State.IDLE


@in_virtual_time
async def _unasked(path: Path) -> None:
    async with (
        bench(path / "roller") as there,
        in_process_transport(there.air, "host") as transport,
        open_bumble_adapter("virtual", transport, path / "host") as adapter,
    ):

        async def passkey() -> int:
            return there.display.passkey

        async with adapter.client(there.roller.address) as client:
            await client.pair(passkey=passkey)
            await client.start_notify(gatt.STATUS.uuid, lambda _sender, _data: None)
            await asyncio.sleep(3)
        async with adapter.client(there.roller.address) as client:
            await client.read_gatt_char(gatt.STATUS.uuid)
            await asyncio.sleep(3)
            heard: list[bytes] = []
            await client.start_notify(gatt.STATUS.uuid, lambda _sender, data: heard.append(bytes(data)))
            await asyncio.sleep(3)
            assert 2 <= len(heard) <= 4


def test_what_a_bleak_client_hears_unasked_in_its_next_connection_is_dropped_without_a_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "glowtool.link")
    _unasked(tmp_path)
    assert "not subscribed yet" in caplog.text
    assert "no subscriber" not in caplog.text, "bumble's warning, which people would see"

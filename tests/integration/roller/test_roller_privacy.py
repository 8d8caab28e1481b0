"""Strangers cannot follow a roller with private addresses, and hosts with its key can."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

import pytest
from bumble import hci, smp
from bumble.keys import MemoryKeyStore
from hypothesis import given
from hypothesis import strategies as st

from glowsim.air.conditions import IDEAL, LinkConditions
from glowsim.console.console import Console as Commands
from glowsim.peripheral.advertising import privacy
from glowsim.peripheral.advertising.privacy import SERVES_S, PrivateAddress, resolvable_address
from glowsim.scene.scenario import Scenario
from glowsim.time.virtual_time import in_virtual_time
from glowtool.errors import InputError
from glowtool.model.state import State
from glowtool.protocol import gatt
from support.air.radio import ADDRESS, RadioHost, host_on_air
from support.air.rollers import Bench, Console, bench, until

if TYPE_CHECKING:
    from pathlib import Path

PRIVATE = Scenario.model_validate({"device": {"privacy": True}})


@given(st.binary(min_size=16, max_size=16), st.integers())
def test_an_address_is_resolved_by_its_key_and_by_no_other(irk: bytes, seed: int) -> None:
    address = resolvable_address(irk, random.Random(seed))  # noqa: S311 - reproducible on purpose
    identity = hci.Address(ADDRESS)
    assert address.is_resolvable
    assert smp.AddressResolver([(irk, identity)]).resolve(address) == identity
    other = bytes((irk[0] ^ 1,)) + irk[1:]
    assert smp.AddressResolver([(other, identity)]).resolve(address) is None


def test_the_sample_of_the_specification() -> None:
    """Core, Vol 3, Part H, D.7: the hash 0dfbaa of the number 708194 under this key."""
    irk = bytes.fromhex("ec0234a357c8ad05341010a60a397d9b")[::-1]

    class Draw(random.Random):
        def randbytes(self, n: int) -> bytes:
            return bytes.fromhex("708194")[::-1][:n]

    assert str(resolvable_address(irk, Draw())) == "70:81:94:0D:FB:AA"


def test_an_address_serves_for_a_quarter_of_an_hour() -> None:
    private = PrivateAddress(bytes(range(16)), random.Random(1))  # noqa: S311 - reproducible on purpose
    assert private.due(0.0)
    first = private.renew(0.0)
    assert not private.due(SERVES_S - 1)
    assert private.due(SERVES_S)
    assert private.renew(SERVES_S) != first
    private.expire()
    assert private.due(SERVES_S)


async def _heard(host: RadioHost, for_s: float = 0.5) -> set[str]:
    """Return the addresses of everybody who advertises."""
    heard: set[str] = set()

    def listen(advertisement: object) -> None:
        heard.add(str(advertisement.address))  # type: ignore[attr-defined]  # bumble's Advertisement

    host.device.on("advertisement", listen)
    await host.device.start_scanning()
    await asyncio.sleep(for_s)
    await host.device.stop_scanning()
    host.device.remove_listener("advertisement", listen)
    return heard


async def _paired(there: Bench, host: RadioHost) -> None:
    assert there.roller.air_address != there.roller.address
    await host.connect(there.roller.air_address)
    await host.pair(lambda: there.display.passkey)
    assert host.connection is not None
    assert str(host.connection.peer_address).startswith(there.roller.address), "the identity came with the keys"
    await host.disconnect()
    await until(lambda: not there.roller.connected)


@in_virtual_time
async def test_a_bonded_host_finds_the_roller_under_every_address(tmp_path: Path) -> None:
    keys = MemoryKeyStore()
    async with bench(tmp_path, scenario=PRIVATE) as there, host_on_air(there.air, keys) as host:
        await _paired(there, host)
        assert await _heard(host) == {there.roller.air_address}
        for _ in range(3):
            before = there.roller.air_address
            assert Commands(there.roller, lambda: None).obey("new-address")
            await until(lambda before=before: there.roller.air_address != before)  # type: ignore[misc]  # bound early
            assert await _heard(host) == {there.roller.air_address}
            await host.connect(there.roller.address)
            await host.encrypt()
            assert (await Console(host).status()).state is State.IDLE
            await host.disconnect()
            await until(lambda: not there.roller.connected)
        assert there.roller.bonds.addresses == [ADDRESS]


_SHORT_S = 30.0


@in_virtual_time
async def _renewed(path: Path) -> None:
    async with bench(path, scenario=PRIVATE) as there, host_on_air(there.air) as host:
        assert there.roller.air_address != there.roller.address
        first = there.roller.air_address
        await asyncio.sleep(_SHORT_S - 10)
        assert there.roller.air_address == first
        await asyncio.sleep(20)
        second = there.roller.air_address
        assert second != first
        await host.connect(second)
        there.roller.renew_address()
        await asyncio.sleep(5)
        assert there.roller.air_address == second, "not while a host is connected"
        assert len(await host.find(gatt.SERIAL_NUMBER).read_value()) > 4
        await host.disconnect()
        await until(lambda: there.roller.air_address != second)
        assert await _heard(host) == {there.roller.air_address}


def test_the_address_is_renewed_in_time_and_never_under_a_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(privacy, "SERVES_S", _SHORT_S)
    _renewed(tmp_path)


@in_virtual_time
async def test_a_bond_outlives_the_roller_being_switched_off_also_with_another_address(tmp_path: Path) -> None:
    keys = MemoryKeyStore()
    async with bench(tmp_path, scenario=PRIVATE) as there, host_on_air(there.air, keys) as host:
        await _paired(there, host)
        last = there.roller.air_address
    async with bench(tmp_path, scenario=PRIVATE, seed=2) as there, host_on_air(there.air, keys) as host:
        assert there.roller.air_address != there.roller.address
        assert there.roller.air_address != last
        await host.connect(there.roller.address)
        await host.encrypt()


@in_virtual_time
async def test_what_holds_for_the_rollers_radio_holds_under_every_address(tmp_path: Path) -> None:
    weak = LinkConditions(distance_m=4.0)
    async with bench(tmp_path, scenario=PRIVATE) as there, host_on_air(there.air) as host:
        assert there.roller.air_address != there.roller.address
        there.air.set_conditions(weak, there.roller.address)
        assert there.air.conditions(there.roller.air_address) == weak
        former = there.roller.air_address
        there.roller.renew_address()
        await until(lambda: there.roller.air_address != former)
        assert there.air.conditions(there.roller.air_address) == weak
        assert there.air.conditions(former) == IDEAL
        await host.connect(there.roller.air_address)
        there.air.cut(there.roller.address)
        assert await host.gone == hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR
        there.roller.go_away(500.0)
        assert await _heard(host) == set()


async def test_a_roller_without_privacy_has_no_other_address(tmp_path: Path) -> None:
    async with bench(tmp_path) as there:
        assert there.roller.air_address == there.roller.address
        with pytest.raises(InputError, match="privacy = true"):
            there.roller.renew_address()

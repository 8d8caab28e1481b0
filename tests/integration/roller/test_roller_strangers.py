"""A stranger cannot keep a bonded host out, and a new host still pairs. In virtual time."""

from __future__ import annotations

import asyncio
import itertools
import random
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

import pytest
from bumble.keys import MemoryKeyStore

from glowsim.peripheral.advertising.admission import BACK_OFF_S, PAIRING_S, STRANGER_S
from glowsim.peripheral.advertising.privacy import resolvable_address
from glowsim.scene.scenario import load
from glowsim.time.virtual_time import in_virtual_time
from glowtool.model.state import State
from glowtool.protocol.commands.opcode import Opcode
from support.air.radio import ADDRESS, host_on_air
from support.air.rollers import Bench, Console, bench, bonded_console, start, until, until_driven
from support.air.strangers import MANNERS, Manner, strangers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from bumble.keys import KeyStore

#: A bonded host is in within this time (design), counted from when it begins to connect until it is trusted.
OWNER_S: Final = 2.0
LONG_S: Final = (0.0, 0.5, 1.3, 7.0, 12.0)
HOST_IRK: Final = bytes(range(16))


@asynccontextmanager
async def bonded(path: Path, keys: KeyStore, *, private: bool = False) -> AsyncIterator[Bench]:
    """Yield a roller with one bonded host, and no connection."""
    async with bench(path, scenario=load("private-address") if private else None) as there:
        address = there.roller.air_address
        async with host_on_air(there.air, keys) as host:
            await host.connect(address)
            await host.pair(lambda: there.display.passkey)
        await until(lambda: not there.roller.connected)
        yield there


async def _owner_gets_in(there: Bench, keys: KeyStore, address: str = ADDRESS) -> float:
    """Connect as the bonded host; return how long it took until everything could be read."""
    clock = asyncio.get_running_loop().time
    began_s = clock()
    async with host_on_air(there.air, keys, address) as host:
        await host.connect(there.roller.air_address)
        await host.encrypt()
        took_s = clock() - began_s
        assert (await Console(host).status()).state is State.IDLE
        assert len(there.roller.peripheral._links) == 1, "and strangers have made room"  # type: ignore[union-attr]  # it is on the air
    await until(lambda: there.roller.peripheral is not None and there.roller.peripheral._links.host is None)
    return took_s


@in_virtual_time
async def _pestered(
    path: Path,
    manners: tuple[Manner, ...],
    pauses_s: tuple[float, ...] = (0.0, 1.3),
    *,
    in_window: bool = False,
    own: str = ADDRESS,
) -> None:
    keys = MemoryKeyStore()
    async with bonded(path, keys) as there:
        async with strangers(there.air, lambda: there.roller.air_address, *manners) as seen:
            for pause_s in pauses_s:
                if in_window:
                    there.roller.press_button(2.5)
                await asyncio.sleep(pause_s)
                assert await _owner_gets_in(there, keys, own) <= OWNER_S
        assert seen.made_s, "somebody was there"


@pytest.mark.long
@pytest.mark.parametrize("in_window", [False, True], ids=["closed", "window"])
@pytest.mark.parametrize("manner", MANNERS)
def test_a_bonded_host_gets_in_whatever_a_stranger_does(manner: str, in_window: bool, tmp_path: Path) -> None:
    _pestered(tmp_path, (MANNERS[manner],), LONG_S, in_window=in_window)


def test_a_bonded_host_gets_in_though_a_stranger_that_is_always_quicker_comes_and_goes(tmp_path: Path) -> None:
    _pestered(tmp_path, (MANNERS["comes and goes, ever new"], MANNERS["holds"]))


@pytest.mark.long
@pytest.mark.parametrize("in_window", [False, True], ids=["closed", "window"])
def test_a_bonded_host_gets_in_whatever_four_strangers_do(in_window: bool, tmp_path: Path) -> None:
    manners = tuple(
        MANNERS[name] for name in ("comes and goes, ever new", "holds", "comes and goes", "holds, ever new")
    )
    _pestered(tmp_path, manners, LONG_S, in_window=in_window)


def test_a_bonded_host_whose_own_address_changes_gets_in_as_well(tmp_path: Path) -> None:
    own = str(resolvable_address(HOST_IRK, random.Random(1)))  # noqa: S311 - reproducible on purpose
    manners = (MANNERS["comes and goes, ever new"], MANNERS["holds, ever new private ones"])
    _pestered(tmp_path, manners, (0.7,), own=own)


@in_virtual_time
async def test_a_roller_whose_own_address_is_private_lets_its_host_in_as_well(tmp_path: Path) -> None:
    keys = MemoryKeyStore()
    async with (
        bonded(tmp_path, keys, private=True) as there,
        strangers(there.air, lambda: there.roller.air_address, MANNERS["holds, ever new"]) as seen,
    ):
        for _ in range(3):
            await asyncio.sleep(3.0)
            assert await _owner_gets_in(there, keys) <= OWNER_S
        assert seen.made_s


@pytest.mark.long
@in_virtual_time
async def test_links_of_a_stranger_are_short_and_rare_for_one_address(tmp_path: Path) -> None:
    keys = MemoryKeyStore()
    async with bonded(tmp_path, keys) as there:
        async with strangers(there.air, lambda: there.roller.air_address, MANNERS["holds"]) as seen:
            await asyncio.sleep(200.0)
        long = [(made, lasted) for made, lasted in zip(seen.made_s, seen.lasted_s, strict=True) if lasted > 1.0]
        assert all(lasted <= STRANGER_S + 1.0 for _, lasted in long)
        gaps_s = [after[0] - sum(before) for before, after in itertools.pairwise(long)]
        assert all(gap_s >= BACK_OFF_S * 2**number - 1.0 for number, gap_s in enumerate(gaps_s))
        assert len(long) == 4, "after 10, 20, 40 and 80 s of being away, not every time"


@in_virtual_time
async def _new_host(path: Path, number: int, *, with_bond: bool) -> None:
    keys, clock = MemoryKeyStore(), asyncio.get_running_loop().time
    async with bench(path) as there:
        if with_bond:
            async with bonded_console(there, keys):
                pass
            await until(lambda: not there.roller.connected)
            there.roller.press_button(2.5)
        async with strangers(there.air, lambda: there.roller.air_address, *[MANNERS["holds"]] * number):
            await asyncio.sleep(2.0)
            began_s = clock()
            async with bonded_console(there, MemoryKeyStore(), "C4:11:22:33:99:99") as console:
                assert clock() - began_s < 5.0
                assert (await console.status()).state is State.IDLE
                await asyncio.sleep(PAIRING_S)
                assert there.roller.connected, "and it stays"


@pytest.mark.parametrize("with_bond", [False, True], ids=["first", "another"])
@pytest.mark.parametrize("number", [1, 2])
def test_a_new_host_pairs_in_an_open_window_beside_strangers(number: int, with_bond: bool, tmp_path: Path) -> None:
    _new_host(tmp_path, number, with_bond=with_bond)


@in_virtual_time
async def test_no_stranger_disturbs_a_massage(tmp_path: Path) -> None:
    async with bench(tmp_path) as there, bonded_console(there) as console:
        await start(console)
        await until_driven(console)
        async with strangers(there.air, lambda: there.roller.air_address, MANNERS["comes and goes, ever new"]) as seen:
            for _ in range(20):
                assert (await console.ask(Opcode.HEARTBEAT)).head.state is State.RUNNING
                await asyncio.sleep(0.2)
        assert not seen.made_s, "while a bonded host is there, nobody else is let in"

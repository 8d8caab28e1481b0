"""Every way of pairing works, and every way in which it fails leaves neither a bond nor anything else."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from bleak.exc import BleakError
from bumble.keys import PairingKeys

from glowsim.firmware.retained.bonds import MAX_BONDS
from glowsim.scene.scenario import Scenario
from glowtool.drivers.gr1.advertisement import SIGNS
from glowtool.errors import (
    AlreadyPairedError,
    BondsFullError,
    ConnectionLostError,
    NotPairedError,
    PairingCancelledError,
    PairingTimeoutError,
    PairingWindowClosedError,
    PasskeyWrongError,
    WeakPairingError,
)
from glowtool.link.pairing import PairingAnswers, PairingMethod
from glowtool.protocol import gatt
from radio.acts import Pondering, bond, declining, found, heard, opened, works
from support.air.rollers import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from bleak import BleakClient

    from radio.stacks.held_roller import HeldRoller
    from radio.stacks.stack import Stack

COMPARISON = Scenario.model_validate({"device": {"display": "comparison"}})
NO_DISPLAY = Scenario.model_validate({"device": {"display": "none"}})

PAIR_S = 20.0


async def nothing_kept(stack: Stack, held: HeldRoller) -> None:
    """Fail unless the pairing left nothing: no bond on either side, no connection, no agent, no scan."""
    await stack.no_traces()
    assert await stack.host_bonds() == []
    assert held.roller.bonds.addresses == []
    assert not await stack.adapter().bonded(held.address)


async def test_the_right_passkey(stack: Stack) -> None:
    async with stack.roller() as held:
        assert await bond(stack, held) is PairingMethod.PASSKEY
        await stack.no_traces()
        assert await stack.adapter().bonded(held.address)
        assert await stack.host_bonds() == [held.address]
        assert held.roller.bonds.count == 1
        await works(stack.adapter(), held)
    await stack.no_traces()


async def test_a_wrong_passkey_and_then_the_right_one(stack: Stack) -> None:
    async with stack.roller() as held:
        device = await heard(stack.adapter(), held)
        with pytest.raises(PasskeyWrongError):
            await stack.adapter().pair(device, held.wrong_answers(), timeout_s=PAIR_S)
        await nothing_kept(stack, held)
        assert await bond(stack, held) is PairingMethod.PASSKEY
    await stack.no_traces()


async def test_the_person_cancels(stack: Stack) -> None:
    async with stack.roller() as held:
        device = await heard(stack.adapter(), held)
        with pytest.raises(PairingCancelledError, match="not now"):
            await stack.adapter().pair(device, declining(held.answers()), timeout_s=PAIR_S)
        await nothing_kept(stack, held)


async def test_nobody_answers_in_time(stack: Stack) -> None:
    person = Pondering()
    async with stack.roller() as held:
        device = await heard(stack.adapter(), held)
        with pytest.raises(PairingTimeoutError):
            await stack.adapter().pair(device, person.answers, timeout_s=3)
        assert person.asked.is_set()
        await person.let_go.wait()
        await nothing_kept(stack, held)


async def test_the_command_is_interrupted_while_it_asks(stack: Stack) -> None:
    person = Pondering()
    async with stack.roller() as held:
        device = await heard(stack.adapter(), held)
        pairing = asyncio.create_task(stack.adapter().pair(device, person.answers, timeout_s=PAIR_S))
        await person.asked.wait()
        pairing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await pairing
        await person.let_go.wait()
        await nothing_kept(stack, held)


async def test_the_link_is_lost_while_the_person_types(stack: Stack) -> None:
    person = Pondering()
    async with stack.roller() as held:
        device = await heard(stack.adapter(), held)
        pairing = asyncio.create_task(stack.adapter().pair(device, person.answers, timeout_s=PAIR_S))
        await person.asked.wait()
        held.cut()
        with pytest.raises(ConnectionLostError):
            await pairing
        await person.let_go.wait()
        await nothing_kept(stack, held)


async def test_the_roller_is_switched_off_while_the_person_types(stack: Stack) -> None:
    person = Pondering()
    async with stack.roller() as held:
        device = await heard(stack.adapter(), held)
        pairing = asyncio.create_task(stack.adapter().pair(device, person.answers, timeout_s=PAIR_S))
        await person.asked.wait()
        await held.switch_off()
        with pytest.raises(ConnectionLostError):
            await pairing
        await person.let_go.wait()
        await stack.no_traces()
        assert await stack.host_bonds() == []


async def test_the_window_is_closed(stack: Stack) -> None:
    async with stack.roller() as held, stack.second_host() as other:
        # A roller with a bond opens its window only for who holds its button.
        await other.pair(await found(other, held), held.answers())
        device = await heard(stack.adapter(), held)
        with pytest.raises(PairingWindowClosedError, match="button"):
            await stack.adapter().pair(device, held.answers(), timeout_s=PAIR_S)
        await stack.no_traces()
        assert await stack.host_bonds() == []
        held.open_window()
        await bond(stack, held)
        assert held.roller.bonds.count == 2
    await stack.no_traces()


async def test_the_roller_has_no_room_for_another_bond(stack: Stack) -> None:
    async with stack.roller() as held:
        for number in range(MAX_BONDS):
            key = PairingKeys.Key(bytes((number + 1,)) * 16, authenticated=True)
            await held.roller.bonds.update(f"C0:00:00:00:00:{number:02X}", PairingKeys(ltk=key))
        held.open_window()
        device = await heard(stack.adapter(), held)
        with pytest.raises(BondsFullError, match="forget"):
            await stack.adapter().pair(device, held.answers(), signs=SIGNS, timeout_s=PAIR_S)
        await stack.no_traces()
        assert await stack.host_bonds() == []
        held.roller.bonds.drop("C0:00:00:00:00:00")
        held.open_window()
        await bond(stack, held)
    await stack.no_traces()


async def test_who_is_paired_is_not_paired_again(stack: Stack) -> None:
    async with stack.roller() as held:
        await bond(stack, held)
        held.open_window()
        with pytest.raises(AlreadyPairedError, match="--repair"):
            await stack.adapter().pair(await found(stack.adapter(), held), held.answers(), timeout_s=PAIR_S)
        await stack.no_traces()
        await works(stack.adapter(), held)
    await stack.no_traces()


async def compared(stack: Stack, held: HeldRoller, *, here: bool, there: bool) -> tuple[list[int], PairingMethod]:
    """Pair by comparison; the person finds the numbers the same, or not, `here` and, with the button, `there`."""
    shown: list[int] = []

    async def compare(number: int) -> bool:
        shown.append(number)
        await until(lambda: any(f"{number:06d}" in line.replace(" ", "") for line in held.display), 5)
        if here:
            # Only then: who says no here ends it for both.
            held.roller.confirm(same=there)
        return here

    answers = replace(held.answers(), compare=compare)
    device = await heard(stack.adapter(), held)
    return shown, await stack.adapter().pair(device, answers, timeout_s=PAIR_S)


async def test_numbers_that_are_the_same(stack: Stack) -> None:
    async with stack.roller(scenario=COMPARISON) as held:
        shown, method = await compared(stack, held, here=True, there=True)
        assert method is PairingMethod.COMPARISON
        assert len(shown) == 1
        await stack.no_traces()
        await works(stack.adapter(), held)
    await stack.no_traces()


@pytest.mark.parametrize(("here", "there"), [(False, True), (True, False)], ids=["at the host", "at the roller"])
async def test_numbers_that_are_not_the_same(stack: Stack, here: bool, there: bool) -> None:
    async with stack.roller(scenario=COMPARISON) as held:
        with pytest.raises(PairingCancelledError):
            await compared(stack, held, here=here, there=there)
        await nothing_kept(stack, held)


def just_works(answer: bool) -> PairingAnswers:
    """Return the answers of a person who accepts a pairing without a check, or does not."""

    async def consent() -> bool:
        return answer

    async def passkey() -> int:
        raise AssertionError("nobody asks for a passkey")

    async def compare(_number: int) -> bool:
        raise AssertionError("there is nothing to compare")

    return PairingAnswers(passkey, compare, consent)


async def test_just_works_where_the_roller_has_no_display(stack: Stack) -> None:
    async with stack.roller(scenario=NO_DISPLAY) as held:
        device = await heard(stack.adapter(), held)
        method = await stack.adapter().pair(device, just_works(answer=True), timeout_s=PAIR_S)
        assert method is PairingMethod.JUST_WORKS
        await stack.no_traces()
        await works(stack.adapter(), held)
    await stack.no_traces()


@pytest.mark.parametrize(
    "answers", [lambda _: just_works(answer=False), lambda held: held.answers()], ids=["no", "never"]
)
async def test_just_works_that_is_refused(stack: Stack, answers: Callable[[HeldRoller], PairingAnswers]) -> None:
    """By the person, or because the roller is one that announces a display."""
    async with stack.roller(scenario=NO_DISPLAY) as held:
        device = await heard(stack.adapter(), held)
        with pytest.raises(WeakPairingError):
            await stack.adapter().pair(device, answers(held), timeout_s=PAIR_S)
        await stack.no_traces()
        assert await stack.host_bonds() == []


async def write_without_a_bond(client: BleakClient) -> None:
    # BlueZ asks for a bond by itself, sometimes before anybody writes: then already this is refused.
    await client.connect()
    await client.write_gatt_char(gatt.CONTROL_POINT.uuid, b"\x00\x00", response=True)


async def test_commands_need_a_bond(stack: Stack) -> None:
    """An encrypted write is refused before, and taken after; connecting alone never pairs."""
    async with stack.roller() as held:
        with pytest.raises(NotPairedError, match="glowtool pair"):
            async with opened(stack.adapter(), held):
                pass
        device = await found(stack.adapter(), held)
        client = stack.adapter().client(device)
        with pytest.raises(BleakError):
            await write_without_a_bond(client)
        await client.disconnect()
        await nothing_kept(stack, held)
        await bond(stack, held)
        await works(stack.adapter(), held)
    await stack.no_traces()

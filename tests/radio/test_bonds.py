"""Bonds outlive what they should, and a bond that one side has lost is noticed and made anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from glowtool.errors import BondStaleError, NotPairedError
from radio.acts import bond, found, opened, works

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from radio.stacks.held_roller import HeldRoller
    from radio.stacks.stack import Stack


async def repair(stack: Stack, held: HeldRoller) -> None:
    """Do what `glowtool pair --repair` does: drop the bond here, then pair anew."""
    await stack.adapter().forget(held.address)
    held.open_window()
    await bond(stack, held)
    assert await stack.host_bonds() == [held.address]
    await works(stack.adapter(), held)


async def test_a_bond_survives_a_restart_of_the_hosts_stack(stack: Stack) -> None:
    async with stack.roller() as held:
        await bond(stack, held)
        await stack.restart_host()
        assert await stack.adapter().bonded(held.address)
        await works(stack.adapter(), held)
    await stack.no_traces()


async def test_a_bond_survives_a_restart_of_the_roller(stack: Stack) -> None:
    async with stack.roller() as held:
        await bond(stack, held)
        await stack.no_traces()
        await held.restart()
        await works(stack.adapter(), held)
    await stack.no_traces()


async def lose(held: HeldRoller) -> None:
    """Let the roller lose its half of the bond."""
    held.forget_bonds()


async def have_another_key(held: HeldRoller) -> None:
    """Let the roller keep another key than the host, as when one side was put back to an older state."""
    ((name, keys),) = await held.roller.bonds.get_all()
    assert keys.ltk is not None
    keys.ltk.value = bytes(reversed(keys.ltk.value))
    await held.roller.bonds.update(name, keys)


@pytest.mark.parametrize("befalls", [lose, have_another_key], ids=["lost", "another key"])
async def test_a_bond_that_the_roller_does_not_accept(
    stack: Stack, befalls: Callable[[HeldRoller], Awaitable[None]]
) -> None:
    async with stack.roller() as held:
        await bond(stack, held)
        await stack.no_traces()
        await befalls(held)
        with pytest.raises(BondStaleError, match="glowtool pair --repair"):
            async with opened(stack.adapter(), held):
                pass
        await stack.no_traces()
        await repair(stack, held)
    await stack.no_traces()


async def test_a_bond_that_the_host_has_lost(stack: Stack) -> None:
    async with stack.roller() as held:
        await bond(stack, held)
        await stack.adapter().forget(held.address)
        assert not await stack.adapter().bonded(held.address)
        with pytest.raises(NotPairedError, match="glowtool pair"):
            async with opened(stack.adapter(), held):
                pass
        await stack.no_traces()
        await repair(stack, held)
        assert held.roller.bonds.count == 1, "the new bond takes the place of the old one"
    await stack.no_traces()


async def test_another_roller_answers_under_the_address(stack: Stack) -> None:
    """As after a factory reset, or when another device pretends to be the roller: the identity has changed."""
    async with stack.roller() as held:
        await bond(stack, held)
        address = held.address
    async with stack.roller("impostor") as impostor:
        assert impostor.address == address
        with pytest.raises(BondStaleError, match="glowtool pair --repair"):
            async with opened(stack.adapter(), impostor):
                pass
        await stack.no_traces()
        assert impostor.roller.bonds.addresses == [], "nobody is paired behind the person's back"
        await repair(stack, impostor)
    await stack.no_traces()


async def test_forgetting_leaves_nothing_on_the_host(stack: Stack) -> None:
    async with stack.roller() as held:
        await bond(stack, held)
        await stack.adapter().forget(held.address)
        await stack.adapter().forget(held.address)
        assert await stack.host_bonds() == []
        assert (await found(stack.adapter(), held)).address == held.address
    await stack.no_traces()

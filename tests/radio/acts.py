"""Acts that the cases of the suite share, in terms of glowtool's own interface and of nothing below it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from glowtool.drivers.gr1.roller import Roller
from glowtool.errors import PairingCancelledError
from glowtool.link.backoff import CONNECTING, ONCE
from glowtool.link.pairing import PairingAnswers
from glowtool.link.scan import find_device
from glowtool.safety.gate import Gate

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bleak.backends.device import BLEDevice

    from glowtool.link.adapter import Adapter
    from glowtool.link.backoff import Backoff
    from glowtool.link.pairing import PairingMethod
    from radio.stacks.held_roller import HeldRoller
    from radio.stacks.stack import Stack

FIND_S = 5.0


async def found(adapter: Adapter, held: HeldRoller) -> BLEDevice:
    """Return the roller as the adapter hears it now."""
    return await find_device(adapter, held.address, FIND_S)


async def heard(adapter: Adapter, held: HeldRoller) -> BLEDevice:
    """Return a roller by the name that it advertises: before it is paired, that may be all there is to know it by."""
    return await find_device(adapter, held.name, FIND_S)


async def bond(stack: Stack, held: HeldRoller) -> PairingMethod:
    """Pair the host with a roller, as a person does who does everything right."""
    return await stack.adapter().pair(await heard(stack.adapter(), held), held.answers())


@asynccontextmanager
async def opened(adapter: Adapter, held: HeldRoller, patience: Backoff = ONCE) -> AsyncIterator[Roller]:
    """Find a roller, connect, and have it ready for the time of the block."""
    device = await found(adapter, held)
    async with Roller.open(lambda lost: adapter.client(device, lost), Gate(), patience=patience) as roller:
        yield roller


async def works(adapter: Adapter, held: HeldRoller, patience: Backoff = CONNECTING) -> None:
    """Fail unless commands are taken, which wants an encrypted link and a bond of both sides."""
    async with opened(adapter, held, patience) as roller:
        assert roller.identity.serial
        await roller.heartbeat()


def declining(answers: PairingAnswers) -> PairingAnswers:
    """Return the answers of a person who changes their mind when asked."""

    async def passkey() -> int:
        raise PairingCancelledError("not now")

    return replace(answers, passkey=passkey)


class Pondering:
    """A person who is asked and does not answer; `asked` is set then, `let_go` once nothing waits any more."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.let_go = asyncio.Event()

    @property
    def answers(self) -> PairingAnswers:
        return PairingAnswers(passkey=self._passkey, compare=self._compare)

    async def _passkey(self) -> int:
        return await self._never()

    async def _compare(self, _number: int) -> bool:
        return bool(await self._never())

    async def _never(self) -> int:
        never: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.asked.set()
        try:
            return await never
        finally:
            self.let_go.set()

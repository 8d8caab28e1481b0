"""A peer that pairs through the small bus, and the answers to its questions."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from dbus_fast import MessageType

from glowtool.link.bluez.bond.pairing import pair_device
from glowtool.link.pairing import PairingAnswers, PairingMethod
from support.air.people import yes
from support.air.small_bus import ADDRESS, DEVICE_PATH, PairOutcome, SmallBus

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

PASSKEY = 12_345
FAILED = ("org.bluez.Error.AuthenticationFailed", "Authentication Failed")
CANCELED = ("org.bluez.Error.AuthenticationCanceled", "Authentication Canceled")


async def passkey_asked(bus: SmallBus) -> PairOutcome:
    """Ask for the passkey, as for a peer with a display."""
    reply = await bus.ask("RequestPasskey", DEVICE_PATH)
    return succeed(bus) if reply.body == [PASSKEY] else FAILED


async def comparison_asked(bus: SmallBus) -> PairOutcome:
    reply = await bus.ask("RequestConfirmation", DEVICE_PATH, 42)
    return succeed(bus) if reply.message_type is MessageType.METHOD_RETURN else FAILED


async def nothing_asked(bus: SmallBus) -> PairOutcome:
    return succeed(bus)


def succeed(bus: SmallBus) -> PairOutcome:
    bus.devices[DEVICE_PATH].update(Paired=True, Bonded=True, Connected=True)
    return None


async def right() -> int:
    return PASSKEY


def answers(
    passkey: Callable[[], Awaitable[int]] = right,
    compare: Callable[[int], Awaitable[bool]] = yes,
    just_works: Callable[[], Awaitable[bool]] | None = None,
) -> PairingAnswers:
    return PairingAnswers(passkey, compare, just_works)


async def pair(of: PairingAnswers | None = None, timeout_s: float = 5.0) -> PairingMethod:
    return await pair_device(DEVICE_PATH, ADDRESS, of or answers(), timeout_s)


async def settled(bus: SmallBus) -> None:
    """Wait until the bus has noticed that its host has gone."""
    async with asyncio.timeout(5):
        while bus.agents:  # noqa: ASYNC110 - the bus has no events, and this takes a turn or two
            await asyncio.sleep(0)


async def unanswered(bus: SmallBus) -> PairOutcome:
    await bus.ask("RequestPasskey", DEVICE_PATH)
    raise AssertionError("there was a reply")

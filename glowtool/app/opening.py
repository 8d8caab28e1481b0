"""Opening a roller, in one place: held, found, its gates with the person's ceilings, and the note that it was seen."""

from __future__ import annotations

from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from glowtool.app.adapters import adapter_of
from glowtool.app.finding import find_known
from glowtool.app.hold.holding import holding
from glowtool.app.news import untold
from glowtool.device.gated_driver import gated
from glowtool.drivers.gr1.examination import examine
from glowtool.drivers.gr1.roller import Roller
from glowtool.drivers.kinds import kind_for
from glowtool.errors import GlowtoolError
from glowtool.link.backoff import CONNECTING
from glowtool.safety import Gate

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from contextlib import AbstractAsyncContextManager

    from bleak.backends.device import BLEDevice

    from glowtool.app.hold.holding import Held
    from glowtool.app.news import Tell
    from glowtool.app.place import Place
    from glowtool.device.driver import OpenDriver
    from glowtool.drivers.gr1.examination import Examination
    from glowtool.link.adapter import Adapter
    from glowtool.safety.limits import PersonalMax
    from glowtool.store.rollers.known import KnownRoller


def gate_of(personal: PersonalMax | None = None) -> Gate:
    """Return a gate for one device: every order goes through it. `personal` lowers ceilings, None lowers none."""
    return Gate(personal=personal)


def driver_opener(
    adapter: Adapter, device: BLEDevice, model: str = "", personal: PersonalMax | None = None
) -> OpenDriver:
    """Return what opens the driver of a device for a session: connected in bounds, every order through a gate.

    `model` is the model number, empty where it is not known. Whatever its driver does with the gate that it is given
    for the device's wire, another gate stands before the driver.
    """
    opener = kind_for(model).opener(lambda lost: adapter.client(device, lost), gate_of(personal), CONNECTING)
    return gated(opener, gate_of(personal))


def open_roller(
    adapter: Adapter,
    device: BLEDevice,
    held: Held | None = None,
    tell: Tell = untold,
    *,
    personal: PersonalMax | None = None,
) -> AbstractAsyncContextManager[Roller]:
    """Return the context of a connected roller; every command goes through the gate, and `held` is told of it."""
    opening = Roller.open(lambda lost: adapter.client(device, lost), gate_of(personal), patience=CONNECTING, tell=tell)
    return opening if held is None else _noted(opening, held, adapter)


@asynccontextmanager
async def _noted(opening: AbstractAsyncContextManager[Roller], held: Held, adapter: Adapter) -> AsyncIterator[Roller]:
    level = await adapter.bond_level(held.address)
    held.require_bond(level)
    async with opening as roller:
        held.seen(roller.identity, roller.battery_percent, level)
        try:
            yield roller
        finally:
            if held.asked:
                with suppress(GlowtoolError):  # then zero is not confirmed, and the caller deals with that
                    await roller.stop()
                    held.zero(None)


@asynccontextmanager
async def opened(
    place: Place, known: KnownRoller, command: str, tell: Tell = untold, *, personal: PersonalMax | None = None
) -> AsyncIterator[Roller]:
    """Hold a known roller, find it, and open it, for the time of the block; others see `command` as its user.

    Raises `InUseError`, and the errors of `find_known` and `Roller.open`.
    """
    async with holding(place, known.address, command, tell) as held, adapter_of(place, tell) as adapter:
        device = await find_known(adapter, known)
        async with open_roller(adapter, device, held, tell, personal=personal) as roller:
            yield roller


async def examined(adapter: Adapter, device: BLEDevice) -> Examination:
    """Examine a roller without changing anything; raises the errors of `examine`."""
    return await examine(lambda lost: adapter.client(device, lost), gate_of())

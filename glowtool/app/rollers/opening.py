"""Opening a device, in one place: held, found, its gates with the person's ceilings, and the note that it was seen."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from typing import TYPE_CHECKING, TypeVar

from glowtool.app.hold.holding import holding
from glowtool.app.ledger.auditing import auditing
from glowtool.app.ledger.unfetched import learn
from glowtool.app.news import untold
from glowtool.app.people.buttons import keep_button_within
from glowtool.app.people.who import bounds_at_hand, id_at_hand
from glowtool.app.rollers.adapters import adapter_of
from glowtool.app.rollers.finding import find_known
from glowtool.app.rollers.sighting import kind_of
from glowtool.device.calendar import steady_clock_us
from glowtool.device.gated_driver import gated
from glowtool.drivers.gr1.examination import examine
from glowtool.drivers.gr1.roller import Roller
from glowtool.drivers.kinds import GR1, unusable
from glowtool.errors import GlowtoolError, MissingExtraError, NotOfferedError
from glowtool.link.backoff import CONNECTING
from glowtool.safety import Gate
from glowtool.safety.bounds import NO_OUTPUT
from glowtool.safety.witness import WitnessedGate

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from contextlib import AbstractAsyncContextManager

    from bleak.backends.device import BLEDevice

    from glowtool.app.hold.holding import Held
    from glowtool.app.measuring.capturing import Capture
    from glowtool.app.news import Tell
    from glowtool.app.place import Place
    from glowtool.device.attempts import Attempt
    from glowtool.device.driver import Driver, OpenDriver
    from glowtool.drivers.gr1.examination import Examination
    from glowtool.drivers.kinds import DriverKind
    from glowtool.link.adapter import Adapter
    from glowtool.link.client import ClientFactory, GattClient, LostCallback
    from glowtool.safety.limits import PersonalMax
    from glowtool.safety.witness import Begin, Witness
    from glowtool.store.rollers.known import KnownRoller


D = TypeVar("D", bound="Driver")


def gate_of(personal: PersonalMax, witness: Witness | None = None, begin: Begin | None = None) -> Gate:
    """Return a gate for one device: every order goes through it, and nothing passes these bounds."""
    return Gate(personal=personal) if witness is None else WitnessedGate(witness, personal=personal, begin=begin)


def driver_opener(
    adapter: Adapter,
    device: BLEDevice,
    kind: DriverKind,
    personal: PersonalMax,
    witness: Witness | None = None,
    *,
    capture: Capture | None = None,
) -> OpenDriver:
    """Return what opens the driver of a device of that kind, every order through a gate with a person's bounds.

    Whatever its driver does with the gate that it is given for the device's wire, another one stands before the driver;
    `witness` hears what that one judges, and `capture` what the device says and hears. Raises `MissingExtraError` when
    a driver of another maker fails already there.
    """
    with _naming(kind):
        opener = kind.opener(_clients(adapter, device, capture), gate_of(personal), CONNECTING)
    return gated(opener if kind is GR1 else _translated(kind, opener), gate_of(personal, witness))


def _clients(adapter: Adapter, device: BLEDevice, capture: Capture | None) -> ClientFactory:
    def client_for(lost: LostCallback) -> GattClient:
        return adapter.client(device, lost)

    return client_for if capture is None else capture.beside(client_for)


@contextmanager
def _naming(kind: DriverKind) -> Iterator[None]:
    """Have a failure of another maker's code, which may be of any kind, name the driver."""
    try:
        yield
    except GlowtoolError:
        raise
    except Exception as error:
        raise unusable(kind.name, "open its device", error) from error


def _translated(kind: DriverKind, open_driver: OpenDriver) -> OpenDriver:
    """Return the same opener, of another maker's driver, with its failures as errors that name the driver."""

    @asynccontextmanager
    async def opened(host_clock_us: Callable[[], int], tell: Callable[[Attempt], None]) -> AsyncIterator[Driver]:
        async with AsyncExitStack() as stack:
            with _naming(kind):
                driver = await stack.enter_async_context(open_driver(host_clock_us, tell))
            yield driver

    return opened


def errand_opener(adapter: Adapter, device: BLEDevice, kind: DriverKind, capture: Capture | None = None) -> OpenDriver:
    """Return what opens the driver of a device through which no output passes, whoever is at the roller."""
    return driver_opener(adapter, device, kind, NO_OUTPUT, capture=capture)


def open_device(
    adapter: Adapter,
    device: BLEDevice,
    kind: DriverKind,
    held: Held | None = None,
    tell: Tell = untold,
) -> AbstractAsyncContextManager[Driver]:
    """Return the context of a connected device of any kind, for an errand: no output passes; `held` is told of it."""
    opening = errand_opener(adapter, device, kind)(steady_clock_us(), tell)
    return opening if held is None else _noted(opening, held, adapter)


def open_roller(
    adapter: Adapter,
    device: BLEDevice,
    held: Held | None = None,
    tell: Tell = untold,
    *,
    personal: PersonalMax = NO_OUTPUT,
    witness: Witness | None = None,
    begin: Begin | None = None,
) -> AbstractAsyncContextManager[Roller]:
    """Return the context of a connected GR-1; every command goes through the gate, and `held` is told of it.

    `personal` are the bounds of whoever is massaged; without them no output passes. `witness` hears what is judged, and
    `begin` which program is about to be started.
    """
    gate = gate_of(personal, witness, begin)
    opening = Roller.open(
        lambda lost: adapter.client(device, lost), gate, steady_clock_us(), patience=CONNECTING, tell=tell
    )
    return opening if held is None else _noted(opening, held, adapter)


@asynccontextmanager
async def _noted(opening: AbstractAsyncContextManager[D], held: Held, adapter: Adapter) -> AsyncIterator[D]:
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
async def opened_device(place: Place, known: KnownRoller, command: str, tell: Tell = untold) -> AsyncIterator[Driver]:
    """Hold a known device of any kind, find it, and open it, for the time of the block.

    Others see `command` as its user. Raises `InUseError`, and the errors of `find_known` and of its driver.
    """
    async with (
        holding(place, known.address, command, tell) as held,
        adapter_of(place, tell) as adapter,
        reached_device(place, known, held, adapter, tell) as driver,
    ):
        yield driver


@asynccontextmanager
async def reached_device(
    place: Place, known: KnownRoller, held: Held, adapter: Adapter, tell: Tell = untold
) -> AsyncIterator[Driver]:
    """Find a device that is held, and open it for the time of the block; it can be done again when it is lost."""
    bounds = await asyncio.to_thread(bounds_at_hand, place)
    heard = await find_known(adapter, known)
    async with open_device(adapter, heard.device, heard.kind, held, tell) as driver:
        await keep_button_within(place, driver.archive, bounds, tell)
        yield driver


@asynccontextmanager
async def opened(
    place: Place,
    known: KnownRoller,
    command: str,
    tell: Tell = untold,
    *,
    personal: PersonalMax = NO_OUTPUT,
    begin: Begin | None = None,
) -> AsyncIterator[Roller]:
    """Hold a known GR-1, find it, and open it, for the time of the block; others see `command` as its user.

    `personal` are the bounds of whoever is massaged; without them no output passes. What the gate judges is in the
    audit, and `begin` hears which program is about to be started.
    Raises `NotOfferedError` for a device of another maker, `InUseError`, and the errors of `find_known` and
    `Roller.open`.
    """
    require_ours(known, command)
    bounds = await asyncio.to_thread(bounds_at_hand, place)
    async with (
        holding(place, known.address, command, tell) as held,
        auditing(place, id_at_hand(place), known, tell) as auditor,
        adapter_of(place, tell) as adapter,
    ):
        heard = await find_known(adapter, known)
        witness = auditor.witness
        async with open_roller(
            adapter, heard.device, held, tell, personal=personal, witness=witness, begin=begin
        ) as roller:
            await keep_button_within(place, roller.archive, bounds, tell)
            await learn(place, known, roller.identity.serial, roller.archive, tell)
            yield roller


async def examined(adapter: Adapter, device: BLEDevice, known: KnownRoller) -> Examination:
    """Examine a GR-1 without changing anything; raises `NotOfferedError` and the errors of `examine`."""
    require_ours(known, "doctor")
    return await examine(lambda lost: adapter.client(device, lost), gate_of(NO_OUTPUT))


def require_ours(known: KnownRoller, command: str) -> None:
    """Raise `NotOfferedError` for a known device of another maker: `command` speaks to a GR-1 in its own language.

    While a package's driver cannot be loaded, a model that no other knows may be either; `find_known` then tells.
    """
    try:
        kind = kind_of(known)
    except MissingExtraError:
        return
    if kind is not GR1:
        model = f", a {known.model}," if known.model else ""
        raise NotOfferedError(
            f"{known.spoken}{model} is driven by the driver {kind.name!r}, which does not offer {command!r}; "
            "only a GR-1 does, so nothing was sent"
        )

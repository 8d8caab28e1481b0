"""A free recording: hold and find the roller, read it without running anything, note its outcome."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.app.hold.holding import holding
from glowtool.app.ledger.unfetched import learn
from glowtool.app.news import Looking, untold
from glowtool.app.people.buttons import keep_button_within
from glowtool.app.people.who import bounds_at_hand, id_at_hand
from glowtool.app.place import make_private_dir
from glowtool.app.rollers.adapters import adapter_of
from glowtool.app.rollers.finding import find_known
from glowtool.app.rollers.opening import errand_opener
from glowtool.model.channel import DEFAULT_RATE_HZ
from glowtool.session.listening.plan import ListeningPlan, unheard
from glowtool.session.listening.recording import FreeRecording

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from glowtool.app.measuring.capturing import Capture
    from glowtool.app.news import Tell
    from glowtool.app.place import Place
    from glowtool.device.attempts import Attempt
    from glowtool.device.driver import Driver, OpenDriver
    from glowtool.safety.limits import PersonalMax
    from glowtool.session.listening.plan import Publish, Recorded
    from glowtool.store.rollers.known import KnownRoller

#: A recording of more than a day is a mistake in typing.
LONGEST_S: Final = 24 * 60 * 60.0


@dataclass(frozen=True, slots=True)
class Wish:
    """How to record: for how long (None: until a stop), at which rate; `keep` False: nothing is kept.

    `capture` takes a copy of what the roller says and hears.
    """

    keep: bool = True
    duration_s: float | None = None
    rate_hz: int = DEFAULT_RATE_HZ
    capture: Capture | None = None


async def record(
    place: Place, known: KnownRoller, wish: Wish, publish: Publish = unheard, tell: Tell = untold
) -> Recorded:
    """Record a known roller and return how that ended; `publish` hears the readings, `tell` the way to them.

    No output can pass: the recording has no way to ask for one, and the gates let none through. Raises `InUseError`,
    `StoreError`, and the errors of `find_known` and `FreeRecording.run`.
    """
    bounds = await asyncio.to_thread(bounds_at_hand, place)
    command = "record" if wish.keep else "meter"
    async with holding(place, known.address, command, tell) as held, adapter_of(place, tell) as adapter:
        tell(Looking(adapter.name, known.spoken))
        heard = await find_known(adapter, known)
        level = await adapter.bond_level(known.address)
        held.require_bond(level)
        opener = errand_opener(adapter, heard.device, heard.kind, wish.capture)
        plan = ListeningPlan(
            open_driver=_looked_after(opener, place, known, bounds, tell),
            device_name=known.name,
            address=known.address,
            logs_dir=make_private_dir(place.logs_dir) if wish.keep else None,
            rate_hz=wish.rate_hz,
            duration_s=wish.duration_s,
            person=id_at_hand(place) or None,
        )
        recording = FreeRecording(plan)
        with held.stopping_by(recording.request_stop):
            result = await recording.run(publish)
        held.zero(None, confirmed=result.confirmed)
        held.seen(result.identity, result.battery_percent, level)
        return result


def _looked_after(
    open_driver: OpenDriver, place: Place, known: KnownRoller, bounds: PersonalMax | None, tell: Tell
) -> OpenDriver:
    """Return the opener of the same device, whose button and whose own massages are looked after once it is open."""

    @asynccontextmanager
    async def opened(host_clock_us: Callable[[], int], publish: Callable[[Attempt], None]) -> AsyncIterator[Driver]:
        async with open_driver(host_clock_us, publish) as driver:
            await keep_button_within(place, driver.archive, bounds, tell)
            await learn(place, known, driver.identity.serial, driver.archive, tell)
            yield driver

    return opened

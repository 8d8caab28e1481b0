"""The library's interface under `import glowtool`: the use cases in short form, for one roller and one person."""

from __future__ import annotations

from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from glowtool.app import pairing, running
from glowtool.app.asks import Nobody
from glowtool.app.ledger.direct import Direct, followed
from glowtool.app.logs.found import resolve
from glowtool.app.news import untold
from glowtool.app.people.who import bounds_here, id_at_hand
from glowtool.app.rollers.finding import hear, known_roller
from glowtool.app.rollers.opening import opened, require_ours
from glowtool.app.rollers.sighting import Sighting
from glowtool.errors import LinkError
from glowtool.model.channel import DEFAULT_RATE_HZ
from glowtool.session.decide.resumption import OnLoss
from glowtool.store.ledger.book import NOBODY
from glowtool.store.logs.catalogue import LAST
from glowtool.store.logs.log import SessionLog
from glowtool.store.logs.replay import arrivals_of, settings_of
from glowtool.store.routines.load import load_routine
from glowtool.stream.pipeline import Pipeline, PipelineSettings

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Iterator
    from contextlib import AbstractAsyncContextManager

    from glowtool.app.asks import Asks
    from glowtool.app.news import Publish, Tell
    from glowtool.app.place import Place
    from glowtool.app.rollers.sighting import Other
    from glowtool.drivers.gr1.roller import Roller
    from glowtool.routine.models import Routine
    from glowtool.safety.limits import PersonalMax
    from glowtool.session.plan import SessionResult
    from glowtool.store.rollers.known import KnownRoller
    from glowtool.stream.pipeline import Portion

_COMMAND = "a program"


async def find(place: Place, timeout_s: float = 5.0, tell: Tell = untold) -> list[Sighting]:
    """Listen for `timeout_s` and return the rollers that were heard, the strongest first; raises `AdapterError`."""
    heard: dict[str, Sighting] = {}

    def take(address: str, sighting: Sighting | Other) -> None:
        if isinstance(sighting, Sighting):
            heard[address] = sighting

    await hear(place, timeout_s, take, tell)
    return sorted(heard.values(), key=lambda sighting: -sighting.rssi_dbm)


async def pair(
    place: Place,
    asks: Asks = Nobody(),  # noqa: B008 - frozen
    device: str | None = None,
    *,
    alias: str | None = None,
    repair: bool = False,
    tell: Tell = untold,
) -> KnownRoller:
    """Pair with a roller, and return it as known from then on; `asks` answers with the passkey on its display.

    `device` is its name or address; None means the only one nearby. `repair` replaces an existing bond. Raises
    `DeviceNotFoundError`, `PairingError` and `BondStaleError`.
    """
    wish = pairing.Wish(device, alias=alias, repair=repair)
    return (await pairing.pair(place, asks, wish, tell)).known


def known(place: Place, device: str | None = None) -> KnownRoller:
    """Return a paired roller by name or address, or the only one for None; raises `DeviceNotFoundError`."""
    return known_roller(place, device)


def open_roller(
    place: Place, device: str | None = None, tell: Tell = untold, *, personal: PersonalMax | None = None
) -> AbstractAsyncContextManager[Roller]:
    """Return the context of a connected roller; its outputs are zero at the beginning and at the end.

    Every command to it goes through the safety gate, with the bounds of whoever is meant at the place: without a valid
    screening no output passes. `personal` lowers them. Raises `DeviceNotFoundError`, `NotOfferedError` for a device of
    another maker, and, on entering, `InUseError` while another process holds it, `NotPairedError` and `LinkError`.

    What is started counts in the ledger; a START raises `SafetyError` when the day's dose does not suffice.
    """
    meant = known_roller(place, device)
    require_ours(meant, "open_roller")
    return _accounted(place, meant, tell, bounds_here(place, personal))


@asynccontextmanager
async def _accounted(place: Place, meant: KnownRoller, tell: Tell, bounds: PersonalMax) -> AsyncIterator[Roller]:
    direct = Direct(place, id_at_hand(place) or NOBODY, meant, tell)
    async with (
        opened(place, meant, _COMMAND, tell, personal=bounds, begin=direct.begin) as roller,
        followed(direct, roller),
    ):
        yield roller


async def readings(roller: Roller, rate_hz: int = DEFAULT_RATE_HZ) -> AsyncGenerator[Portion, None]:
    """Yield a roller's measurements until the generator is closed: `samples` in kPa, mm and ohm, `strokes`, `meter`.

    Raises `ConnectionLostError` when the connection is lost, and `CommandRefusedError`.
    """
    source = roller.readings(rate_hz)
    pipeline = Pipeline(PipelineSettings(source.channels, source.rate_hz))
    await source.start()
    try:
        async for arrivals in source.arrivals():
            for arrival in arrivals:
                yield pipeline.take(arrival)
    finally:
        with suppress(LinkError):  # lost; the reader knows already
            await source.stop()


def replay(log: SessionLog) -> Iterator[Portion]:
    """Yield a log's measurements as `readings` yielded them, by the processors of this version.

    The last one holds what the end of the log settles. Raises `StoreError`. `samples` has no `host_time_us`: a log's
    own clock is in its manifest. Temperatures do not come again; they are events of the log.
    """
    pipeline = Pipeline(settings_of(log))
    for arrival in arrivals_of(log):
        yield pipeline.take(arrival)
    yield pipeline.finish()


async def run(
    place: Place,
    routine: Routine | str,
    device: str | None = None,
    *,
    on_loss: OnLoss = OnLoss.STOP,
    asks: Asks | None = None,
    publish: Publish = untold,
    personal: PersonalMax | None = None,
) -> SessionResult:
    """Run a routine (a name, a path, a text or an object) on a paired roller; return its ending and its log.

    Any ending is a result, with its `problem`. `on_loss` says what to do when a lost connection is made again; for
    `ask`, `asks` answers. 100 % is the own maximum of whoever is meant at the place; `personal` lowers it. Cancelling
    stops the roller. Errors before the first command are raised: `ScreeningError` for an output that the person may not
    get, `DeviceNotFoundError`, `InUseError`, `NotPairedError`, `RoutineError`.
    """
    loaded = load_routine(routine, place.routines_dir) if isinstance(routine, str) else routine
    return await running.run(place, known_roller(place, device), running.Wish(loaded, on_loss, asks, personal), publish)


def open_log(place: Place, session: str = LAST) -> SessionLog:
    """Open the log of a session, by its id or the beginning of one; raises `LogNotFoundError`, `StoreError`."""
    return SessionLog.open(resolve(place, session))

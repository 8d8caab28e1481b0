"""The library's interface: the use cases in short form, for one roller and one person, under `import glowtool`."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from glowtool.app import pairing, running
from glowtool.app.asks import Nobody
from glowtool.app.finding import hear, known_roller
from glowtool.app.news import untold
from glowtool.app.opening import opened
from glowtool.app.sighting import Sighting
from glowtool.errors import LinkError
from glowtool.protocol.status import DEFAULT_RATE_HZ
from glowtool.routine.load import load_routine
from glowtool.session.decide.resumption import OnLoss
from glowtool.store.catalogue import LAST, resolve
from glowtool.store.log import SessionLog
from glowtool.stream.pipeline import Pipeline, PipelineSettings

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from contextlib import AbstractAsyncContextManager

    from glowtool.app.asks import Asks
    from glowtool.app.news import Publish, Tell
    from glowtool.app.place import Place
    from glowtool.app.sighting import Other
    from glowtool.drivers.gr1.roller import Roller
    from glowtool.routine.models import Routine
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
    """Bond with a roller, and return it as it is known from then on; `asks` answers with the passkey on its display.

    `device` is its name or address, None the only one near. `repair` replaces a bond that is there. Raises
    `DeviceNotFoundError`, `PairingError` and `BondStaleError`.
    """
    wish = pairing.Wish(device, alias=alias, repair=repair)
    return (await pairing.pair(place, asks, wish, tell)).known


def known(place: Place, device: str | None = None) -> KnownRoller:
    """Return a roller that was paired, by name or address, None the only one; raises `DeviceNotFoundError`."""
    return known_roller(place, device)


def open_roller(place: Place, device: str | None = None, tell: Tell = untold) -> AbstractAsyncContextManager[Roller]:
    """Return the context of a roller that was paired, connected, with its outputs zero at both ends.

    Every command that it is given goes through the safety gate. Raises `DeviceNotFoundError` and, on entering,
    `InUseError` while another process holds it, `NotPairedError` and `LinkError`.
    """
    return opened(place, known_roller(place, device), _COMMAND, tell)


async def readings(roller: Roller, rate_hz: int = DEFAULT_RATE_HZ) -> AsyncGenerator[Portion, None]:
    """Yield what a roller measures until the generator is closed: `samples` in kPa, mm and ohm, `strokes`, `meter`.

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
        with suppress(LinkError):  # lost, and the reader has been told
            await source.stop()


async def run(
    place: Place,
    routine: Routine | str,
    device: str | None = None,
    *,
    on_loss: OnLoss = OnLoss.STOP,
    asks: Asks | None = None,
    publish: Publish = untold,
) -> SessionResult:
    """Run a routine, by name, by path or as an object, on a roller that was paired; return how it ended, and its log.

    Any ending is a result, with its `problem`. `on_loss` says what is done when a lost connection was made again, and
    `asks` is asked then. Whoever cancels it stops the roller. Raises what happens before the first command:
    `DeviceNotFoundError`, `InUseError`, `NotPairedError`, `RoutineError`.
    """
    loaded = load_routine(routine) if isinstance(routine, str) else routine
    return await running.run(place, known_roller(place, device), running.Wish(loaded, on_loss, asks), publish)


def open_log(place: Place, session: str = LAST) -> SessionLog:
    """Open the log of a session, by its id or the beginning of one; raises `LogNotFoundError`, `StoreError`."""
    return SessionLog.open(resolve(place.logs_dir, session))

"""The stop of rollers: outputs are set to zero through the glowtool that uses a roller, or by connecting to it.

A stop waits for nothing that it does not need: the modules that connect are loaded only when they are used.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from glowtool.app.hold.control import ask_to_stop
from glowtool.app.news import NotStopped, Unconfirmed, Zeroed, untold
from glowtool.errors import ConnectFailedError, GlowtoolError, InUseError, LinkError
from glowtool.kit.system.process import Signalled, is_holder, signal_holder
from glowtool.store.rollers.in_use import holder_of, holders, lock_path

if TYPE_CHECKING:
    from glowtool.app.hold.control import Stopped
    from glowtool.app.news import Tell
    from glowtool.app.place import Place
    from glowtool.store.rollers.in_use import Holder

_LOG = logging.getLogger(__name__)

#: A command that is asked to stop gets this long to report that the outputs are zero: a roller has two seconds.
ANSWER_S: Final = 4.0

#: After that, or after a signal, its process gets this long to end.
END_S: Final = 3.0

_LOOK_S: Final = 0.05

_BY_HAND: Final = "if it moves, stop it with its button"


@dataclass(frozen=True, slots=True)
class Target:
    """A roller to stop."""

    address: str
    name: str


def targets(place: Place, device: str | None = None) -> list[Target]:
    """Return the rollers to stop: `device`, else every roller in use, else the default or only one.

    The registry is loaded and opened only if no process holds the roller. Raises `DeviceNotFoundError`.
    """
    in_use = [] if device is not None else holders(place.root)
    if in_use:
        return [Target(holder.address, holder.roller or holder.address) for holder in in_use]
    from glowtool.app.rollers.finding import known_roller  # noqa: PLC0415 - as above

    known = known_roller(place, device)
    return [Target(known.address, known.spoken)]


async def stop(place: Place, wanted: list[Target], tell: Tell = untold) -> list[Zeroed]:
    """Stop all rollers, each independent of the others' delays and failures; then raise the first failure.

    Raises `InUseError` when the process that uses a roller does not answer, `LinkError` when zero is not confirmed, and
    what `tell` raised.
    """
    failures: list[Exception] = []
    stopped: list[Zeroed] = []

    async def stop_one(target: Target) -> None:
        try:
            zeroed = await _stop_one(place, target, tell)
        except Exception as error:  # noqa: BLE001 - as below; another maker's driver may fail in any way
            failures.append(error)
            if len(wanted) > 1:
                tell(NotStopped(target.name, error if isinstance(error, GlowtoolError) else _unknown(target, error)))
            return
        stopped.append(zeroed)
        tell(zeroed)

    async def stop_whatever_fails(target: Target) -> None:
        try:
            await stop_one(target)
        except Exception as error:  # noqa: BLE001 - nobody's failure may cancel the stop of another roller
            failures.append(error)

    async with asyncio.TaskGroup() as group:
        for target in wanted:
            group.create_task(stop_whatever_fails(target))
    if failures:
        raise failures[0]
    return stopped


async def _stop_one(place: Place, target: Target, tell: Tell) -> Zeroed:
    """Stop one roller; if another terminal was quicker to hold it, stop it through that one."""
    if holder_of(place.root, target.address) is None:
        try:
            return await _stop_directly(place, target, tell)
        except InUseError as error:
            _LOG.info("%s", error)
    return await _stop_held(place, target, tell)


async def _stop_held(place: Place, target: Target, tell: Tell) -> Zeroed:
    """Stop a roller through the process that holds it; connect to it if none does or nothing is confirmed."""
    holder = holder_of(place.root, target.address)
    if holder is None:
        return await _stop_directly(place, target, tell)
    answer = await _stop_through(place, target, holder)
    if answer is None or not answer.confirmed:
        tell(Unconfirmed(holder))
        return await _stop_directly(place, target, tell)
    return Zeroed(target.address, target.name, answer.stop_ms or 0.0, holder)


async def _stop_directly(place: Place, target: Target, tell: Tell) -> Zeroed:
    from glowtool.app.errands.halting import halt  # noqa: PLC0415 - a stop through another process needs none of it

    try:
        zeroed = await halt(place, target.address, target.name, tell)
    except InUseError:
        raise
    except GlowtoolError as error:
        error.advise(_BY_HAND)
        raise
    if zeroed is None:
        raise LinkError(f"{target.name} answered the stop, but says that its outputs are not zero", advice=_BY_HAND)
    return zeroed


async def _stop_through(place: Place, target: Target, holder: Holder) -> Stopped | None:
    """Ask the holder to stop; if it does not listen, send the signal that means the same. None: it just ended."""
    asked = holder.control is not None
    answer = None
    try:
        if holder.control is not None:
            answer = await ask_to_stop(holder.control, ANSWER_S, pid=holder.pid)
    except ConnectFailedError as error:
        _LOG.info("%s: %s", _spoken(holder), error)
        asked = False
    except LinkError as error:
        _LOG.info("%s: %s", _spoken(holder), error)
    if answer is not None and answer.confirmed:
        return answer
    # A holder that was asked gets no signal as well: both together would mean to leave at once, the log unfinished.
    if (asked or _signalled(place, holder)) and await _ended(place, target, holder, END_S):
        return answer
    raise InUseError(
        f"{_spoken(holder)} uses {target.name} and does not answer. A hanging glowtool cannot keep a roller running: "
        f"without its heartbeats the outputs are zero within a second",
        advice=f"{_BY_HAND}, and {_how_to_end(place, holder)}",
    )


def _how_to_end(place: Place, holder: Holder) -> str:
    """Return how to end the process that holds the roller; name it only if it does, since a note may be forged."""
    lock = lock_path(place.root, holder.address)
    if is_holder(holder.pid, lock, holder.started):
        return f"end the process (`kill -9 {holder.pid}`)"
    return (
        f"end the process that has {lock} open, if it is a glowtool: it may be another one (`fuser '{lock}'` shows it)"
    )


def _signalled(place: Place, holder: Holder) -> bool:
    """Send the signal that means Ctrl-C; return False when nothing proves that the process holds the roller."""
    lock = lock_path(place.root, holder.address)
    return signal_holder(holder.pid, lock, holder.started, signal.SIGTERM) is not Signalled.NOT_PROVEN


async def _ended(place: Place, target: Target, holder: Holder, patience_s: float) -> bool:
    """Wait until the process no longer holds the roller."""
    clock = asyncio.get_running_loop().time
    until_s = clock() + patience_s
    while holder_of(place.root, target.address) == holder:
        if clock() >= until_s:
            return False
        await asyncio.sleep(_LOOK_S)
    return True


def _spoken(holder: Holder) -> str:
    return holder.spoken(datetime.now(UTC))


def _unknown(target: Target, error: Exception) -> LinkError:
    """Return the error for a stop that failed in a way that nobody foresaw."""
    return LinkError(f"{target.name} could not be stopped ({type(error).__name__}: {error})", advice=_BY_HAND)

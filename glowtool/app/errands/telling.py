"""The steering of a massage that another process runs: what is asked goes through its control socket."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from glowtool.app.hold.control import ask, ask_for_emergency_stop
from glowtool.app.hold.requests import request_of, told_in
from glowtool.errors import CommandRefusedError, ConnectFailedError, LinkError, UsageError
from glowtool.store.rollers.in_use import Holder, holder_of, holders

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.app.hold.requests import Told
    from glowtool.app.place import Place
    from glowtool.session.wishes import Ask

#: An order waits for the one before it, and each has a second and a half at the roller.
ANSWER_S: Final = 6.0

#: The massage ends within two seconds of an emergency stop, confirmed or not.
_EMERGENCY_S: Final = 4.0

_NOTHING_SENT: Final = "nothing was changed"


@dataclass(frozen=True, slots=True)
class Latched:
    """The roller that an emergency stop went to, the process that ran the massage, and how long zero took."""

    holder: Holder
    stop_ms: float


def massage_on(place: Place, device: str | None = None) -> Holder:
    """Return the process that runs a massage: on `device`, or the only one.

    Raises `DeviceNotFoundError` for a device that nobody knows, `UsageError` when several massages run, and
    `CommandRefusedError` when none does.
    """
    if device is None:
        running = holders(place.root)
    else:
        from glowtool.app.rollers.finding import known_roller  # noqa: PLC0415 - the only massage needs no registry

        found = holder_of(place.root, known_roller(place, device).address)
        running = () if found is None else (found,)
    if not running:
        where = "" if device is None else " on that roller"
        raise CommandRefusedError(
            f"no massage runs{where}, so {_NOTHING_SENT}", advice="`glowtool routines list` shows what can be run"
        )
    if len(running) > 1:
        names = ", ".join(each.roller or each.address for each in running)
        raise UsageError(f"{len(running)} rollers are in use ({names})", advice="name the one that is meant")
    return running[0]


async def tell(holder: Holder, wish: Ask) -> Told:
    """Ask a running massage for something, and return what became of it.

    Raises `CommandRefusedError` when it was not done or the process runs no massage, and `LinkError` without an answer.
    """
    try:
        told = await ask(_socket_of(holder), request_of(wish), told_in, ANSWER_S, pid=holder.pid)
    except ConnectFailedError as error:
        raise _unheard(holder, error) from error
    except LinkError as error:
        error.advise("a glowtool of an older version can be stopped, but not steered: `glowtool stop`")
        raise
    if told is None:
        raise CommandRefusedError(f"{_spoken(holder)} uses the roller, and cannot be steered: {_NOTHING_SENT}")
    if not told.done:
        raise CommandRefusedError(f"{wish.wish.value} was not done: {told.why}")
    return told


async def emergency_stop(holder: Holder) -> Latched:
    """Ask a running massage for an emergency stop; raises `LinkError` when zero is not confirmed."""
    try:
        stopped = await ask_for_emergency_stop(_socket_of(holder), _EMERGENCY_S, pid=holder.pid)
    except (ConnectFailedError, LinkError) as error:
        error.advise("stop it: `glowtool stop`, or the roller's button")
        raise
    if not stopped.confirmed:
        raise LinkError(
            f"{_spoken(holder)} stopped, but the roller did not confirm that its outputs are zero",
            advice="if it moves, stop it with its button",
        )
    return Latched(holder, stopped.stop_ms or 0.0)


def _socket_of(holder: Holder) -> Path:
    if holder.control is None:
        raise CommandRefusedError(
            f"{_spoken(holder)} has no control socket, so {_NOTHING_SENT}", advice="`glowtool stop` stops it"
        )
    return holder.control


def _unheard(holder: Holder, error: ConnectFailedError) -> LinkError:
    return LinkError(f"{_spoken(holder)} does not listen ({error}), so {_NOTHING_SENT}")


def _spoken(holder: Holder) -> str:
    return holder.spoken(datetime.now(UTC))

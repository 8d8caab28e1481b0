"""From errors to endings, and from endings to what a shell should hear of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowtool.errors import (
    CommandRefusedError,
    ConnectionLostError,
    GlowtoolError,
    InputError,
    InterruptedSessionError,
    LinkError,
    NotPairedError,
    ProtocolError,
    RogueRollerError,
    SafetyError,
)
from glowtool.session.plan import SessionResult
from glowtool.store.manifest import Ending

if TYPE_CHECKING:
    from glowtool.device.roller import Roller
    from glowtool.session.machine import Massage
    from glowtool.session.recorder import Recorder
    from glowtool.store.manifest import Manifest

#: The ending that an error of a class leads to; the first that fits counts, CRASHED when none does.
_ENDINGS: Final[tuple[tuple[type[GlowtoolError], Ending], ...]] = (
    (LinkError, Ending.LINK_LOST),
    (CommandRefusedError, Ending.REFUSED),
    (SafetyError, Ending.REFUSED),
    (NotPairedError, Ending.REFUSED),
    (ProtocolError, Ending.REFUSED),
    (InputError, Ending.REFUSED),
)


def ending_for(error: GlowtoolError) -> Ending:
    """Return how a massage ends that cannot go on because of an error."""
    return next((ending for kind, ending in _ENDINGS if isinstance(error, kind)), Ending.CRASHED)


def result_of(
    massage: Massage,
    manifest: Manifest,
    recorder: Recorder,
    roller: Roller,
    *,
    confirmed: bool,
    stop_ms: float | None,
    cause: GlowtoolError | None,
) -> SessionResult:
    """Return how a massage ended whose log is finished."""
    return SessionResult(
        session_id=recorder.session_id,
        path=recorder.path,
        identity=roller.identity,
        battery_percent=roller.battery_percent,
        ending=massage.ending or Ending.CRASHED,
        reason=massage.reason,
        confirmed=confirmed,
        counters=recorder.pipeline.counters,
        steps=manifest.steps,
        stop_ms=stop_ms,
        problem=problem_of(massage, cause, confirmed=confirmed),
        losses=massage.losses,
    )


def problem_of(massage: Massage, cause: GlowtoolError | None, *, confirmed: bool) -> GlowtoolError | None:
    """Return the error that a shell should hear of after a massage, None when there is nothing to complain of.

    `cause` is the error that ended it, if one did. A massage that a person ended with the roller's button is none.
    """
    outputs = "outputs are zero" if confirmed else "the roller did not confirm it, and makes outputs zero by itself"
    if cause is not None:
        return cause
    if massage.ending in {Ending.STOPPED, Ending.LINK_LOST} and massage.stops_asked:
        return InterruptedSessionError(f"stopped; {outputs}, and the log is kept")
    if massage.ending is Ending.LINK_LOST:
        stopped = outputs if confirmed else "the roller stops by itself"
        return ConnectionLostError(f"{massage.reason}; {stopped}. The log is kept. Bring the roller near and run again")
    if massage.untruth is not None:
        return RogueRollerError(
            f"{massage.reason}; {outputs}, and the log is kept. It was not started again. Switch it off, and "
            "do not use it before its firmware is mended"
        )
    if massage.ending is Ending.INTERLOCK:
        return SafetyError(f"the roller ended the massage: {massage.reason}; {outputs}, and the log is kept")
    return None

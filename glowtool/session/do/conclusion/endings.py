"""The translation of errors into endings, and of endings into errors for a shell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowtool.device.attempts import cause_of
from glowtool.device.refusals import RefusedError, StartRefusedError, why_not_begun
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
from glowtool.model.ending import Ending
from glowtool.session.decide.moves import LinkLost, Trouble
from glowtool.session.decide.standstill import Standstill, said_first
from glowtool.session.plan import SessionResult

if TYPE_CHECKING:
    from glowtool.device.driver import Driver
    from glowtool.session.decide.machine import Massage
    from glowtool.session.do.recorder import Recorder
    from glowtool.store.tables.manifest import Manifest

#: The ending for each class of error; the first match counts, and CRASHED when there is none.
_ENDINGS: Final[tuple[tuple[type[GlowtoolError], Ending], ...]] = (
    (LinkError, Ending.LINK_LOST),
    (CommandRefusedError, Ending.REFUSED),
    (SafetyError, Ending.REFUSED),
    (NotPairedError, Ending.REFUSED),
    (ProtocolError, Ending.REFUSED),
    (InputError, Ending.REFUSED),
)

_NEARER: Final = "bring the roller near and run again"


def ending_for(error: GlowtoolError) -> Ending:
    """Return the ending of a massage that cannot go on because of an error."""
    return next((ending for kind, ending in _ENDINGS if isinstance(error, kind)), Ending.CRASHED)


def event_of(error: GlowtoolError, at_s: float, lost_because: str, *, ending: bool) -> LinkLost | Trouble:
    """Return the machine's event for an error; until it is `ending`, a roller that does not answer counts as lost."""
    if isinstance(error, ConnectionLostError):
        return LinkLost(at_s, lost_because)
    if isinstance(error, LinkError) and not ending:
        return LinkLost(at_s, cause_of(error))
    return Trouble(at_s, ending_for(error), str(error))


def result_of(
    massage: Massage,
    manifest: Manifest,
    recorder: Recorder,
    roller: Driver,
    *,
    known: Standstill,
    stop_ms: float | None,
    cause: GlowtoolError | None,
) -> SessionResult:
    """Return the result of a massage whose log is finished."""
    return SessionResult(
        session_id=recorder.session_id,
        path=recorder.path,
        identity=roller.identity,
        battery_percent=roller.battery_percent,
        ending=massage.ending or Ending.CRASHED,
        reason=massage.reason,
        confirmed=known is Standstill.CONFIRMED,
        standstill=known,
        counters=recorder.readings.books,
        steps=manifest.steps,
        stop_ms=stop_ms,
        problem=problem_of(massage, cause, known),
        losses=massage.losses,
    )


def refusal_of(error: GlowtoolError, massage: Massage) -> GlowtoolError:
    """Return the error for a person: a refusal before the massage began is put in people's words."""
    if massage.begun or not isinstance(error, RefusedError):
        return error
    said = error.answer
    why, advice = why_not_begun(said.refusal, said.state, said.interlocks, massage.battery_percent)
    return StartRefusedError(why, advice=advice)


def _of_latch(massage: Massage) -> str:
    """Return what to do about an emergency stop."""
    if massage.latched:
        return "the roller refuses everything now; once it is safe, run `glowtool rearm`"
    return "it did not say that it has latched" if massage.emergency else ""


def never_began(massage: Massage) -> bool:
    """Return whether no sent program is known to have run; then there is no massage to keep."""
    unknown = massage.start_sent and massage.ending is Ending.LINK_LOST
    return not massage.begun and not unknown and massage.untruth is None


def why_it_never_began(massage: Massage, cause: GlowtoolError | None) -> GlowtoolError:
    """Return the error for a massage that did not begin, of which nothing is kept."""
    nothing = "nothing was started, and no log is kept"
    if massage.stops_asked or massage.emergency:
        return InterruptedSessionError(f"stopped before the massage began; {nothing}", advice=_of_latch(massage))
    if massage.ending is Ending.LINK_LOST:
        return ConnectionLostError(f"{massage.reason}; {nothing}", advice=_NEARER)
    kind = StartRefusedError if massage.ending is Ending.REFUSED else SafetyError
    error = cause or kind(massage.reason, advice=massage.advice)
    error.args = (f"{error}. {nothing[:1].upper()}{nothing[1:]}",)
    return error


def problem_of(massage: Massage, cause: GlowtoolError | None, known: Standstill) -> GlowtoolError | None:
    """Return the error for a shell after a massage, or None when there is none.

    `cause` is the error that ended it, if one did; `known` is said first. A massage that a person ended with the
    roller's button is none.
    """
    if cause is not None:
        return said_first(known, cause)
    if massage.emergency:
        return InterruptedSessionError(f"emergency stop; {known}. The log is kept", advice=_of_latch(massage))
    if massage.ending in {Ending.STOPPED, Ending.LINK_LOST} and massage.stops_asked:
        return InterruptedSessionError(f"stopped; {known}. The log is kept")
    if massage.ending is Ending.LINK_LOST:
        return said_first(known, ConnectionLostError(f"{massage.reason}. The log is kept", advice=_NEARER))
    if massage.untruth is not None:
        says = f"{massage.reason}. It was not started again. The log is kept"
        advice = "switch the roller off, and do not use it before its firmware is repaired"
        return said_first(known, RogueRollerError(says, advice=advice))
    if massage.ending is Ending.INTERLOCK:
        return said_first(known, SafetyError(f"the massage was ended: {massage.reason}. The log is kept"))
    return None

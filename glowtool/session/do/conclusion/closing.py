"""The end of a massage: its log finished, or after a breakdown outputs first, then the log, and no further failure."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from glowtool.errors import ConnectionLostError, GlowtoolError, InterruptedSessionError, StoreError
from glowtool.model.ending import Ending
from glowtool.session.decide.standstill import Standstill, said_first
from glowtool.session.do.conclusion.endings import never_began, result_of, why_it_never_began

if TYPE_CHECKING:
    from collections.abc import Awaitable
    from datetime import datetime

    from glowtool.device.driver import Driver
    from glowtool.session.decide.massage import Massage
    from glowtool.session.do.recorder import Recorder
    from glowtool.session.plan import SessionResult

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Conclusion:
    """A massage that is over: the evidence about its outputs, the ms that a stop took, and the error that ended it."""

    massage: Massage
    known: Standstill
    stop_ms: float | None
    cause: GlowtoolError | None


async def make_zero(roller: Driver) -> Standstill:
    """Stop the roller, if it can be reached; return the evidence about its outputs."""
    try:
        answer = await roller.stop()
    except ConnectionLostError as error:
        _LOG.warning("the roller stops by itself: %s", error)
        return Standstill.LINK_GONE
    except GlowtoolError as error:
        _LOG.warning("the roller did not confirm the stop, and stops by itself: %s", error)
        return Standstill.UNKNOWN
    return Standstill.CONFIRMED if answer.levels.zero else Standstill.UNKNOWN


def left_at_once() -> InterruptedSessionError:
    """Return the error for a massage that was left at once, at the second request."""
    return InterruptedSessionError(
        "left at once; the roller stops by itself within a second. The recording is kept",
        advice="`glowtool logs recover` finishes it",
    )


async def break_off(error: BaseException, roller: Driver, recorder: Recorder, now_utc: datetime) -> None:
    """End a massage for a defect of ours, or a cancellation from outside: outputs first, then the log."""
    error.add_note(await make_zero(roller))
    ending = Ending.STOPPED if isinstance(error, asyncio.CancelledError) else Ending.CRASHED
    await close_log(recorder, ending, now_utc)


async def close_log(recorder: Recorder, ending: Ending, now_utc: datetime) -> None:
    """Finish the log, if the disk takes it."""
    try:
        await recorder.close()
        await recorder.finish(ending, now_utc)
    except StoreError as error:
        _LOG.warning("the log was not finished: %s", error)


async def raise_after(finishing: Awaitable[object], known: Standstill, failure: Exception) -> NoReturn:
    """Finish the log of a massage that its listener's failure ended, then raise that with what is known of outputs."""
    failure.add_note(known)
    try:
        await finishing
    except StoreError as error:
        failure.add_note(str(error))  # what failed first is what is raised
    except GlowtoolError as error:
        _LOG.warning("%s", error)
    raise failure


async def finish_log(recorder: Recorder, roller: Driver, how: Conclusion, now_utc: datetime) -> SessionResult:
    """Turn the closed journal into the finished log, and return how the massage ended; the connection is closed by now.

    Raises `StoreError` when the disk does not take it, and the reason if there was no massage; then nothing is kept.
    """
    if isinstance(how.cause, StoreError):
        raise said_first(how.known, how.cause)
    if never_began(how.massage):
        await recorder.discard()
        raise why_it_never_began(how.massage, how.cause)
    try:
        manifest = await recorder.finish(how.massage.ending or Ending.CRASHED, now_utc)
    except StoreError as error:
        raise said_first(how.known, error) from error.__cause__
    facts = how.massage, manifest, recorder, roller
    return result_of(*facts, known=how.known, stop_ms=how.stop_ms, cause=how.cause)

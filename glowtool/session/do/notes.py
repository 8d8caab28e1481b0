"""The notes of a massage whose log is open: entries for the log, and news for listeners."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar, assert_never

from glowtool.model.program import NO_STEP
from glowtool.session.decide.moves import BeginStep, Mark, Tell
from glowtool.session.news import StepBegan

if TYPE_CHECKING:
    from collections.abc import Callable

    from glowtool.model.program import Program
    from glowtool.session.do.recorder import Recorder
    from glowtool.session.news import Publish

N = TypeVar("N")


class Listener(Generic[N]):
    """Tells news to `publish`; the first error that it raises is kept as `failure`, and ends the massage by `failed`.

    This is the one rule for every face: a massage that nobody can see any more ends in order. The error comes out of
    nothing that is under way, be it a task, an answer to STOP or a signal handler. Later news is told all the same: it
    may still be shown how the massage ends.
    """

    def __init__(self, failed: Callable[[Exception], None]) -> None:
        self.publish: Callable[[N], None] = _unheard
        self.failure: Exception | None = None
        self._failed = failed

    def tell(self, news: N) -> None:
        """Tell news; never raises."""
        try:
            self.publish(news)
        except Exception as error:  # noqa: BLE001 - a listener may fail in any way; it is raised at the end
            if self.failure is None:
                self.failure = error
                self._failed(error)


def _unheard(_news: object) -> None:
    """Drop the news."""


def note(move: Mark | BeginStep | Tell, recorder: Recorder, program: Program, publish: Publish) -> None:
    """Carry out a move for the log, the readings or the listeners; never waits."""
    match move:
        case Mark(event=event):
            recorder.mark(event)
            publish(event)
        case BeginStep(index=index):
            if index != NO_STEP:
                recorder.begin_step(program[index])
            publish(StepBegan(index))
        case Tell(news=news):
            publish(news)
        case _:
            assert_never(move)

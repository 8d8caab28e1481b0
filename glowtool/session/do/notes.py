"""The notes of a massage whose log is open: entries for the log, and news for listeners."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from glowtool.session.decide.moves import BeginStep, Mark, Tell
from glowtool.session.news import StepBegan

if TYPE_CHECKING:
    from glowtool.model.program import Program
    from glowtool.session.do.recorder import Recorder
    from glowtool.session.news import Publish


def note(move: Mark | BeginStep | Tell, recorder: Recorder, program: Program, publish: Publish) -> None:
    """Carry out a move for the log, the readings or the listeners; never waits."""
    match move:
        case Mark(event=event):
            recorder.mark(event)
            publish(event)
        case BeginStep(index=index):
            if index >= 0:
                recorder.begin_step(program[index])
            publish(StepBegan(index))
        case Tell(news=news):
            publish(news)
        case _:
            assert_never(move)

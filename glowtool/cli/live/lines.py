"""A massage in lines on standard error, one for each change: for pipes and for plain terminals."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar, Final, assert_never

from glowtool.app.watching.hints import DRY_SKIN, Advice, Teller
from glowtool.cli.live.link_news import link_sentence, without_codes
from glowtool.cli.live.situation import LATCHED
from glowtool.cli.steering.sentences import steered_sentence
from glowtool.cli.terminal.text import capitalised
from glowtool.device.attempts import FailedAttempt, NextAttempt
from glowtool.model.ending import Ending
from glowtool.model.event import Event, EventKind
from glowtool.model.state import Interlock, State
from glowtool.model.status import Status
from glowtool.routine.stepped import Stepped
from glowtool.session.news import (
    Advised,
    Asked,
    Began,
    Cue,
    CueKind,
    Ends,
    InForce,
    Lost,
    OutputsZero,
    Replied,
    Restored,
    Resuming,
    Steered,
    StepBegan,
)
from glowtool.stream.live.meter import MeterReading
from glowtool.stream.quality.watch import FailedCell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from glowtool.cli.terminal.output import Printer
    from glowtool.routine import Routine
    from glowtool.session.news import LinkNews, MassageNews

#: The lines for events that carry nothing else; a lost link ends the massage, and the ending says so.
_SENTENCES: Final = {EventKind.PAUSE: "Paused.", EventKind.RESUME: "Going on."}


class Lines:
    """Prints a line on standard error for each change: for pipes and for plain terminals."""

    #: The cues that no other line says.
    said: ClassVar = frozenset({CueKind.NEXT, CueKind.LAST, CueKind.MOMENT})

    def __init__(self, output: Printer, routine: Routine, clock: Callable[[], float] = time.monotonic) -> None:
        self._output = output
        self._routine = routine
        self._clock = clock
        self._teller = Teller()
        self._dry_skin = Advice(DRY_SKIN)
        self._resumed: Resuming | None = None
        self._latched = self._ended = False

    def publish(self, news: MassageNews) -> None:
        """Print what a person can act on; ten meter readings a second would help nobody."""
        match news:
            case Began() | Stepped():
                self._tell_beginning(news)
            case Status(state=state):
                self._tell_held(None)  # repeats what lasts; other news tells what changes
                self._tell_latched(now_latched=state is State.LATCHED)
            case MeterReading(skin_dry=dry):
                self._tell(self._dry_skin.see(self._clock(), wanted=dry and self._routine.uses_microcurrent))
            case Event(kind=kind):
                self._tell_event(kind)
            case StepBegan() | Cue() | Advised() | FailedCell():
                self._tell_moment(news)
            case InForce(interlocks=interlocks):
                self._tell_held(interlocks)
            case FailedAttempt() | NextAttempt() | Lost() | Restored() | Asked() | Replied() | Resuming():
                self._tell_link(news)
            case Steered() | Ends():
                self._tell_person(news)
            case OutputsZero():
                pass  # the summary says how long the stop took
            case _:
                assert_never(news)

    def _tell_beginning(self, news: Began | Stepped) -> None:
        if isinstance(news, Stepped):
            self._routine = news.routine
            self._output.note(news.words)
        else:
            roller = news.identity
            self._output.note(f"Connected: {roller.model} {roller.serial}, battery {news.battery_percent} %")

    def _tell_held(self, interlocks: Interlock | None) -> None:
        """Tell what is held back from now on; None: what was held back before still is."""
        now_s = self._clock()
        self._tell(self._teller.wait(now_s) if interlocks is None else self._teller.see(now_s, interlocks))

    def _tell_moment(self, news: StepBegan | Cue | Advised | FailedCell) -> None:
        if isinstance(news, StepBegan):
            self._tell_step(news.index)
        elif isinstance(news, Cue):
            self._tell((news.words,) if news.kind in self.said else ())
        elif isinstance(news, FailedCell):
            self._tell((news.words,))
        else:
            self._tell(() if news.tip is None else (news.tip.words,))

    def _tell_step(self, index: int) -> None:
        if not 0 <= index < len(self._routine.steps):
            return
        step, resumed = self._routine.steps[index], self._resumed
        left_s = resumed.step_left_s if resumed is not None and resumed.step == index else step.duration_s
        self._output.note(
            f"Step {index + 1} of {len(self._routine.steps)}: {step.title}, {left_s:.3g} s. {_sentence(step.cue)}"
        )

    def _tell_event(self, kind: EventKind) -> None:
        if kind in _SENTENCES:
            self._output.note(_SENTENCES[kind])

    def _tell_link(self, news: LinkNews) -> None:
        say = self._output.problem if isinstance(news, Asked) else self._output.note
        say(link_sentence(news))
        if isinstance(news, Resuming):
            self._resumed = news
        elif isinstance(news, Lost):
            self._teller.see(self._clock(), Interlock(0))

    def _tell_person(self, news: Steered | Ends) -> None:
        if isinstance(news, Steered):
            self._output.note(steered_sentence(news))
        elif news.ending is not Ending.REFUSED:  # a refused start is said by the error, and at once
            self._output.note(f"The massage ends: {without_codes(news.reason or news.ending.value)}.")
            self._ended = True
            self._tell_latched()

    def _tell_latched(self, *, now_latched: bool = False) -> None:
        """Tell once, at the end, how to go on after an emergency stop, whichever of the two comes first."""
        was_told = self._latched and self._ended and now_latched
        self._latched = self._latched or now_latched
        if self._latched and self._ended and not was_told:
            self._output.note(f"{LATCHED}.")

    def _tell(self, sentences: Iterable[str]) -> None:
        for sentence in sentences:
            self._output.note(f"  {sentence}")


def _sentence(cue: str) -> str:
    """Return a cue as a sentence of its own, for a voice that reads line by line."""
    return cue if not cue or cue[-1] in ".!?…" else f"{cue}."


class PlainLines(Lines):
    """Lines to be heard: each is one short sentence of its own, and what is held back says what to do about it."""

    said: ClassVar = Lines.said | {CueKind.ALERT}

    def _tell_held(self, interlocks: Interlock | None) -> None:
        """Leave it to the alerts."""

    def _tell(self, sentences: Iterable[str]) -> None:
        for sentence in sentences:
            self._output.note(f"{capitalised(sentence)}")

"""The state of a massage as a face shows it: news changes it, and it says what time is left."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, assert_never

from glowtool.app.watching.hints import to_act_on
from glowtool.device.attempts import FailedAttempt, NextAttempt
from glowtool.model.ceilings import CeilingId, limit
from glowtool.model.event import Event
from glowtool.model.program import NO_STEP
from glowtool.model.state import Interlock, State
from glowtool.model.status import Status
from glowtool.routine.stepped import Stepped
from glowtool.session.decide.questions import ZeroQuestion
from glowtool.session.news import (
    Advised,
    Asked,
    Began,
    Cue,
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
from glowtool.session.wishes import Wish
from glowtool.stream.live.meter import MeterReading
from glowtool.stream.quality.watch import FailedCell

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glowtool.model.ending import Ending
    from glowtool.routine import Routine, Step
    from glowtool.session.news import LinkNews, MassageNews
    from glowtool.stream.coach.tips import Tip
    from glowtool.stream.heads import Head
    from glowtool.stream.live.meter import HeadMeter


@dataclass(frozen=True, slots=True)
class Place:
    """Where a massage was when the roller last said so: the step, from 0, and what was left of it."""

    index: int
    left_s: float


@dataclass(frozen=True, slots=True)
class LiveState:
    """The state of a massage as the person sees it.

    `status_at_s` and `link_at_s` are the times of the last status and the last news of the connection, on the clock of
    `now_s`. `typed` is the answer typed so far.
    """

    routine: Routine
    device_name: str
    start: Began | None = None
    status: Status | None = None
    status_at_s: float = 0.0
    meter: MeterReading | None = None
    ending: str | None = None
    end: Ending | None = None
    link: LinkNews | None = None
    link_at_s: float = 0.0
    resumed: Resuming | None = None
    #: The place that is kept while the roller says none: away, asked about, stopped.
    reached: Place | None = None
    typed: str = ""
    lifted_at_s: float | None = None
    #: The pressure cells that went bad, and when the last one did.
    failed_cells: tuple[FailedCell, ...] = ()
    failed_at_s: float = 0.0
    tip: Tip | None = None
    cue: Cue | None = None
    cue_at_s: float = 0.0
    #: Whether keys steer the massage, and what Enter would do now.
    keyed: bool = False
    waiting: str = ""
    #: What became of the last wish of the person, and when.
    steered: Steered | None = None
    steered_at_s: float = 0.0
    #: How long each step lasts, in s, where it was lengthened.
    lengthened: Mapping[int, float] = field(default_factory=dict)
    #: Whether it is told again from a log: no roller is there, so nothing can be stopped.
    replayed: bool = False

    def after(self, news: MassageNews, now_s: float) -> LiveState:
        """Return the state after news that came at `now_s`."""
        match news:
            case Began() | Stepped():
                return self.with_beginning(news)
            case Status():
                return self.with_status(news, now_s)
            case MeterReading():
                return replace(self, meter=news)
            case FailedAttempt() | NextAttempt() | Lost() | Restored() | Asked() | Replied() | Resuming():
                return self.with_link(news, now_s)
            case Steered():
                return self.with_steered(news, now_s)
            case Ends(ending=ending, reason=reason):
                return replace(self, ending=reason or ending.value, end=ending)
            case Advised() | FailedCell():
                return self.with_advice(news, now_s)
            case Cue():
                return replace(self, cue=news, cue_at_s=now_s)
            case Event() | StepBegan() | InForce() | OutputsZero():
                return self  # the status says the same
            case _:
                assert_never(news)

    def with_beginning(self, news: Began | Stepped) -> LiveState:
        """Return the state after news before anything moves: an older roller runs other steps than those asked for."""
        return (
            replace(self, routine=news.routine) if isinstance(news, Stepped) else replace(self, start=news, link=None)
        )

    def with_advice(self, news: Advised | FailedCell, now_s: float) -> LiveState:
        """Return the state after advice of the coach, or of the watch over the cells."""
        if isinstance(news, Advised):
            return replace(self, tip=news.tip)
        return replace(self, failed_cells=(*self.failed_cells, news), failed_at_s=now_s)

    def with_status(self, status: Status, now_s: float) -> LiveState:
        """Return the state after a status of the roller; while it runs, no news of the connection matters."""
        link = None if status.state is State.RUNNING else self.link
        lifted = Interlock.NO_CONTACT in status.interlocks
        lifted_at_s = (now_s if self.lifted_at_s is None else self.lifted_at_s) if lifted else None
        after = replace(self, status=status, status_at_s=now_s, link=link, lifted_at_s=lifted_at_s)
        return replace(after, reached=after.place(now_s))

    def with_steered(self, steered: Steered, now_s: float) -> LiveState:
        """Return the state after news of what became of a wish; a step that was lengthened lasts longer from then."""
        lengthened = self.lengthened
        if steered.done and steered.ask.wish is Wish.EXTEND and steered.step != NO_STEP:
            lengthened = {**lengthened, steered.step: steered.step_s}
        return replace(self, steered=steered, steered_at_s=now_s, lengthened=lengthened)

    def duration_s(self, index: int) -> float:
        """How long a step of the routine lasts, with what it was lengthened by."""
        return self.lengthened.get(index, self.routine.steps[index].duration_s)

    def with_link(self, news: LinkNews, now_s: float = 0.0) -> LiveState:
        """Return the state after news of the connection at `now_s`; while it is lost, the roller is unknown."""
        heard = self._with_link(news, now_s)
        return replace(heard, link_at_s=now_s)

    def _with_link(self, news: LinkNews, now_s: float) -> LiveState:
        if isinstance(news, Lost):
            reached = self.place(now_s)
            return replace(self, link=news, reached=reached, status=None, meter=None, lifted_at_s=None, tip=None)
        if self.asked_zero and isinstance(news, Replied):
            return replace(self, link=None)
        return replace(self, link=news, resumed=news if isinstance(news, Resuming) else self.resumed)

    def to_act_on(self, now_s: float) -> Interlock:
        """Return the interlocks that the person should do something about now."""
        if self.status is None:
            return Interlock(0)
        return to_act_on(self.status.interlocks, 0.0 if self.lifted_at_s is None else now_s - self.lifted_at_s)

    @property
    def running(self) -> bool:
        """Whether the roller says that the program runs."""
        return self.status is not None and self.status.state is State.RUNNING

    @property
    def paused(self) -> bool:
        """Whether the roller says that the program is paused."""
        return self.status is not None and self.status.state is State.PAUSED

    @property
    def asked_zero(self) -> bool:
        """Whether the person is asked about the zero of the cells, before the massage begins."""
        return isinstance(self.link, Asked) and isinstance(self.link.question, ZeroQuestion)

    @property
    def step_index(self) -> int | None:
        """The step in progress, from 0; None before the first and after the last."""
        if self.status is None or self.status.step == NO_STEP:
            return None
        # The roller counts the steps of its last upload, which may be only the rest of the routine.
        index = self.status.step + (0 if self.resumed is None else self.resumed.step)
        return index if index < len(self.routine.steps) else None

    @property
    def step(self) -> Step | None:
        """The step in progress."""
        return None if self.step_index is None else self.routine.steps[self.step_index]

    def place(self, now_s: float) -> Place | None:
        """Return the step in progress and what is left of it, or where the massage was last; None before the first."""
        return self.reached if self.step_index is None else Place(self.step_index, self.step_left_s(now_s))

    @property
    def step_lasts_s(self) -> float:
        """How long the step in progress lasts, with what it was lengthened by; 0 between steps."""
        return 0.0 if self.step_index is None else self.duration_s(self.step_index)

    @property
    def heads(self) -> Mapping[Head, HeadMeter | None]:
        """The heads of this roller, each with its reading, if there is one; none before the roller has told of them."""
        if self.meter is not None:
            return self.meter.heads
        return {} if self.start is None else dict.fromkeys(self.start.heads)

    @property
    def scale_kpa(self) -> float:
        """The pressure at which the roller puts its outputs to zero: the table's, or this roller's lower one."""
        most_kpa = limit(CeilingId.PRESSURE_ZERO)
        stated = {} if self.start is None else self.start.ceilings
        return min(most_kpa, stated.get(CeilingId.PRESSURE_ZERO, most_kpa))

    @property
    def skin_dry(self) -> bool:
        """Whether the skin is too dry for the routine's microcurrent."""
        return self.meter is not None and self.meter.skin_dry and self.routine.uses_microcurrent

    def step_elapsed_s(self, now_s: float) -> float:
        """Time spent in the step: the roller's last figure, extrapolated while it runs."""
        if self.status is None or self.step is None:
            return 0.0
        elapsed_s = self.status.step_elapsed_ms / 1000
        if self.status.state is State.RUNNING:
            elapsed_s += max(0.0, now_s - self.status_at_s)
        lasts_s = self.step_lasts_s
        if self.resumed is not None and self.step_index == self.resumed.step:
            elapsed_s += self.step.duration_s - self.resumed.step_left_s
        return min(elapsed_s, lasts_s)

    def step_left_s(self, now_s: float) -> float:
        """Time left in the step."""
        return self.step_lasts_s - self.step_elapsed_s(now_s)

    def massage_left_s(self, now_s: float) -> float:
        """Time left in the massage, including this step."""
        if self.step_index is None and self.ending is not None:
            return 0.0
        place = self.place(now_s)
        if place is None:
            return self.routine.duration_s
        return place.left_s + sum(self.duration_s(index) for index in range(place.index + 1, len(self.routine.steps)))

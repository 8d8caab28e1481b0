"""The scrutiny of a roller: its reports compared with what it was sent, by the host's own clock. Pure.

A roller that does what it was sent runs each step for its time and no longer, in order, at no more than the levels and
at the frequencies of the step; it has not run longer than the time since START was written; and its status and its
answers say the same. A skip by another host, a pause, a trim, and whatever an interlock holds back fit that.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from glowtool.model.names import key_of
from glowtool.model.state import State
from glowtool.session.decide.levels import WHOLE, Shares, level_untruth, rise_untruth, soft_start_untruth, step_words
from glowtool.session.decide.untruth import Untruth
from glowtool.units import MILLISECONDS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Callable

    from glowtool.model.answer import Answer
    from glowtool.model.program import Program
    from glowtool.model.status import Status

#: A status may come later than the one before it by this much; a roller that is silent for longer counts as lost.
LATE_S: Final = 3.0

#: By how much two crystals differ at most, as a share; real ones by a twentieth of it.
DRIFT: Final = 0.001

#: The possible error of its own times: ticks of the firmware, and the travel time of a command.
ROUNDING_MS: Final = 50

#: How far the roller's time may be ahead of the time since START: only by the steps of the clocks.
AHEAD_S: Final = 0.25

_UNDER_WAY: Final = frozenset({State.RUNNING, State.PAUSED})


@dataclass(frozen=True, slots=True)
class Place:
    """The roller's reported place in the program: its state, its step, and its own times."""

    state: State = State.RUNNING
    step: int = 0
    step_ms: int = 0
    massage_ms: int = 0
    device_us: int = 0


@dataclass(frozen=True, slots=True)
class Scrutiny:
    """Scrutiny of one start of a program: what was sent, and what the roller has reported since.

    `began_s` is when START was written. Times `at_s` are of the host's clock; `awake_s` leaves out the time for which
    the host itself stood still. `worked_s` is how long the step in progress has been said to run, by that clock, and
    `paused_s` how long the massage has been paused in all. `ran_us` is how long it has been said to run, by the
    roller's own clock, since the status that said `first` and came at `first_s`.
    """

    program: Program
    began_s: float
    place: Place = Place()
    awake_s: float | None = None
    worked_s: float = 0.0
    paused_s: float = 0.0
    ran_us: int = 0
    first: Place | None = None
    first_s: float = 0.0
    status: Status | None = None
    differs_since_s: float | None = None
    #: The trim that the roller has taken, and when.
    trim: Shares = WHOLE
    trimmed_s: float = 0.0
    #: Whether a step is being lengthened: until the answer nobody knows which of its two lengths it has.
    extending: bool = False

    def trimmed(self, trim: Shares, at_s: float) -> Scrutiny:
        """Return the scrutiny of a roller that has another trim from a time on."""
        return replace(self, trim=trim, trimmed_s=at_s)

    def see(self, status: Status, at_s: float, awake_s: float) -> tuple[Scrutiny, Untruth | None]:
        """Return the scrutiny after a status, and the untruth in it."""
        untruth = level_untruth(self.program, status, self._trim(status))
        if untruth is not None or status.state not in _UNDER_WAY:
            return replace(self, status=status), untruth
        after = self._after(status, awake_s)
        return after, _first(self, after, at_s)

    def hear(self, answer: Answer, at_s: float) -> tuple[Scrutiny, Untruth | None]:
        """Return the scrutiny after an answer, and the untruth in it."""
        if answer.to_start and answer.refusal is None and answer.state is not State.RUNNING:
            said = f"it answered START with success, but is {key_of(answer.state)}"
            return self, Untruth(said, "a program that runs after START")
        untruth = level_untruth(self.program, answer)
        if untruth is not None or self.status is None:
            return self, untruth
        if _agree(answer, self.status):
            return replace(self, differs_since_s=None), None
        since_s = at_s if self.differs_since_s is None else self.differs_since_s
        after = replace(self, differs_since_s=since_s)
        if at_s - since_s <= LATE_S:
            return after, None
        said = f"its answers say {_words(answer)} and its status says {_words(self.status)}, for {at_s - since_s:.1f} s"
        return after, Untruth(said, "one program, of which both tell")

    def found(self, status: Status, at_s: float) -> Untruth | None:
        """Return the untruth in the roller's place after a loss; nothing ran meanwhile."""
        if status.state is not State.PAUSED:
            return None
        after = replace(self._after(status, self.awake_s or at_s), worked_s=0.0, ran_us=0)
        return _first(self, after, at_s)

    def _trim(self, status: Status) -> Shares:
        """Return the trim in force: a lower one takes a moment to take effect."""
        before = self.status or status
        return Shares(
            max(before.vibration_percent, status.vibration_percent),
            max(before.current_percent, status.current_percent),
        )

    def _after(self, status: Status, awake_s: float) -> Scrutiny:
        place = Place(
            status.state,
            status.step,
            status.step_elapsed_ms,
            status.massage_elapsed_ms,
            status.device_time_us,
        )
        passed_s = 0.0 if self.awake_s is None else max(0.0, awake_s - self.awake_s)
        if self.status is None or place.step != self.place.step:
            worked_s = min(place.step_ms / MILLISECONDS_PER_SECOND, passed_s + LATE_S)
        else:
            worked_s = self.worked_s + (passed_s if self.place.state is State.RUNNING else 0.0)
        after = replace(self, place=place, awake_s=awake_s, worked_s=worked_s, status=status)
        if self.first is None:
            return replace(after, first=place, first_s=awake_s)
        if self.place.state is State.RUNNING:
            return replace(after, ran_us=self.ran_us + place.device_us - self.place.device_us)
        return replace(after, paused_s=self.paused_s + passed_s)


def _agree(answer: Answer, status: Status) -> bool:
    """Return whether an answer and a status tell of the same state, step, and of outputs that are on or off."""
    return (answer.state, answer.step) == (status.state, status.step) and answer.levels.zero == status.levels.zero


def _words(said: Answer | Status) -> str:
    outputs = "off" if said.levels.zero else "on"
    return f"{key_of(said.state)}, {step_words(said.step)}, outputs {outputs}"


def _another_program(_before: Scrutiny, after: Scrutiny, _at_s: float) -> Untruth | None:
    status, steps = after.status, len(after.program)
    if status is None or (status.steps == steps and 0 <= status.step < steps):
        return None
    return Untruth(f"it is in {step_words(status.step)} of {status.steps}", f"{steps} steps")


def _back(before: Scrutiny, after: Scrutiny, _at_s: float) -> Untruth | None:
    was, now = before.place, after.place
    if now.device_us < was.device_us:
        return Untruth(
            f"its clock went back from {was.device_us / 1e6:.1f} s to {now.device_us / 1e6:.1f} s", "a clock that runs"
        )
    if now.step < was.step:
        return Untruth(f"it went from step {was.step + 1} back to step {now.step + 1}", "steps in their order")
    same = now.step == was.step
    for what, earlier_ms, later_ms in (
        ("the step", was.step_ms if same else 0, now.step_ms),
        ("the massage", was.massage_ms, now.massage_ms),
    ):
        if later_ms < earlier_ms:
            return Untruth(
                f"its time in {what} went back from {earlier_ms / 1000:.1f} s to {later_ms / 1000:.1f} s",
                "steps that begin once",
            )
    return None


def _too_long(_before: Scrutiny, after: Scrutiny, _at_s: float) -> Untruth | None:
    if after.extending:
        return None
    sent_ms, number = after.program[after.place.step].duration_ms, after.place.step + 1
    sent = f"{sent_ms / 1000:g} s for it"
    if after.place.step_ms > sent_ms + ROUNDING_MS:
        return Untruth(f"it has been in step {number} for {after.place.step_ms / 1000:.1f} s", sent)
    if after.worked_s > sent_ms / 1000 * (1 + DRIFT) + LATE_S:
        said_s = after.place.step_ms / 1000
        return Untruth(
            f"it is {said_s:.1f} s into step {number}, which has run for {after.worked_s:.1f} s by this computer", sent
        )
    return None


def _ahead(before: Scrutiny, after: Scrutiny, at_s: float) -> Untruth | None:
    """Compare its time in the massage with its own clock, and with the time since START."""
    gained_ms = after.place.massage_ms - before.place.massage_ms
    passed_ms = (after.place.device_us - before.place.device_us) / 1000
    if before.status is not None and before.place.device_us and gained_ms > passed_ms + ROUNDING_MS:
        return Untruth(
            f"it worked for {gained_ms / 1000:.2f} s within {passed_ms / 1000:.2f} s of its own clock",
            "steps in their time",
        )
    since_s, said_s = at_s - after.began_s, after.place.massage_ms / 1000
    if said_s > since_s * (1 + DRIFT) + AHEAD_S:
        return Untruth(f"it has worked for {said_s:.1f} s", f"START, {since_s:.1f} s ago")
    return None


def _behind(_before: Scrutiny, after: Scrutiny, _at_s: float) -> Untruth | None:
    """Compare its clock with the host's, and the time in the massage with its clock, over all steps.

    A step that is short may lag by more than its own length; many of them together may lag no further than one.
    """
    first, now = after.first, after.place
    if first is None or after.awake_s is None:
        return None
    clock_s, passed_s = (now.device_us - first.device_us) / 1e6, after.awake_s - after.first_s
    if passed_s > clock_s * (1 + DRIFT) + LATE_S:
        return Untruth(
            f"its clock says that {clock_s:.1f} s passed, which were {passed_s:.1f} s by this computer",
            "steps in their time",
        )
    gained_s, ran_s = (now.massage_ms - first.massage_ms) / MILLISECONDS_PER_SECOND, after.ran_us / 1e6
    if ran_s > gained_s + LATE_S:
        return Untruth(
            f"it has worked for {gained_s:.1f} s of the massage, which has run for {ran_s:.1f} s by its own clock",
            "steps in their time",
        )
    return None


def _jump(before: Scrutiny, after: Scrutiny, _at_s: float) -> Untruth | None:
    """Compare a new step with the time that the one before it had left; only a skip, which starts softly, is early."""
    was, now = before.place, after.place
    if now.step == was.step or after.extending:
        return None
    gained_ms = now.massage_ms - was.massage_ms
    between_ms = sum(step.duration_ms for step in after.program[was.step : now.step])
    whole_ms = between_ms - was.step_ms + now.step_ms
    if abs(gained_ms - whole_ms) <= ROUNDING_MS:
        return None
    number = now.step + 1
    if gained_ms > whole_ms or gained_ms < now.step_ms - ROUNDING_MS:
        return Untruth(
            f"it came to {now.step_ms / 1000:.1f} s of step {number} in {gained_ms / 1000:.1f} s of work",
            f"{whole_ms / 1000:.1f} s until there",
        )
    return None if after.status is None else soft_start_untruth(after.program, after.status, number)


def _rise(before: Scrutiny, after: Scrutiny, _at_s: float) -> Untruth | None:
    """Compare the outputs with those of the status before; before the first one there were none."""
    if after.status is None:
        return None
    known = before.status is not None and bool(before.place.device_us)
    passed_ms = (after.place.device_us - before.place.device_us) / 1000 if known else after.place.massage_ms
    return rise_untruth(after.program, before.status if known else None, after.status, passed_ms)


def _over_trim(_before: Scrutiny, after: Scrutiny, at_s: float) -> Untruth | None:
    """Compare the trim that it reports with the one that it has taken; a report may be older than that."""
    if after.status is None or at_s - after.trimmed_s <= LATE_S:
        return None
    said = Shares(after.status.vibration_percent, after.status.current_percent)
    if said.least(after.trim) == said:
        return None
    return Untruth(f"it works at {said}", f"at most {after.trim}")


_RULES: Final[tuple[Callable[[Scrutiny, Scrutiny, float], Untruth | None], ...]] = (
    _another_program,
    _back,
    _too_long,
    _behind,
    _ahead,
    _jump,
    _rise,
    _over_trim,
)


def _first(before: Scrutiny, after: Scrutiny, at_s: float) -> Untruth | None:
    return next((found for rule in _RULES if (found := rule(before, after, at_s)) is not None), None)

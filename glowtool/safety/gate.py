"""The host's gate: every order to a device passes through it, no matter which part or which driver gives it.

It speaks the model: programs, steps, shares and ceilings, and no device's commands or bytes. What stands at a device's
wire, or before its driver, says in these words what the device is asked to do.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from glowtool.errors import SafetyError
from glowtool.model.ceilings import CEILINGS, CeilingId
from glowtool.model.dwell import Overrun, overruns, worked_place
from glowtool.model.names import words_of
from glowtool.model.state import UNASKED
from glowtool.safety.abilities import require_able
from glowtool.safety.limits import CeilingValues, PersonalMax, ceilings_in_force, over
from glowtool.safety.lint import name_of_place, require_clean
from glowtool.units import MILLISECONDS_PER_SECOND, spoken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from glowtool.model.program import Program, Step
    from glowtool.model.state import DeviceLimits

_FULL_PERCENT: Final = 100


@dataclass(slots=True)
class _Held:
    """A program that passed the lint, and by how much its steps have been lengthened since it was started.

    `cut` are the steps that were ended early, nobody here knows when; None: any of them.
    """

    program: Program
    extra_ms: dict[int | None, int] = field(default_factory=dict)
    cut: set[int | None] = field(default_factory=set)

    def step_ms(self, step: int | None, extra_ms: int) -> int:
        """Return the duration of the step with the extra time; for an unknown step, the longest possible one."""
        known = range(len(self.program)) if step is None else (step,)
        return max(self.program[n].duration_ms + self.extra_ms.get(n, 0) for n in known) + (
            self.extra_ms.get(None, 0) + extra_ms
        )

    def massage_ms(self, extra_ms: int) -> int:
        return sum(self.program.durations_ms) + sum(self.extra_ms.values()) + extra_ms

    def day_ms(self, works: Callable[[Step], bool], step: int | None, extra_ms: int) -> int:
        """Return the time of an output with the extra time, which counts if the step gives that output."""
        own = sum(item.duration_ms + self.extra_ms.get(n, 0) for n, item in enumerate(self.program) if works(item))
        added_ms = extra_ms if step is None or works(self.program[step]) else 0
        return own + self.extra_ms.get(None, 0) + added_ms if own else 0

    def overrun(self, step: int | None, extra_ms: int, most_ms: int) -> Overrun | None:
        """Return the first step at which its place may be worked for too long; an unknown step is any of them.

        A step that was cut may have worked its own place to the end, and have let another one rest for no time at all.
        """
        known = range(len(self.program)) if step is None else (step,)
        anywhere_ms = self.extra_ms.get(None, 0)
        for each in known:
            added = {**self.extra_ms, each: self.extra_ms.get(each, 0) + anywhere_ms + extra_ms}
            place = worked_place(self.program[each])
            longer = [
                (at, item.duration_ms + added.get(n, 0) if at == place or not self._was_cut(n) else 0)
                for n, (at, item) in enumerate(zip(map(worked_place, self.program), self.program, strict=True))
            ]
            for too_long in overruns(longer, most_ms):
                if too_long.place == place:
                    return too_long
        return None

    def _was_cut(self, step: int) -> bool:
        return step in self.cut or None in self.cut


class Gate:
    """Holds orders against the ceilings in force; a gate serves one place through which one device is reached.

    There are two such places: before the driver, for every device, and at the wire of a GR-1, where bytes leave.

    Ask it right before an order is given: each method returns when the order may be given, and else raises
    `SafetyError` saying which limit it would break. It remembers the program that the device holds, and the time added
    to it. Nobody asks it about stops, pauses and signs of life: they always pass.
    """

    def __init__(self, device: DeviceLimits = UNASKED, personal: PersonalMax | None = None) -> None:
        self._personal = personal
        self._ceilings = ceilings_in_force(device, personal)
        self._capabilities = device.capabilities
        self._held: _Held | None = None
        #: Grows with each connection and each doubt about what the device holds.
        self._epoch = 0

    @property
    def ceilings(self) -> CeilingValues:
        """The ceilings in force, in the units of the table of ceilings."""
        return self._ceilings

    def learn(self, device: DeviceLimits) -> None:
        """Take over the limits that a device states, after every connection; a program must be uploaded anew."""
        self._ceilings = ceilings_in_force(device, self._personal)
        self._capabilities = device.capabilities
        self.forget()

    def admit(self, program: Program) -> None:
        """Judge a program before any byte of it is sent: whether all that it asks for is given, and allowed."""
        require_able(program, self._capabilities)
        require_clean(program, self._ceilings)

    def hold(self, program: Program) -> None:
        """Judge a program that the device is to hold now, and remember it; when refused, the one before stays."""
        self.admit(program)
        self._held = _Held(program)

    @contextmanager
    def handing_over(self, program: Program) -> Iterator[None]:
        """Judge a program, have the block hand it to the device, and remember it when that succeeds.

        Until then, and when it fails, nothing is held. Nor is it when the device was connected to anew meanwhile, or
        when that was begun.
        """
        self.admit(program)
        self._held, epoch = None, self._epoch
        yield
        if self._epoch == epoch:
            self._held = _Held(program)

    def forget(self) -> None:
        """Note that the device may hold a program that nobody has checked."""
        self._held = None
        self._epoch += 1

    async def prepare_start(self) -> None:
        """Wait for what has to be done before the program held is started; call it before `start`."""

    def start(self) -> None:
        """Judge the start of the program held, at its first step."""
        held = self._require_held()
        held.extra_ms.clear()
        held.cut.clear()

    def resume(self) -> None:
        """Judge going on with the program held."""
        self._require_held()

    def store(self) -> None:
        """Judge keeping the program held for use without a host."""
        self._require_held()

    def cut(self, step: int | None) -> None:
        """Note that the step in progress is ended early: it may rest no place, so that later ones have less time."""
        if self._held is not None:
            self._held.cut.add(step)

    def extend(self, extra_ms: int, step: int | None) -> None:
        """Judge more time for the step in progress, from 0, and count it; of an unknown step, for the longest."""
        held = self._require_held()
        if step is not None and not 0 <= step < len(held.program):
            raise SafetyError(f"step {step} is not one of the {len(held.program)} steps of the program")
        for what, total_ms, which in (
            ("the step", held.step_ms(step, extra_ms), CeilingId.STEP_DURATION),
            ("the massage", held.massage_ms(extra_ms), CeilingId.MASSAGE_DURATION),
            ("its current", held.day_ms(_gives_current, step, extra_ms), CeilingId.DAY_CURRENT),
            ("its vibration", held.day_ms(_gives_vibration, step, extra_ms), CeilingId.DAY_VIBRATION),
        ):
            if total_ms > round(self._ceilings[which] * MILLISECONDS_PER_SECOND):
                raise SafetyError(
                    f"with {_spoken_ms(extra_ms)} more, {what} would last {_spoken_ms(total_ms)}, "
                    f"but at most {spoken(self._ceilings[which], 's')} is allowed ({CEILINGS[which].reason})"
                )
        most_ms = round(self._ceilings[CeilingId.PLACE_DWELL] * MILLISECONDS_PER_SECOND)
        too_long = held.overrun(step, extra_ms, most_ms)
        if too_long is not None:
            raise SafetyError(
                f"with {_spoken_ms(extra_ms)} more, {name_of_place(too_long.place)} {'could' if held.cut else 'would'} "
                "be worked for "
                f"{_spoken_ms(too_long.worked)} at step {too_long.index}, but at most {_spoken_ms(too_long.most)} "
                f"is allowed ({CEILINGS[CeilingId.PLACE_DWELL].reason})",
                advice="leave this step as it is",
            )
        held.extra_ms[step] = held.extra_ms.get(step, 0) + extra_ms

    def take_back(self, extra_ms: int, step: int | None) -> None:
        """Note that the device refused time that had passed.

        Time without an answer stays counted, since the device may have added it.
        """
        if self._held is not None:
            extra = self._held.extra_ms
            extra[step] = max(0, extra.get(step, 0) - extra_ms)

    def trim(self, vibration_percent: int, current_percent: int) -> None:
        """Judge the shares of the program's outputs that a trim leaves."""
        for what, percent in (("vibration", vibration_percent), ("current", current_percent)):
            if not 0 <= percent <= _FULL_PERCENT:
                raise SafetyError(f"{what} is {percent} %; it must be 0 to {_FULL_PERCENT} %: a trim only lowers")

    def lower(self, which: CeilingId, value: float, least: float = 0.0) -> None:
        """Judge a setting of the device that lowers a ceiling, in its unit; `least` is the lowest that makes sense."""
        if value < least or over(which, value, self._ceilings):
            unit = CEILINGS[which].unit
            raise SafetyError(
                f"the setting for {words_of(which)} would be {spoken(value, unit)}; it must be {spoken(least, unit)} "
                f"to {spoken(self._ceilings[which], unit)}: a setting can lower a ceiling and never raise it"
            )

    def _require_held(self) -> _Held:
        if self._held is None:
            raise SafetyError("this computer has not checked the program on the roller", advice="upload it again")
        return self._held


def _spoken_ms(time_ms: int) -> str:
    return spoken(time_ms / MILLISECONDS_PER_SECOND, "s")


def _gives_current(step: Step) -> bool:
    return step.peak_most_ua > 0


def _gives_vibration(step: Step) -> bool:
    return step.amplitude_most > 0

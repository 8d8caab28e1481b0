"""The check of a routine before it is run: what is wrong with it and where, what is allowed, and how to mend it."""

from __future__ import annotations

import enum
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from glowtool.app.people.admitting import outputs_of, refusal
from glowtool.app.people.circumstances import left_today
from glowtool.app.people.who import bounds_now, meant
from glowtool.errors import InputError, RoutineError
from glowtool.kit.text.spelled import spell
from glowtool.kit.text.toml_lines import line_of
from glowtool.problem import Problem
from glowtool.routine import compile_routine
from glowtool.safety import Severity, lint_program
from glowtool.safety.rules.circumstances import UNKNOWN
from glowtool.store.routines.shelf import Shelf

if TYPE_CHECKING:
    from glowtool.app.place import Place
    from glowtool.errors import ScreeningError
    from glowtool.model.output import Output
    from glowtool.routine import Routine
    from glowtool.routine.written.expand import Expansion
    from glowtool.safety import Circumstances
    from glowtool.safety.limits import PersonalMax
    from glowtool.safety.rules.finding import Finding, Rule

__all__ = ["Checked", "Remark", "Severity", "check", "check_mine"]


class Ground(enum.Enum):
    """What a remark rests on where it is none of the safety rules."""

    FORMAT = "format"
    SCREENING = "screening"


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that a check found: a problem of the format, or a finding of the safety rules, with its place.

    `step` counts from 1, as people do, and is that of the routine as it runs.
    """

    severity: Severity
    rule: Rule | Ground
    what: str
    value: str
    allowed: str
    reason: str = ""
    fix: str = ""
    path: str = ""
    line: int | None = None
    column: int | None = None
    step: int | None = None
    title: str = ""
    suggestion: str | None = None

    @property
    def where(self) -> str:
        """The line or the column, for a message; empty: nobody knows."""
        return f"{self.line}" if self.line else f"column {self.column}" if self.column else ""

    @property
    def words(self) -> str:
        """The remark as a sentence, without its line."""
        if not self.value and not self.allowed:
            return f"{self.what}; {self.fix}" if self.fix else self.what
        if self.step is None and self.rule is Ground.FORMAT:
            problem = Problem(
                path=self.path, what=self.what, value=self.value, allowed=self.allowed, suggestion=self.suggestion
            )
            return str(problem)
        place = "" if self.step is None else f"step {self.step} ({self.title}): "
        limit = "it must be" if self.severity is Severity.REFUSE else "better is"
        return f"{place}{self.what} is {self.value}; {limit} {self.allowed}: {self.reason}; {self.fix}"

    def to_json(self) -> dict[str, object]:
        """Return the remark as a JSON object."""
        return {**asdict(self), "severity": self.severity.value, "rule": self.rule.value}


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found. `error` is what a file that cannot be read at all is refused with."""

    word: str
    remarks: tuple[Remark, ...] = ()
    routine: Routine | None = None
    error: InputError | None = None

    @property
    def refused(self) -> tuple[Remark, ...]:
        """What has to be mended."""
        return tuple(remark for remark in self.remarks if remark.severity is Severity.REFUSE)

    @property
    def warnings(self) -> tuple[Remark, ...]:
        """What can stay."""
        return tuple(remark for remark in self.remarks if remark.severity is Severity.WARN)


def check(place: Place, word: str, now: Circumstances = UNKNOWN, bounds: PersonalMax | None = None) -> Checked:
    """Check what a name, a path or a text means against the format and the safety rules.

    `now` is what is known of battery and dose. Without `bounds` it is checked at full strength, which is the strictest.
    """
    try:
        expansion = Shelf(place.routines_dir).load(word).expansion
    except RoutineError as error:
        remarks = tuple(_of_problem(problem) for problem in error.problems)
        return Checked(word, remarks or (_of_error(error),), error=error)
    findings = lint_program(compile_routine(expansion.routine, bounds), now=now)
    return Checked(word, tuple(_of_finding(finding, expansion) for finding in findings), expansion.routine)


def check_mine(place: Place, word: str) -> Checked:
    """Check it as whoever is meant at the place would get it: their maximum, their screening, the rest of their day.

    Raises `InputError` for somebody who is not known, and `StoreError`.
    """
    who = meant(place)
    checked = check(place, word, left_today(place), bounds_now(place, who))
    if checked.routine is None:
        return checked
    refused = tuple(
        _of_screening(output, error)
        for output in outputs_of(checked.routine)
        if (error := refusal(who, output)) is not None
    )
    return replace(checked, remarks=(*refused, *checked.remarks))


def _of_screening(output: Output, error: ScreeningError) -> Remark:
    return Remark(Severity.REFUSE, Ground.SCREENING, f"{output}", "asked for", "left out", error.says, error.advice)


def _of_error(error: RoutineError) -> Remark:
    return Remark(Severity.REFUSE, Ground.FORMAT, error.says, "", "", fix=error.advice)


def _of_problem(problem: Problem) -> Remark:
    return Remark(
        Severity.REFUSE,
        Ground.FORMAT,
        problem.what,
        problem.value,
        problem.allowed,
        path=problem.path,
        line=problem.line,
        column=problem.column,
        suggestion=problem.suggestion,
    )


def _of_finding(finding: Finding, expansion: Expansion) -> Remark:
    remark = Remark(
        finding.severity,
        finding.rule,
        finding.what,
        finding.value,
        finding.allowed,
        finding.reason,
        finding.fix,
    )
    if finding.step is None:
        return remark
    origin = expansion.origins[finding.step]
    place = origin.place if finding.keyframe is None else (*origin.place, "keyframes", finding.keyframe)
    at = line_of(expansion.lines, place)
    inside = "".join(f" in {name}" for name in origin.through)
    return replace(
        remark,
        path=f"{spell(place)}{inside}",
        line=None if expansion.in_columns else at,
        column=at if expansion.in_columns else None,
        step=finding.step + 1,
        title=expansion.routine.steps[finding.step].title,
    )

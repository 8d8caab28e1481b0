"""The check of a routine before it is run: what is wrong with it and where, what is allowed, and how to mend it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from glowtool.errors import InputError, Problem, RoutineError
from glowtool.kit.text.spelled import spell
from glowtool.kit.text.toml_lines import line_of
from glowtool.routine import compile_routine
from glowtool.safety import Severity, lint_program
from glowtool.store.routines.shelf import Shelf

if TYPE_CHECKING:
    from glowtool.app.place import Place
    from glowtool.routine import Routine
    from glowtool.routine.written.expand import Expansion
    from glowtool.safety.rules.finding import Finding

__all__ = ["Checked", "Remark", "Severity", "check"]


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that a check found: a problem of the format, or a finding of the safety rules, with its place.

    `step` counts from 1, as people do, and is that of the routine as it runs.
    """

    severity: Severity
    rule: str
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
        if self.step is None and self.rule == _FORMAT:
            problem = Problem(
                path=self.path, what=self.what, value=self.value, allowed=self.allowed, suggestion=self.suggestion
            )
            return str(problem)
        place = "" if self.step is None else f"step {self.step} ({self.title}): "
        limit = "it must be" if self.severity is Severity.REFUSE else "better is"
        return f"{place}{self.what} is {self.value}; {limit} {self.allowed}: {self.reason}; {self.fix}"

    def to_json(self) -> dict[str, object]:
        """Return the remark as a JSON object."""
        return {**asdict(self), "severity": self.severity.value}


_FORMAT = "format"


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


def check(place: Place, word: str) -> Checked:
    """Check what a name, a path or a text means against the format and the safety rules."""
    try:
        expansion = Shelf(place.routines_dir).load(word).expansion
    except RoutineError as error:
        remarks = tuple(_of_problem(problem) for problem in error.problems)
        return Checked(word, remarks or (_of_error(error),), error=error)
    findings = lint_program(compile_routine(expansion.routine))
    return Checked(word, tuple(_of_finding(finding, expansion) for finding in findings), expansion.routine)


def _of_error(error: RoutineError) -> Remark:
    return Remark(Severity.REFUSE, _FORMAT, error.says, "", error.advice)


def _of_problem(problem: Problem) -> Remark:
    return Remark(
        Severity.REFUSE,
        _FORMAT,
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
        finding.rule.value,
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
    return Remark(
        **{name: getattr(remark, name) for name in ("severity", "rule", "what", "value", "allowed", "reason", "fix")},
        path=f"{spell(place)}{inside}",
        line=None if expansion.in_columns else at,
        column=at if expansion.in_columns else None,
        step=finding.step + 1,
        title=expansion.routine.steps[finding.step].title,
    )

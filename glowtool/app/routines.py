"""Routines to run, loaded and checked against the safety rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowtool.errors import SafetyError
from glowtool.routine import builtin_names, compile_routine, load_routine
from glowtool.safety import Severity, lint_program

if TYPE_CHECKING:
    from glowtool.routine import Routine
    from glowtool.safety.lint import Finding

__all__ = ["built_in", "check_file", "check_routine", "load_routine"]


def built_in() -> list[Routine]:
    """Return the routines that come with glowtool."""
    return [load_routine(name) for name in builtin_names()]


def check_file(name_or_path: str) -> list[str]:
    """Load a routine and check it against the safety rules; return warnings, raise an error when it is refused."""
    return check_routine(load_routine(name_or_path))


def check_routine(routine: Routine) -> list[str]:
    """Check a routine against the safety rules; return warnings, raise `SafetyError` that names every refusal."""
    findings = lint_program(compile_routine(routine))
    refused = [finding for finding in findings if finding.severity is Severity.REFUSE]
    if refused:
        raise SafetyError(f"the routine {routine.name!r} breaks a safety rule and will not be run:").listing(
            *(f"  {_in_words(finding, routine)}" for finding in refused)
        )
    return [_in_words(finding, routine) for finding in findings]


def _in_words(finding: Finding, routine: Routine) -> str:
    """Return a finding as a sentence; only a refusal speaks of what is allowed."""
    where = "" if finding.step is None else f"step {finding.step + 1} ({routine.steps[finding.step].title}): "
    limit = "allowed is" if finding.severity is Severity.REFUSE else "it can be run; gentle is"
    return f"{where}{finding.what} is {finding.value}; {limit} {finding.allowed}: {finding.reason}"

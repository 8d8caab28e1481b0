"""Routines to run: loaded, checked against the safety rules, and proposed for a roller."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from glowtool.errors import SafetyError
from glowtool.routine import builtin_names, compile_routine, load_routine
from glowtool.safety import Severity, lint_program
from glowtool.safety.abilities import require_able
from glowtool.safety.limits import ceilings_in_force
from glowtool.safety.lint import require_clean

if TYPE_CHECKING:
    from glowtool.model.state import DeviceLimits
    from glowtool.routine import Routine
    from glowtool.safety.lint import Finding

__all__ = ["Proposal", "built_in", "check_file", "check_routine", "load_routine", "proposed_for"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """The built-in routine to begin with on a roller, by name; None where it can run none of them, and why."""

    routine: str | None
    why_none: str = ""

    @property
    def command(self) -> str:
        """The command that runs it."""
        return f"glowtool run {self.routine}"


def built_in() -> list[Routine]:
    """Return the routines that come with glowtool."""
    return [load_routine(name) for name in builtin_names()]


def proposed_for(device: DeviceLimits) -> Proposal:
    """Return what to begin with on a roller: of the routines that it can run, the shortest of those that use most."""
    ceilings, refusal = ceilings_in_force(device), ""
    for routine in sorted(built_in(), key=lambda each: (-_outputs_used(each), each.duration_s)):
        try:
            program = compile_routine(routine)
            require_able(program, device.capabilities)
            require_clean(program, ceilings)
        except SafetyError as error:
            refusal = refusal or f"{routine.name}: {error.lines[0]}"
        else:
            return Proposal(routine.name)
    return Proposal(None, f"it can run none of the built-in routines ({refusal})")


def _outputs_used(routine: Routine) -> int:
    steps = routine.steps
    return any(step.vibration for step in steps) + any(step.microcurrent for step in steps)


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

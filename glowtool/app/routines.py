"""Routines to run: loaded, checked against the safety rules, and proposed for a roller, or for those that are known."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.errors import DeviceNotFoundError, SafetyError
from glowtool.kit.text.visible import visible
from glowtool.model.state import Capability, DeviceLimits
from glowtool.routine import compile_routine
from glowtool.routine.stepped import stepped
from glowtool.safety import Severity, lint_program
from glowtool.safety.abilities import require_able
from glowtool.safety.limits import ceilings_in_force
from glowtool.safety.lint import require_clean
from glowtool.safety.rules.circumstances import UNKNOWN
from glowtool.store.rollers.registry import DeviceRegistry
from glowtool.store.routines.load import builtin_names, load_routine

if TYPE_CHECKING:
    from collections.abc import Iterable

    from glowtool.app.place import Place
    from glowtool.model.program import Program
    from glowtool.routine import Routine
    from glowtool.routine.stepped import Stepped
    from glowtool.safety import Circumstances
    from glowtool.safety.limits import PersonalMax
    from glowtool.safety.rules.finding import Finding
    from glowtool.store.rollers.known import KnownRoller

__all__ = [
    "Next",
    "Proposal",
    "built_in",
    "check_routine",
    "command_to_run",
    "load",
    "load_routine",
    "proposed_for",
    "to_begin",
    "to_record",
]

#: What a model certainly has, by its model number. Of another one only a connection tells, so it is asked for nothing.
_CERTAIN: Final = {"GR-1": DeviceLimits(Capability.VIBRATION | Capability.MICROCURRENT)}
_NOTHING: Final = DeviceLimits(Capability(0))


@dataclass(frozen=True, slots=True)
class Proposal:
    """The built-in routine to begin with on a roller, by name; None where it can run none of them, and why."""

    routine: str | None
    why_none: str = ""

    @property
    def command(self) -> str:
        """The command that runs it."""
        return f"glowtool run {self.routine}"


@dataclass(frozen=True, slots=True)
class Next:
    """The command that works now, and whether it runs a massage; before the first one, a roller has to be paired."""

    command: str
    runs: bool

    def words(self, of_a_run: str) -> str:
        """Return advice, in which `of_a_run` tells of a command that runs a massage, `{}`."""
        return of_a_run.format(f"`{self.command}`") if self.runs else f"pair a roller first: `{self.command}`"


def load(place: Place, word: str) -> Routine:
    """Return the routine that a name, a path or a text means here; raises `RoutineError`."""
    return load_routine(word, place.routines_dir)


def built_in() -> list[Routine]:
    """Return the routines that come with glowtool."""
    return [load_routine(name) for name in builtin_names()]


def proposed_for(device: DeviceLimits) -> Proposal:
    """Return what to begin with on a roller: of the routines that it can run, the shortest of those that use most."""
    ceilings, refusal = ceilings_in_force(device), ""
    for routine in sorted(built_in(), key=lambda each: (-_outputs_used(each), each.duration_s)):
        try:
            program = compile_routine(routine)
            if Capability.KEYFRAMES not in device.capabilities and (steps := stepped(routine)) is not None:
                program = compile_routine(steps.routine)
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


def suited(routine: Routine, bounds: PersonalMax, device: DeviceLimits) -> tuple[Stepped, Program] | None:
    """Return what an older roller gets in place of a routine with keyframes, and its program; None: it needs nothing.

    It stays within the same bounds.
    """
    found = None if Capability.KEYFRAMES in device.capabilities else stepped(routine, bounds)
    return None if found is None else (found, compile_routine(found.routine, bounds))


def to_begin(place: Place) -> Next:
    """Return what to do for a massage now: pair a roller, or run a routine that the known one can run.

    Of several rollers it is the default, or the one seen last. Raises `StoreError`.
    """
    registry = DeviceRegistry(place.root)
    rollers = registry.rollers()
    if not rollers:
        return Next("glowtool pair", runs=False)
    known = next((each for each in rollers if _means(registry, None, each)), rollers[0])
    return Next(command_to_run(registry, known, _routine_for(known)), runs=True)


def to_record(place: Place) -> str:
    """Return how to come to a first log, in words; raises `StoreError`."""
    return to_begin(place).words("{} records one")


def run_instead(registry: DeviceRegistry, known: KnownRoller, device: DeviceLimits) -> str:
    """Return what to run on a roller in place of a routine that it cannot run, in words."""
    proposal = proposed_for(device)
    if proposal.routine is None:
        return proposal.why_none
    return f"`{command_to_run(registry, known, proposal.routine)}` is one that it can run"


def command_to_run(registry: DeviceRegistry, known: KnownRoller, routine: str) -> str:
    """Return the command that runs a routine on this roller; it names the roller where another one could be meant."""
    if _means(registry, None, known):
        return f"glowtool run {routine}"
    plain = visible(known.spoken) == known.spoken and _means(registry, known.spoken, known)
    return f"glowtool run {routine} {shlex.quote(known.spoken) if plain else known.address}"


def check_routine(routine: Routine, now: Circumstances = UNKNOWN) -> list[str]:
    """Check a routine against the safety rules; return warnings, raise `SafetyError` that names every refusal.

    `now` is what is known of battery and dose.
    """
    findings = lint_program(compile_routine(routine), now=now)
    return refused_and_warned(routine, findings, "breaks a safety rule and will not be run")


def refused_and_warned(routine: Routine, findings: Iterable[Finding], so: str) -> list[str]:
    """Return the warnings among findings in words, or raise `SafetyError` that names every refusal, and says `so`."""
    found = tuple(findings)
    refused = [finding for finding in found if finding.severity is Severity.REFUSE]
    if refused:
        raise SafetyError(f"the routine {routine.name!r} {so}:").listing(
            *(f"  {in_words(finding, routine)}" for finding in refused)
        )
    return [in_words(finding, routine) for finding in found]


def in_words(finding: Finding, routine: Routine) -> str:
    """Return a finding as a sentence; only a refusal speaks of what is allowed."""
    where = "" if finding.step is None else f"step {finding.step + 1} ({routine.steps[finding.step].title}): "
    limit = "it must be" if finding.severity is Severity.REFUSE else "it can be run; gentle is"
    return f"{where}{finding.what} is {finding.value}; {limit} {finding.allowed}: {finding.reason}; {finding.fix}"


def _routine_for(known: KnownRoller) -> str:
    proposal = proposed_for(_CERTAIN.get(known.model, _NOTHING))
    if proposal.routine is None:
        raise AssertionError("a routine that asks for no output comes with glowtool")
    return proposal.routine


def _means(registry: DeviceRegistry, text: str | None, known: KnownRoller) -> bool:
    try:
        return registry.find(text).address == known.address
    except DeviceNotFoundError:
        return False

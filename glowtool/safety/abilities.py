"""The check for abilities that a program needs and a roller lacks: such a program is refused before it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowtool.errors import SafetyError
from glowtool.model.state import Capability

if TYPE_CHECKING:
    from collections.abc import Callable

    from glowtool.model.program import Program, Step

#: The name of an output, and the steps that ask for it.
_OUTPUTS: Final[dict[Capability, tuple[str, Callable[[Step], bool]]]] = {
    Capability.VIBRATION: ("vibration", lambda step: step.amplitude_most > 0),
    Capability.MICROCURRENT: ("microcurrent", lambda step: step.peak_most_ua > 0),
}


class UnableError(SafetyError):
    """A program asks for an output, or for something else, that the device lacks."""


def require_able(program: Program, capabilities: Capability) -> None:
    """Raise `UnableError` when a program asks for what a roller with these capabilities lacks."""
    for needed, (name, wants) in _OUTPUTS.items():
        steps = [number for number, step in enumerate(program, 1) if wants(step)]
        if steps and needed not in capabilities:
            raise UnableError(
                f"this roller has no {name}, and {_steps(steps)} for it; nothing was sent",
                advice=f"run a routine without {name} (`glowtool routines list` says what each uses), or a copy of "
                f"this one with its `{name}` left out",
            )

    moving = [number for number, step in enumerate(program, 1) if step.keyframes]
    if moving and Capability.KEYFRAMES not in capabilities:
        raise UnableError(
            f"this roller cannot change its levels within a step, and {_steps(moving)} for it; nothing was sent",
            advice="update the roller, or run a routine whose steps have no keyframes",
        )


def _steps(numbers: list[int]) -> str:
    """Return the words for the asking steps, counted from 1."""
    if len(numbers) == 1:
        return f"step {numbers[0]} asks"
    return f"steps {', '.join(map(str, numbers[:-1]))} and {numbers[-1]} ask"

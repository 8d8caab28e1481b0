"""A routine as JSON: all that it says, flat, and the numbers of the program that a roller runs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from glowtool.model.names import name_of

if TYPE_CHECKING:
    from glowtool.model.program import Program, Step
    from glowtool.routine.models import Routine

FORMAT: Final = "glowtool-routine"

#: Grows when a reader of the version before would misunderstand a file; a new key alone does not count.
VERSION: Final = 1


def write_json(routine: Routine, program: Program) -> tuple[str, tuple[str, ...]]:
    """Return a routine as JSON, in which nothing is lost but how the file was written."""
    content = {
        "format": FORMAT,
        "version": VERSION,
        "routine": routine.model_dump(mode="json"),
        "program": [_step(step) for step in program],
    }
    return json.dumps(content, indent=2, allow_nan=False) + "\n", ()


def _step(step: Step) -> dict[str, object]:
    return {
        "zone": name_of(step.zone),
        "works": step.works,
        "duration_s": step.duration_s,
        "pattern": name_of(step.pattern),
        "period_s": step.period_s,
        "waveform": name_of(step.waveform),
        "ramp_s": step.ramp_s,
        "points": [
            {
                "at_s": point.at_s,
                "amplitude": point.amplitude,
                "vibration_hz": point.vibration_hz,
                "peak_ua": point.peak_ua,
                "current_hz": point.current_hz,
            }
            for point in step.points
        ],
    }

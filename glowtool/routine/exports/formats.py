"""The formats that a routine is exported in, as one table."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.routine.exports.ahap import write_ahap
from glowtool.routine.exports.as_json import write_json

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from glowtool.model.program import Program
    from glowtool.routine.models import Routine


class ExportFormat(enum.StrEnum):
    """A format for other programs."""

    JSON = "json"
    AHAP = "ahap"


@dataclass(frozen=True, slots=True)
class Exported:
    """A file's text, and what of the routine is not in it."""

    text: str
    lost: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Row:
    """What a format is for, and what writes it."""

    title: str
    write: Callable[[Routine, Program], tuple[str, tuple[str, ...]]]


FORMATS: Final[Mapping[ExportFormat, _Row]] = {
    ExportFormat.JSON: _Row("JSON, all of the routine and the program of its steps", write_json),
    ExportFormat.AHAP: _Row("AHAP, Apple's haptic pattern, the vibration only", write_ahap),
}


def export_routine(routine: Routine, program: Program, form: ExportFormat) -> Exported:
    """Return a routine, and the program that it compiles to, as a text in this format."""
    return Exported(*FORMATS[form].write(routine, program))

"""The formats of other programs that can be read, as one table."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.errors import InputError
from glowtool.routine.imports.ahap import read_ahap
from glowtool.routine.imports.funscript import read_funscript
from glowtool.routine.imports.haptic import read_haptic
from glowtool.routine.imports.zwo import read_zwo

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from glowtool.routine.imports.track import Track


class ImportFormat(enum.StrEnum):
    """A format of another program."""

    FUNSCRIPT = "funscript"
    ZWO = "zwo"
    AHAP = "ahap"
    HAPTIC = "haptic"


@dataclass(frozen=True, slots=True)
class _Row:
    """What a format is called, how its files end, what is seen in them, what reads them, and the longest in KiB.

    The longest is far beyond what people have; a longer file would only keep them waiting.
    """

    title: str
    suffix: str
    seen: re.Pattern[str]
    read: Callable[[str], Track]
    longest_kib: int


FORMATS: Final[Mapping[ImportFormat, _Row]] = {
    ImportFormat.FUNSCRIPT: _Row("a funscript", ".funscript", re.compile(r'"actions"\s*:'), read_funscript, 6 * 1024),
    ImportFormat.ZWO: _Row("a Zwift workout", ".zwo", re.compile(r"<workout_file\b"), read_zwo, 512),
    ImportFormat.AHAP: _Row("an AHAP pattern of Apple", ".ahap", re.compile(r'"Pattern"\s*:'), read_ahap, 2 * 1024),
    ImportFormat.HAPTIC: _Row(
        "a .haptic file of Lofelt or Meta", ".haptic", re.compile(r'"signals"\s*:'), read_haptic, 6 * 1024
    ),
}


def format_of(file_name: str, text: str) -> ImportFormat:
    """Return the format of a file, by the end of its name, else by its content; raises `InputError`."""
    for form, row in FORMATS.items():
        if file_name.casefold().endswith(row.suffix):
            return form
    for form, row in FORMATS.items():
        if row.seen.search(text):
            return form
    known = ", ".join(f"{row.suffix} ({row.title})" for row in FORMATS.values())
    raise InputError("its format is not known", advice=f"name the format with --from, one of {known}")


def read_track(text: str, form: ImportFormat) -> Track:
    """Return the vibration in a text of this format; raises `InputError`, also when there is none in it."""
    row = FORMATS[form]
    if len(text) > row.longest_kib * 1024:
        raise InputError(f"it is longer than the {row.longest_kib} KiB that are allowed for {row.title}")
    track = row.read(text)
    if len(track.points) < 2 or not any(point.amplitude > 0 for point in track.points):
        lost = f" ({'; '.join(track.lost)})" if track.lost else ""
        raise InputError(f"it has no vibration that lasts{lost}")
    return track

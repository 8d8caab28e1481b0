"""The import of a file of another program: read, made to fit, checked as any routine, and kept."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.app.authoring.writing import SCHEMA_FILE, save
from glowtool.app.routines import check_routine
from glowtool.errors import InputError
from glowtool.kit.storage.toml_file import read_toml_text
from glowtool.model.face import Zone
from glowtool.routine.fields import NAME, NAME_ALLOWED, NAME_LENGTH
from glowtool.routine.imports.as_routine import ZONES, Origin, routine_of
from glowtool.routine.imports.fit import MASSAGE_S, Wish, fit
from glowtool.routine.imports.formats import FORMATS, ImportFormat, format_of, read_track
from glowtool.routine.toml.writer import write_toml
from glowtool.routine.written.expand import expand
from glowtool.store.exports.target import write_to

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from glowtool.app.place import Place
    from glowtool.routine import Routine, WrittenRoutine

__all__ = ["FORMATS", "MASSAGE_S", "Made", "Wish", "Zone", "command_word", "keep", "made_of"]

#: More than any format may have.
_LIMIT_BYTES: Final = 8 * 1024 * 1024

_NAME: Final = re.compile(NAME)


@dataclass(frozen=True, slots=True)
class Made:
    """A routine made of a file, as it is written and flat, and what is not in it or was changed."""

    written: WrittenRoutine
    routine: Routine
    lost: tuple[str, ...]
    warnings: tuple[str, ...]


def made_of(path: Path, wish: Wish, *, name: str | None, form: str | None, zones: Sequence[Zone]) -> Made:
    """Return the routine of a file, checked as any other; raises `InputError`, `SafetyError`, `MissingExtraError`."""
    text = _read(path)
    try:
        chosen = format_of(path.name, text) if form is None else ImportFormat(form)
        track = read_track(text, chosen)
        places = tuple(zones) or ZONES
        fitted = fit(track, wish, len(places))
    except InputError as error:
        raise InputError(f"{path} cannot be imported: {error.says}", advice=error.advice) from error
    origin = Origin(path.name, FORMATS[chosen].title, track.title)
    written = routine_of(fitted, origin, _named(name or origin.name), places)
    routine = expand(written).routine
    warnings = check_routine(routine)
    return Made(written, routine, fitted.lost, tuple(warnings))


def keep(place: Place, made: Made, target: Path | None, *, force: bool) -> Path:
    """Write the routine to a file, or to one's own routines; return its path. Raises `InputError`, `StoreError`."""
    name = made.written.name
    own = place.routines_dir / f"{name}.toml"
    if target is None and not own.exists():
        return save(place, name, made.written)
    if target is None and not force:
        raise InputError(
            f"you have a routine {name!r} already",
            advice="replace it with --force, or give this one another name with --name",
        )
    path = target or own
    content = write_toml(made.written, SCHEMA_FILE if target is None else "").encode()
    write_to(path, lambda stream: stream.write(content), force=force)
    return path


def command_word(made: Made, path: Path, target: Path | None) -> str:
    """Return how a command names the routine: by its name if it is one's own, else by its file."""
    return made.written.name if target is None else shlex.quote(str(path))


def _named(name: str) -> str:
    if len(name) > NAME_LENGTH or not _NAME.match(name):
        raise InputError(f"the name {name!r} is not allowed", advice=f"give one of {NAME_ALLOWED}")
    return name


def _read(path: Path) -> str:
    try:
        return read_toml_text(path, _LIMIT_BYTES)
    except FileNotFoundError as error:
        raise InputError(f"there is no file {path}", advice="name one that is there") from error
    except InputError as error:
        reason = error.problems[0].what if error.problems else error.says
        raise InputError(f"{path} cannot be imported: {reason}") from error
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from error

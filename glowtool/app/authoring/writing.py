"""Routines of one's own: what there is, new ones, and the same routine in other forms."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from glowtool.kit.storage.files import make_folder, storing, write_atomic
from glowtool.routine import routine_json_schema
from glowtool.routine.fields import NAME_LENGTH
from glowtool.routine.text.compare import differences
from glowtool.routine.text.grammar import DEFAULTS
from glowtool.routine.text.grammar import TABLES as GRAMMAR
from glowtool.routine.text.writer import write_text
from glowtool.routine.toml.template import template, title_from
from glowtool.routine.toml.writer import write_toml
from glowtool.routine.written.flat import written_of
from glowtool.routine.written.swap import has_includes, swapped
from glowtool.store.routines.shelf import Loaded, Shelf, Source, is_text

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.app.place import Place
    from glowtool.routine import WrittenRoutine

__all__ = [
    "GRAMMAR",
    "Loaded",
    "Source",
    "as_text",
    "as_toml",
    "difference",
    "file_of",
    "grammar",
    "is_text",
    "load",
    "mirrored",
    "new",
    "save",
    "schema",
    "schema_text",
]

#: The schema beside the routines of one's own; their first line names it.
SCHEMA_FILE: Final = "routine.schema.json"

_MIRRORED: Final = "-mirrored"


def load(place: Place, word: str) -> Loaded:
    """Return what a name, a path or a text means, as it was written; raises `RoutineError`."""
    return _shelf(place).load(word)


def new(place: Place, name: str, like: str | None = None) -> Path:
    """Write a new routine of one's own, with the schema beside it, and return its path.

    `like` is what it begins as: a name, a path or a text; None: a file with explanations. Raises `RoutineError`.
    """
    return save(place, name, None if like is None else load(place, like).written)


def save(place: Place, name: str, routine: WrittenRoutine | None) -> Path:
    """Write a routine as one of one's own under a new name; None: the template. Raises `RoutineError`, `StoreError`."""
    shelf = _shelf(place)
    shelf.require_free(name)
    _write_schema(place.routines_dir)
    if routine is None:
        return shelf.save(name, template(name, SCHEMA_FILE))
    title = title_from(name) if routine.title == DEFAULTS["title"] else routine.title
    return shelf.save(name, write_toml(routine.model_copy(update={"name": name, "title": title}), SCHEMA_FILE))


def file_of(place: Place, word: str) -> Path:
    """Return the file of a routine that a person may change: one's own, or one named by its path; `RoutineError`."""
    return _shelf(place).file(word)


def mirrored(place: Place, word: str, name: str | None = None) -> WrittenRoutine:
    """Return a routine with left and right exchanged; includes are written out for it."""
    loaded = load(place, word)
    whole = written_of(loaded.routine) if has_includes(loaded.written.steps) else loaded.written
    return swapped(whole, name or f"{whole.name[: NAME_LENGTH - len(_MIRRORED)].rstrip('-')}{_MIRRORED}")


def difference(place: Place, one: str, other: str) -> list[str]:
    """Return the lines in which two routines differ, with what they share; none when both say the same."""
    return differences(load(place, one).routine, load(place, other).routine)


def as_text(routine: WrittenRoutine) -> str:
    """Return a routine in one line."""
    return write_text(routine)


def as_toml(routine: WrittenRoutine) -> str:
    """Return a routine as a file."""
    return write_toml(routine)


def schema() -> dict[str, object]:
    """Return the JSON Schema of routines."""
    return routine_json_schema()


def grammar() -> dict[str, object]:
    """Return the grammar of the text form, table by table."""
    return {title: [asdict(form) for form in forms] for title, forms in GRAMMAR.items()}


def schema_text() -> str:
    """Return the JSON Schema of routines as a text."""
    return json.dumps(routine_json_schema(), indent=2, ensure_ascii=False) + "\n"


def _shelf(place: Place) -> Shelf:
    return Shelf(place.routines_dir)


def _write_schema(folder: Path) -> None:
    """Write the schema of this version, for editors, unless it is there."""
    path, content = folder / SCHEMA_FILE, schema_text().encode()
    with storing(f"write {path}"):
        make_folder(folder)
        if not path.exists() or path.read_bytes() != content:
            write_atomic(path, lambda stream: stream.write(content))

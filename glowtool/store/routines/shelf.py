"""The routines that can be called: the built-in ones, those of the person's own folder, files, and typed texts."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Final

from glowtool.errors import InputError, RoutineError
from glowtool.kit.storage.files import make_folder, storing, write_atomic
from glowtool.kit.storage.lock import alone
from glowtool.kit.storage.toml_file import LIMIT_BYTES, read_toml_text
from glowtool.kit.text.nearest import closest
from glowtool.kit.text.spelled import shortened
from glowtool.routine.fields import NAME, NAME_ALLOWED, NAME_LENGTH
from glowtool.routine.text.parser import parse_text, parse_text_expanded
from glowtool.routine.toml.parse import parse_expanded, parse_written
from glowtool.routine.toml.problems import as_error

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from glowtool.routine.models import Routine
    from glowtool.routine.written.expand import Expansion
    from glowtool.routine.written.models import WrittenRoutine

_SUFFIX: Final = ".toml"
_NAME: Final = re.compile(NAME)

#: Signs that only a text has, or words of which no file is called.
_TEXT: Final = re.compile(r'[;"]|^\S+\s+\S|^\S+\s*\(')


class Source(enum.Enum):
    """The kinds of places that routines come from."""

    BUILT_IN = enum.auto()
    OWN = enum.auto()
    FILE = enum.auto()
    TEXT = enum.auto()


@dataclass(frozen=True, slots=True)
class Loaded:
    """A routine as it was written, with what it expands to; `file` is its name in messages."""

    source: Source
    file: str
    written: WrittenRoutine
    expansion: Expansion

    @property
    def routine(self) -> Routine:
        """The flat routine."""
        return self.expansion.routine


class Shelf:
    """Every routine that can be called by a name, a path or a text; `own` is the folder of the person's own ones."""

    def __init__(self, own: Path | None = None) -> None:
        self.own = own

    def load(self, word: str) -> Loaded:
        """Return a routine; raises `RoutineError` that lists every problem with its place, value and what is allowed.

        A built-in name wins over one's own, a name over a text, and a text over a file; `./first-glow` and what ends in
        `.toml` are always files.
        """
        if word in builtin_names():
            return self._parsed(Source.BUILT_IN, f"{word}{_SUFFIX}", _builtin_text(word))
        if self.is_own(word):
            return self._own(word)
        if is_text(word):
            return Loaded(Source.TEXT, "the text", parse_text(word), parse_text_expanded(word, self.find))
        return self._parsed(Source.FILE, word, self._read(word))

    def find(self, name: str) -> WrittenRoutine:
        """Return the written routine of that name, for whoever includes it; raises `RoutineError`."""
        if name in builtin_names():
            return parse_written(_builtin_text(name), f"{name}{_SUFFIX}")
        if self.is_own(name):
            return parse_written(self._read(str(self.path(name))), f"{name}{_SUFFIX}")
        near = closest(name, (*self.own_names(), *builtin_names()))
        guess = f"; did you mean {near}?" if near else ""
        raise RoutineError(f"there is no routine of this name{guess}")

    def is_own(self, name: str) -> bool:
        """Return whether the person has a routine of that name."""
        return self.own is not None and is_name(name) and self.path(name).is_file()

    def own_names(self) -> tuple[str, ...]:
        """Return the names of the person's own routines, in alphabetical order."""
        return tuple(name for name in self._own_files() if is_name(name))

    def misnamed(self) -> tuple[str, ...]:
        """Return what the person's files are called that no routine can be called by, without their suffix."""
        return tuple(name for name in self._own_files() if not is_name(name))

    def _own_files(self) -> list[str]:
        if self.own is None:
            return []
        try:
            return sorted(path.stem for path in self.own.glob(f"*{_SUFFIX}") if path.is_file())
        except OSError as error:
            raise RoutineError(f"your routines in {self.own} cannot be read: {error.strerror}") from error

    def path(self, name: str) -> Path:
        """Return where the person's own routine of that name is, or would be."""
        if self.own is None:
            raise RoutineError("there is no folder for routines of one's own here")
        return self.own / f"{name}{_SUFFIX}"

    def file(self, word: str) -> Path:
        """Return the file of a routine that a person may change, by its name or its path; raises `RoutineError`."""
        if word in builtin_names():
            raise RoutineError(
                f"{word!r} is a built-in routine, which nobody changes",
                advice=f"`glowtool routines new my-{word} --from {word}` makes a copy",
            )
        if self.is_own(word):
            return self.path(word)
        if is_text(word):
            raise RoutineError("a text is no file", advice="`glowtool routines new NAME --from TEXT` makes one of it")
        if not _is_file(word):
            raise self._not_found(word)
        return Path(word)

    def require_free(self, name: str) -> None:
        """Raise `RoutineError` for what is no name, or is taken by a built-in routine or one of the person's own."""
        if not is_name(name):
            raise RoutineError(f"{shortened(name)!r} is no name for a routine", advice=f"use {NAME_ALLOWED}")
        if name in builtin_names():
            raise RoutineError(
                f"{name!r} is the name of a built-in routine, which would be run in place of yours",
                advice="choose another name",
            )
        if self.is_own(name):
            raise RoutineError(
                f"you have a routine {name!r} already", advice=f"`glowtool routines edit {name}` changes it"
            )

    def save(self, name: str, text: str) -> Path:
        """Write a new routine of one's own; raises `RoutineError` when the name is not free, and `StoreError`."""
        content = text.encode()
        if len(content) > LIMIT_BYTES:
            raise RoutineError(
                f"the routine {name!r} has {len(content)} bytes as a file; at most {LIMIT_BYTES} are allowed"
            )
        path = self.path(name)
        with storing(f"write {path}"):
            make_folder(path.parent)
            with alone(path.parent / ".lock"):
                self.require_free(name)
                write_atomic(path, lambda stream: stream.write(content))
        return path

    def _own(self, name: str) -> Loaded:
        loaded = self._parsed(Source.OWN, str(self.path(name)), self._read(str(self.path(name))))
        if loaded.written.name != name:
            raise RoutineError(
                f"{self.path(name)} is called {name!r} by its file, and {loaded.written.name!r} inside",
                advice="give both one name",
            )
        return loaded

    def _parsed(self, source: Source, file: str, text: str) -> Loaded:
        return Loaded(source, file, parse_written(text, file), parse_expanded(text, file, self.find))

    def _read(self, word: str) -> str:
        try:
            return read_toml_text(Path(word))
        except FileNotFoundError as error:
            raise self._not_found(word) from error
        except InputError as error:
            if error.problems:
                raise as_error(word, error.problems) from error
            raise RoutineError(
                f"the routine {shortened(word)!r} cannot be read: {error}", advice="give a TOML file"
            ) from error
        except (OSError, ValueError) as error:
            raise RoutineError(
                f"the routine {shortened(word)!r} cannot be read: {getattr(error, 'strerror', None) or error}",
                advice="give a TOML file",
            ) from error

    def _not_found(self, word: str) -> RoutineError:
        near = closest(word.removesuffix(_SUFFIX), (*self.own_names(), *builtin_names()))
        guess = f"did you mean {near}? " if near else ""
        return RoutineError(
            f"there is no routine {shortened(word)!r}, and no such file",
            advice=f"{guess}`glowtool routines list` shows the names",
        )


def is_name(word: str) -> bool:
    """Return whether a word can be the name of a routine."""
    return len(word) <= NAME_LENGTH and _NAME.match(word) is not None


def is_text(word: str) -> bool:
    """Return whether a word is a routine in one line, and no name or path."""
    return not word.endswith(_SUFFIX) and _TEXT.search(word.strip()) is not None and not _is_file(word)


def _is_file(word: str) -> bool:
    try:
        return Path(word).is_file()
    except (OSError, ValueError):
        return False


def builtin_names() -> tuple[str, ...]:
    """Return the names of the built-in routines, in alphabetical order."""
    return tuple(sorted(item.name.removesuffix(_SUFFIX) for item in _library().iterdir() if _is_routine(item)))


def _builtin_text(name: str) -> str:
    return (_library() / f"{name}{_SUFFIX}").read_text("utf-8")


def _library() -> Traversable:
    return resources.files("glowtool.routine") / "library"


def _is_routine(item: Traversable) -> bool:
    return item.name.endswith(_SUFFIX)

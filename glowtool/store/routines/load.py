"""The loading of routines: from the built-in library, and from files that people write."""

from __future__ import annotations

import os
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Final

from glowtool.errors import InputError, RoutineError
from glowtool.kit.storage.toml_file import read_toml_text
from glowtool.kit.text.nearest import closest
from glowtool.routine.toml.parse import parse_routine
from glowtool.routine.toml.problems import as_error

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from glowtool.routine.models import Routine

_SUFFIX: Final = ".toml"


def builtin_names() -> tuple[str, ...]:
    """Return the names of the built-in routines, in alphabetical order."""
    return tuple(sorted(item.name.removesuffix(_SUFFIX) for item in _library().iterdir() if _is_routine(item)))


def load_routine(name_or_path: str | os.PathLike[str]) -> Routine:
    """Return the built-in routine of that name, or the one in that file; raises `RoutineError`.

    A built-in name wins over a file of the same name; `./first-glow` is always a file. The error lists every
    problem of the file, each with line, path, value and what is allowed.
    """
    word = os.fspath(name_or_path)
    if word in builtin_names():
        return parse_routine((_library() / f"{word}{_SUFFIX}").read_text("utf-8"), f"{word}{_SUFFIX}")
    return parse_routine(_read(Path(word)), word)


def _library() -> Traversable:
    return resources.files("glowtool.routine") / "library"


def _is_routine(item: Traversable) -> bool:
    return item.name.endswith(_SUFFIX)


def _read(path: Path) -> str:
    try:
        return read_toml_text(path)
    except FileNotFoundError as error:
        raise RoutineError(_not_found(str(path))) from error
    except InputError as error:
        if error.problems:
            raise as_error(str(path), error.problems) from error
        raise RoutineError(f"the routine {str(path)!r} cannot be read: {error}", advice="give a TOML file") from error
    except (OSError, ValueError) as error:
        raise RoutineError(
            f"the routine {str(path)!r} cannot be read: {getattr(error, 'strerror', None) or error}",
            advice="give a TOML file",
        ) from error


def _not_found(word: str) -> str:
    names = builtin_names()
    near = closest(word.removesuffix(_SUFFIX), names)
    guess = f" Did you mean {near}?" if near else ""
    return f"there is no routine {word!r}: no such file, and the built-in ones are {', '.join(names)}.{guess}"

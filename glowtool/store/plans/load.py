"""The loading of plans: from those that come with glowtool, and from files that people write."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Final

from glowtool.errors import InputError
from glowtool.kit.storage.toml_file import read_toml_text
from glowtool.kit.text.nearest import closest
from glowtool.routine.plans.parse import as_plan_error, parse_plan

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from glowtool.routine.plans.models import Plan

_SUFFIX: Final = ".toml"
_HOW: Final = "give a TOML file, or a name that `glowtool plan list` shows"


def builtin_plan_names() -> tuple[str, ...]:
    """Return the names of the plans that come with glowtool, in alphabetical order."""
    found = (item.name for item in _library().iterdir())
    return tuple(sorted(name.removesuffix(_SUFFIX) for name in found if name.endswith(_SUFFIX)))


def load_plan(name_or_path: str) -> Plan:
    """Return the plan of that name that comes with glowtool, or the one in that file.

    A name wins over a file; `./fine-lines` is always a file. Raises `InputError` that lists every problem.
    """
    if name_or_path in builtin_plan_names():
        text = (_library() / f"{name_or_path}{_SUFFIX}").read_text("utf-8")
        return parse_plan(text, f"{name_or_path}{_SUFFIX}")
    return parse_plan(_read(name_or_path), name_or_path)


def _library() -> Traversable:
    return resources.files("glowtool.routine.plans") / "library"


def _read(word: str) -> str:
    try:
        return read_toml_text(Path(word))
    except FileNotFoundError as error:
        names = builtin_plan_names()
        near = closest(word.removesuffix(_SUFFIX), names)
        guess = f" Did you mean {near}?" if near else ""
        raise InputError(
            f"there is no plan {word!r}: no such file, and those that come with glowtool are {', '.join(names)}.{guess}"
        ) from error
    except InputError as error:
        if error.problems:
            raise as_plan_error(word, error.problems) from error
        raise InputError(f"the plan {word!r} cannot be read: {error}", advice=_HOW) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise InputError(f"the plan {word!r} cannot be read: {reason}", advice=_HOW) from error

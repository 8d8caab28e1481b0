"""A line of a chain, and the seal by which it holds the line before it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

#: What every seal begins with, so that a seal of another format is none of this one.
_FORMAT: Final = "glowtool chain 1"

#: The kind of the line with which a chain goes on after lines were lost; `content` says which.
BROKEN: Final = "broken"


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its number from 1, when it was written (unix µs), its kind, a JSON object, and both seals.

    `previous` is the seal of the line before; that of the first line is the chain's own random id.
    """

    number: int
    at_us: int
    kind: str
    content: str
    previous: str
    seal: str = ""

    @property
    def data(self) -> Mapping[str, object]:
        """The content as an object; empty when it is not one, which only a line that was altered is."""
        try:
            found = json.loads(self.content)
        except (ValueError, RecursionError):
            return {}
        return cast("dict[str, object]", found) if isinstance(found, dict) else {}

    @property
    def is_whole(self) -> bool:
        """Whether the line is as it was written."""
        return self.seal == seal_of(self)


def seal_of(line: Line) -> str:
    """Return the SHA-256 over everything in a line, with the seal of the line before it."""
    said = [_FORMAT, line.previous, line.number, line.at_us, line.kind, line.content]
    return hashlib.sha256(json.dumps(said, separators=(",", ":")).encode()).hexdigest()


def sealed(number: int, at_us: int, kind: str, data: Mapping[str, object], previous: str) -> Line:
    """Return a new line with its seal; raises `ValueError` for numbers that JSON has not."""
    content = json.dumps(data, sort_keys=True, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    line = Line(number, at_us, kind, content, previous)
    return replace(line, seal=seal_of(line))

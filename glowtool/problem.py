"""A problem of a file from outside, as the errors list it and machines read it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One problem of a file: its place, what is wrong, the value, what is allowed, and the likely intention."""

    what: str
    allowed: str
    path: str = ""
    line: int | None = None
    #: In place of a line, of a text that is one line.
    column: int | None = None
    value: str = ""
    suggestion: str | None = None

    def __str__(self) -> str:
        where = f"{self.line}:" if self.line else f"column {self.column}:" if self.column else ""
        place = " ".join(filter(None, (where, f"{self.path}:" if self.path else "")))
        guess = f"; did you mean {self.suggestion}?" if self.suggestion else ""
        allowed = f"; allowed: {self.allowed}" if self.allowed else ""
        return " ".join(filter(None, (place, self.value, f"{self.what}{allowed}{guess}")))

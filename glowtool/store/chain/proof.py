"""The proof of a chain: which is the first line that is not as it was written, if there is one."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from glowtool.store.chain.line import BROKEN, Line, seal_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glowtool.store.chain.head import Head


class Harm(enum.StrEnum):
    """What was done to a chain."""

    ALTERED = "altered"
    MISSING = "missing"
    INSERTED = "inserted"
    CUT_OFF = "cut off"
    REWRITTEN = "rewritten"
    HEADLESS = "headless"
    BROKEN_OFF = "broken off"


@dataclass(frozen=True, slots=True)
class Fault:
    """The first line of a chain that is not as it was written, and what became of it."""

    number: int
    harm: Harm
    words: str

    def __str__(self) -> str:
        return self.words


def first_fault(lines: Sequence[Line], head: Head | None) -> Fault | None:
    """Return the first fault of a chain, whose lines are given by their numbers; None when it is whole.

    `head` is the note of the last line that is kept apart from the chain. Without it, nobody knows how it should end.
    """
    return _within(lines, head) or _at_the_end(lines, head)


def _within(lines: Sequence[Line], head: Head | None) -> Fault | None:
    before: Line | None = None
    for expected, line in enumerate(lines, 1):
        if line.number != expected:
            return _missing(expected, line.number - 1)
        if not line.is_whole:
            if sum(each.seal == line.seal for each in lines) > 1:
                return Fault(expected, Harm.INSERTED, f"line {expected} was inserted: it is a copy of another one")
            return _moved(line, most=len(lines) if head is None else max(len(lines), head.number + 1))
        previous = _first_previous(line, head) if before is None else before.seal
        if line.previous != previous:  # the line itself is whole, so it is the one before that is another one now
            number = max(1, expected - 1)
            return Fault(number, Harm.ALTERED, f"line {number} is not the one that was written there")
        if line.kind == BROKEN:
            return Fault(
                expected, Harm.BROKEN_OFF, f"line {expected} says: {line.data.get('because', 'lines were lost')}"
            )
        before = line
    return None


def _first_previous(line: Line, head: Head | None) -> str:
    return line.previous if head is None else head.chain


def _missing(first: int, last: int) -> Fault:
    which = f"line {first} is missing" if first == last else f"lines {first} to {last} are missing"
    return Fault(first, Harm.MISSING, which)


def _moved(line: Line, most: int) -> Fault:
    """Return the fault of a line whose seal is not its own: perhaps only its number is another one now."""
    here = line.number
    for number in range(1, most + 1):
        if number != here and seal_of(replace(line, number=number)) == line.seal:
            if number > here:
                return _missing(here, number - 1)
            which = f"line {number} was" if number == here - 1 else f"lines {number} to {here - 1} were"
            return Fault(number, Harm.INSERTED, f"{which} inserted")
    return Fault(here, Harm.ALTERED, f"line {here} was altered")


def _at_the_end(lines: Sequence[Line], head: Head | None) -> Fault | None:
    last = lines[-1].number if lines else 0
    if head is None:
        if not lines:
            return None
        words = f"the note of the last line, kept apart, is missing: whether lines follow line {last} is not known"
        return Fault(last + 1, Harm.HEADLESS, words)
    if last < head.number:
        which = f"line {head.number} is" if last + 1 == head.number else f"lines {last + 1} to {head.number} are"
        return Fault(last + 1, Harm.CUT_OFF, f"{which} cut off at the end")
    if head.number and lines[head.number - 1].seal != head.seal:
        words = (
            f"lines up to {head.number} were written anew: each is whole, but line {head.number} is not the one that "
            "was noted apart"
        )
        return Fault(head.number, Harm.REWRITTEN, words)
    beyond = lines[head.number :]
    if len(beyond) > len(head.coming):
        number = head.number + len(head.coming) + 1
        return Fault(number, Harm.INSERTED, f"line {number} was added by something else")
    for line, seal in zip(beyond, head.coming, strict=False):
        if line.seal != seal:
            return Fault(line.number, Harm.INSERTED, f"line {line.number} was added by something else")
    return None

"""The machine of a massage, taken through its inputs, and the moves that it makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowtool.session.decide.machine import Massage, advance
from glowtool.session.decide.moves import BeginStep, Input, Mark, Move, Tell

if TYPE_CHECKING:
    from glowtool.model.event import Event


def advanced(massage: Massage, *inputs: Input) -> tuple[Massage, list[Move]]:
    """Return a massage after these inputs, and all its moves."""
    done: list[Move] = []
    for each in inputs:
        massage, moves = advance(massage, each)
        done.extend(moves)
    return massage, done


def marks(moves: list[Move]) -> list[Event]:
    """Return the events that the moves put in the log."""
    return [move.event for move in moves if isinstance(move, Mark)]


def kinds(moves: list[Move]) -> list[type[Move]]:
    """Return the types of the moves, without those that only tell."""
    return [type(move) for move in moves if not isinstance(move, Mark | BeginStep | Tell)]

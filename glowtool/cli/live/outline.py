"""The steps of a massage in a few lines: those that are over, the one in progress, and those to come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from rich.text import Text

from glowtool.cli.terminal.text import duration_text
from glowtool.kit.text.visible import visible

if TYPE_CHECKING:
    from glowtool.app.watching.state import LiveState

#: Marks beside styles, so that nothing depends on colour alone.
_OVER, _NOW, _TO_COME = ("✓", "dim"), ("▶", "bold"), (" ", "")

#: A list that shows fewer steps says little.
LEAST: Final = 3
_TIME_COLUMNS: Final = 8


def outline(state: LiveState, width: int, rows: int) -> list[Text]:
    """Return at most `rows` lines: the step in progress, the one before it, and as many as there is room for."""
    steps = state.routine.steps
    shown = min(rows, len(steps))
    if shown < min(LEAST, len(steps)):
        return []
    at = 0 if state.step_index is None else state.step_index
    first = max(0, min(at - 1, len(steps) - shown))
    title_columns = max(
        0, min(max(cell_len(visible(step.title)) for step in steps), width - _TIME_COLUMNS - _columns(len(steps)) - 4)
    )
    return [_line(state, index, title_columns) for index in range(first, first + shown)]


def _line(state: LiveState, index: int, title_columns: int) -> Text:
    at = state.step_index
    mark, style = _TO_COME
    if at is not None:
        mark, style = _OVER if index < at else _NOW if index == at else _TO_COME
    number = f"{index + 1:>{_columns(len(state.routine.steps))}}"
    title = _cut(visible(state.routine.steps[index].title), title_columns)
    padded = title + " " * (title_columns - cell_len(title))
    return Text(f"{mark} {number} {padded} {duration_text(state.duration_s(index)):>{_TIME_COLUMNS}}", style=style)


def _cut(title: str, columns: int) -> str:
    """Cut a title between words."""
    if cell_len(title) <= columns:
        return title
    words = title.split()
    while words and cell_len(" ".join(words)) > columns - 2:
        words.pop()
    return " ".join([*words, "…"])[: max(0, columns)]


def _columns(steps: int) -> int:
    return len(str(steps))

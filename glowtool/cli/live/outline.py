"""The steps of a massage in a few lines: those that are over, the one in progress, and those to come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from rich.text import Text

from glowtool.cli.terminal.text import duration_text
from glowtool.kit.text.visible import visible
from glowtool.model.ending import Ending

if TYPE_CHECKING:
    from glowtool.app.watching.state import LiveState, Place

#: Marks beside styles, so that nothing depends on colour alone.
_OVER, _NOW, _STOPPED, _TO_COME = ("✓", "dim"), ("▶", "bold"), ("■", "bold"), (" ", "")

#: A list that shows fewer steps says little.
LEAST: Final = 3
_TIME_COLUMNS: Final = 8


def outline(state: LiveState, now_s: float, width: int, rows: int) -> list[Text]:
    """Return at most `rows` lines: the step in progress, the one before it, and as many as there is room for."""
    steps = state.routine.steps
    shown = min(rows, len(steps))
    if shown < min(LEAST, len(steps)):
        return []
    place = state.place(now_s)
    at = 0 if place is None else place.index
    first = max(0, min(at - 1, len(steps) - shown))
    title_columns = max(
        0, min(max(cell_len(visible(step.title)) for step in steps), width - _TIME_COLUMNS - _columns(len(steps)) - 4)
    )
    marks = _marks(state, place)
    return [_line(state, index, marks[index], title_columns) for index in range(first, first + shown)]


def _marks(state: LiveState, place: Place | None) -> list[tuple[str, str]]:
    """Return the mark and the style of each step."""
    steps = len(state.routine.steps)
    if state.end is Ending.COMPLETED:
        return [_OVER] * steps
    if place is None:
        return [_TO_COME] * steps
    here = _NOW if state.ending is None else _STOPPED
    return [*[_OVER] * place.index, here, *[_TO_COME] * (steps - place.index - 1)]


def _line(state: LiveState, index: int, marked: tuple[str, str], title_columns: int) -> Text:
    mark, style = marked
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

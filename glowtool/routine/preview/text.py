"""The timeline in characters: fitted to a width, without colour, in ASCII where a terminal has nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from glowtool.kit.drawing.axes import clock_text, time_ticks
from glowtool.kit.text.visible import visible
from glowtool.routine.preview.timeline import Span, clock
from glowtool.units import SHARE, spoken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from glowtool.routine.preview.timeline import Timeline

#: Narrower ones show no course of anything.
NARROWEST: Final = 32
WIDEST: Final = 160

_GUTTER: Final = 10
_ROWS: Final = 3

#: So many columns for each mark of time.
_TICK_COLUMNS: Final = 9


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The characters of a picture: cells from empty to full, the beginning of a step, and a cue."""

    cells: str
    edge: str
    cue: str


@dataclass(frozen=True, slots=True)
class _Output:
    """One output: its name, its field of a moment, its largest level and its unit."""

    name: str
    field: int
    top: float
    unit: str


BLOCKS: Final = Glyphs(" ▁▂▃▄▅▆▇█", "│", "●")
ASCII: Final = Glyphs(" .:-=+*#@", "|", "o")


def picture(timeline: Timeline, width: int, glyphs: Glyphs = BLOCKS) -> list[str]:
    """Return the lines of the picture: steps, both outputs, the pressure and the cues over time, none too wide."""
    columns = max(width, NARROWEST) - _GUTTER
    lines = [_row("step", _labels(timeline, columns, glyphs, Span.label))]
    for output in (
        _Output("vibration", 1, timeline.amplitude_most, SHARE),
        _Output("current", 3, timeline.peak_most_ua, "µA"),
    ):
        if output.top > 0:
            lines += _chart(timeline, columns, glyphs, output)
    lines.append(_row("kPa", _labels(timeline, columns, glyphs, _pressure)))
    if any(span.said for span in timeline.spans):
        lines.append(_row("cues", _cues(timeline, columns, glyphs)))
    lines.append(_row("min", _time(timeline, columns)))
    return [line.rstrip() for line in lines]


class Line(NamedTuple):
    """A line of the list: the text, how deep it stands in, and whether a step begins with it."""

    text: str
    indent: int
    begins: bool

    def __str__(self) -> str:
        return f"{' ' * self.indent}{self.text}"


def listing(timeline: Timeline) -> Iterator[Line]:
    """Yield the steps in words, a line for each thing: all that the picture shows, for those who do not see it."""
    width = len(str(len(timeline.spans)))
    for span in timeline.spans:
        number = f"{span.number}."
        named = f"{number} {clock(span.begin_s)} {visible(span.title)}, {span.lasts}"
        yield Line(f"{named}: {visible(span.cue)}", width + 1 - len(number), begins=True)
        pressure = f"; pressure {span.pressure} kPa" if span.pressure else ""
        yield Line(f"{span.outputs}{pressure}", width + 2, begins=False)
        for said in span.said:
            yield Line(f"{clock(said.at_s)} “{visible(said.text)}”", width + 2, begins=False)


def _row(label: str, cells: str) -> str:
    return f"{label:>{_GUTTER - 1}} {cells}"


def _column(timeline: Timeline, columns: int, at_s: float) -> int:
    return min(int(at_s / timeline.duration_s * columns), columns - 1)


def _labels(timeline: Timeline, columns: int, glyphs: Glyphs, label: Callable[[Span, int], str]) -> str:
    """Return a row with the beginning of each step marked, and a label for it that has room."""
    cells = [" "] * columns
    for span in timeline.spans:
        begin = _column(timeline, columns, span.begin_s)
        end = columns if span.end_s >= timeline.duration_s else _column(timeline, columns, span.end_s)
        cells[begin] = glyphs.edge
        room = max(end - begin - 1, 0)
        cells[begin + 1 : end] = label(span, room).ljust(room)
    return "".join(cells[:columns])


def _pressure(span: Span, room: int) -> str:
    return span.pressure if len(span.pressure) <= room else ""


def _chart(timeline: Timeline, columns: int, glyphs: Glyphs, output: _Output) -> Iterator[str]:
    full = len(glyphs.cells) - 1
    sums, counts = [0.0] * columns, [0] * columns
    for moment in timeline.course[1:-1]:
        column = _column(timeline, columns, moment.at_s)
        sums[column] += moment[output.field]
        counts[column] += 1
    means = [total / max(count, 1) for total, count in zip(sums, counts, strict=True)]
    levels = [max(round(mean / output.top * _ROWS * full), 1) if mean > 0 else 0 for mean in means]
    for row, label in enumerate((spoken(round(output.top, 3), output.unit), output.name, spoken(0, output.unit))):
        below = (_ROWS - 1 - row) * full
        yield _row(label, "".join(glyphs.cells[min(max(level - below, 0), full)] for level in levels))


def _cues(timeline: Timeline, columns: int, glyphs: Glyphs) -> str:
    cells = [" "] * columns
    for span in timeline.spans:
        for said in span.said:
            cells[_column(timeline, columns, said.at_s)] = glyphs.cue
    return "".join(cells)


def _time(timeline: Timeline, columns: int) -> str:
    cells = [" "] * columns
    for tick in time_ticks(timeline.duration_s, max(columns // _TICK_COLUMNS, 2)):
        words, at = clock_text(tick), _column(timeline, columns, tick)
        if at + len(words) <= columns:
            cells[at : at + len(words)] = words
    return "".join(cells)

"""The timeline in characters: fitted to a width, without colour, in ASCII where a terminal has nothing else."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.kit.drawing.axes import clock_text, time_ticks
from glowtool.kit.text.visible import visible
from glowtool.routine.preview.timeline import clock
from glowtool.units import SHARE, spoken

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from glowtool.routine.preview.timeline import Timeline

#: Narrower ones show no course of anything.
NARROWEST: Final = 32
WIDEST: Final = 160

_GUTTER: Final = 10
_ROWS: Final = 3

#: So many columns for each mark of time.
_TICK_COLUMNS: Final = 12


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The characters of a picture: cells from empty to full, the beginning of a step, a cue, an ellipsis."""

    cells: str
    edge: str
    cue: str
    more: str


@dataclass(frozen=True, slots=True)
class _Output:
    """One output: its name, its field of a moment, its largest level and its unit."""

    name: str
    field: int
    top: float
    unit: str


BLOCKS: Final = Glyphs(" ▁▂▃▄▅▆▇█", "│", "●", "…")
ASCII: Final = Glyphs(" .:-=+*#@", "|", "o", "~")


def picture(timeline: Timeline, width: int, glyphs: Glyphs = BLOCKS) -> list[str]:
    """Return the lines of the picture: steps, both outputs, the pressure and the cues over time, none too wide."""
    columns = max(width, NARROWEST) - _GUTTER
    lines = [
        _row("step", _labels(timeline, columns, glyphs, [_named(timeline, number) for number in _numbers(timeline)]))
    ]
    for output in (
        _Output("vibration", 1, timeline.amplitude_most, SHARE),
        _Output("current", 3, timeline.peak_most_ua, "µA"),
    ):
        if output.top > 0:
            lines += _chart(timeline, columns, glyphs, output)
    lines.append(_row("kPa", _labels(timeline, columns, glyphs, [span.pressure for span in timeline.spans])))
    if any(span.said for span in timeline.spans):
        lines.append(_row("cues", _cues(timeline, columns, glyphs)))
    lines.append(_row("min", _time(timeline, columns)))
    return [line.rstrip() for line in lines]


def listing(timeline: Timeline) -> Iterator[str]:
    """Yield the steps in words, a line for each thing: all that the picture shows, for those who do not see it."""
    width = len(str(len(timeline.spans)))
    for span in timeline.spans:
        indent = " " * (width + 2)
        named = f"{span.number:>{width}}. {clock(span.begin_s)} {visible(span.title)}, {span.duration_s:g} s"
        yield f"{named}: {visible(span.cue)}"
        yield f"{indent}{span.outputs}{f'; pressure {span.pressure} kPa' if span.pressure else ''}"
        for said in span.said:
            yield f"{indent}{clock(said.at_s)} “{visible(said.text)}”"


def _numbers(timeline: Timeline) -> range:
    return range(len(timeline.spans))


def _named(timeline: Timeline, index: int) -> str:
    span = timeline.spans[index]
    return f"{span.number} {span.place}"


def _row(label: str, cells: str) -> str:
    return f"{label:>{_GUTTER - 1}} {cells}"


def _column(timeline: Timeline, columns: int, at_s: float) -> int:
    return min(int(at_s / timeline.duration_s * columns), columns - 1)


def _labels(timeline: Timeline, columns: int, glyphs: Glyphs, labels: Sequence[str]) -> str:
    """Return a row with the beginning of each step marked, and a label for it as far as it has room."""
    cells = [" "] * columns
    for span, label in zip(timeline.spans, labels, strict=True):
        begin = _column(timeline, columns, span.begin_s)
        end = columns if span.end_s >= timeline.duration_s else _column(timeline, columns, span.end_s)
        cells[begin] = glyphs.edge
        cells[begin + 1 : end] = _cut(visible(label), end - begin - 1, glyphs.more).ljust(max(end - begin - 1, 0))
    return "".join(cells[:columns])


def _cut(text: str, room: int, more: str) -> str:
    if len(text) <= room:
        return text
    return f"{text[: room - 1]}{more}" if room > 3 else text[: max(room, 0)].rstrip()


def _chart(timeline: Timeline, columns: int, glyphs: Glyphs, output: _Output) -> Iterator[str]:
    full = len(glyphs.cells) - 1
    highest = [0.0] * columns
    for moment in timeline.course:
        column = _column(timeline, columns, moment.at_s)
        highest[column] = max(highest[column], moment[output.field])
    levels = [
        math.ceil(value / output.top * _ROWS * full - 0.5) if value < output.top else _ROWS * full for value in highest
    ]
    levels = [max(level, 1) if value > 0 else 0 for level, value in zip(levels, highest, strict=True)]
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

"""Pressure over time: a panel for each head with its strokes below, then the outputs, all on one time axis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from glowtool.analysis.recordings.recording import CAUTION_KPA
from glowtool.analysis.report.series import Line, thin
from glowtool.kit.drawing.axes import Scale, clock_text, round_step, time_ticks
from glowtool.kit.drawing.markup import Markup, coordinate, join, lines, tag, text
from glowtool.model.ceilings import CeilingId, limit
from glowtool.stream.heads import Head, heads_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from glowtool.analysis.report.series import HeadSeries, Series, StepSpan


@dataclass(frozen=True, slots=True)
class Layout:
    """The sizes of a chart in pixels: one for a wide page and for print, one for a phone."""

    name: str
    width: float
    left: float
    right: float
    panel: float
    time_marks: int
    max_points: int


WIDE: Final = Layout("wide", 1040, 46, 84, 150, 12, 2000)
NARROW: Final = Layout("narrow", 360, 30, 8, 120, 5, 720)

_STEPS_HEIGHT: Final = 24
_RUG_HEIGHT: Final = 16
_SPACE: Final = 26
_OUTPUT_HEIGHT: Final = 30
_OUTPUT_POINTS: Final = 500
#: Strokes narrower than this run into each other.
_STROKE_PX: Final = 6
_AXIS_HEIGHT: Final = 34
#: The width of a character of the chart's labels, as well as it can be known without the font.
_CHARACTER_PX: Final = 7.5


@dataclass(frozen=True, slots=True)
class _Canvas:
    layout: Layout
    series: Series
    time: Scale
    top_kpa: float

    @property
    def edges(self) -> tuple[float, float]:
        return self.layout.left, self.layout.width - self.layout.right


@dataclass(frozen=True, slots=True)
class _Output:
    label: str
    line: Line
    full: float


def draw_chart(series: Series, layout: Layout) -> Markup:
    """Return the chart of a session as SVG in one layout."""
    time = Scale(0, max(series.duration_s, 1e-3), layout.left, layout.width - layout.right)
    canvas = _Canvas(layout, series, time, _top_kpa(series))
    y, parts = 2.0 + _STEPS_HEIGHT, []
    for head in series.heads:
        parts.append(_panel(canvas, y + 16, head))
        y += layout.panel + _RUG_HEIGHT + _SPACE
    for output in _outputs(series):
        parts.append(_output_panel(canvas, y + 14, output))
        y += _OUTPUT_HEIGHT + 20
    frame = join(_steps(canvas, y), *parts, _gaps(canvas, y), _time_axis(canvas, y))
    return tag(
        "svg",
        tag(
            "title", text(f"Pressure over time, {heads_words([each.head for each in series.heads]) or 'not measured'}")
        ),
        frame,
        class_=f"chart {layout.name}",
        viewBox=f"0 0 {coordinate(layout.width)} {coordinate(y + _AXIS_HEIGHT)}",
        role="img",
    )


def _outputs(series: Series) -> Iterable[_Output]:
    full_ua = limit(CeilingId.PEAK_CURRENT)
    if series.amplitude is not None:
        yield _Output("vibration, 0–100 %", series.amplitude, 1.0)
    if series.peak_ua is not None:
        yield _Output(f"current, 0–{full_ua:g} µA", series.peak_ua, float(full_ua))


def _top_kpa(series: Series) -> float:
    """Return the top of the pressure scale: over any roller's caution line, the bands and every peak."""
    peaks = [float(np.max(line.value)) for line in (head.line for head in series.heads) if len(line.value)]
    bands = [span.step.band_high_kpa for span in series.steps]
    return max(CAUTION_KPA * 1.2, *(1.05 * peak for peak in peaks), *(1.1 * band for band in bands), 0)


def _panel(canvas: _Canvas, top: float, head: HeadSeries) -> Markup:
    layout = canvas.layout
    bottom = top + layout.panel
    value = Scale(0, canvas.top_kpa, bottom, top)
    left, right = canvas.edges
    caution = value(canvas.series.caution_kpa)
    curve = _thinned(head.line, layout.max_points)
    return lines(
        tag("text", text(f"{head.head.words}, kPa"), x=left, y=top - 5, class_=f"panel-name {_style(head)}"),
        *(_band(canvas, span, value) for span in canvas.series.steps),
        _grid(canvas, value),
        tag("path", class_="caution-line", d=f"M{coordinate(left)} {coordinate(caution)}H{coordinate(right)}"),
        tag("path", class_=_curve_class(canvas, head), d=path_of(curve, canvas.time, value)),
        _caution_label(canvas, value),
        _rug(canvas, bottom + 4, head),
    )


def _curve_class(canvas: _Canvas, head: HeadSeries) -> str:
    """Return the style of a curve: paler where strokes run into each other, so that the band shows through."""
    crowded = len(head.strokes) * _STROKE_PX > canvas.layout.width
    return f"curve {_style(head)}{' dense' if crowded else ''}"


def _style(head: HeadSeries) -> str:
    """Return the style of a head; a roller's only head has the style of a left one."""
    return "right" if head.head is Head.RIGHT else "left"


def _band(canvas: _Canvas, span: StepSpan, value: Scale) -> Markup:
    start, end = canvas.time(span.start_s), canvas.time(span.end_s)
    high, low = value(span.step.band_high_kpa), value(span.step.band_low_kpa)
    return tag("rect", class_="band", x=start, y=high, width=max(0.0, end - start), height=max(0.0, low - high))


def _grid(canvas: _Canvas, value: Scale) -> Markup:
    left, right = canvas.edges
    step = round_step(canvas.top_kpa, 5)
    marks = [step * number for number in range(int(canvas.top_kpa / step) + 1)]
    return join(
        *(
            tag("path", class_="grid", d=f"M{coordinate(left)} {coordinate(value(mark))}H{coordinate(right)}")
            for mark in marks
        ),
        *(tag("text", text(f"{mark:g}"), x=left - 6, y=value(mark) + 4, class_="tick end") for mark in marks),
    )


def _caution_label(canvas: _Canvas, value: Scale) -> Markup:
    caution_kpa = canvas.series.caution_kpa
    label = f"caution {caution_kpa:g}"
    if canvas.layout is WIDE:
        x = canvas.layout.width - canvas.layout.right + 5
        return tag("text", text(label), x=x, y=value(caution_kpa) + 4, class_="caution-label")
    x = canvas.layout.width - canvas.layout.right - 2
    return tag("text", text(label), x=x, y=value(caution_kpa) - 3, class_="caution-label end")


def path_of(line: Line, time: Scale, value: Scale) -> str:
    """Return a curve as SVG path data; a point between two gaps becomes a dot."""
    out = []
    for at, (time_s, number) in enumerate(zip(line.time_s, line.value, strict=True)):
        starts = at == 0 or bool(line.breaks[at])
        ends = at + 1 == len(line.value) or bool(line.breaks[at + 1])
        out.append(f"{'M' if starts else 'L'}{coordinate(time(time_s))} {coordinate(value(number))}")
        if starts and ends:
            out.append("h0")
    return "".join(out)


def _rug(canvas: _Canvas, top: float, head: HeadSeries) -> Markup:
    """Draw each stroke as a bar from start to end: above the line with positive travel, below it with negative."""
    left, right = canvas.edges
    middle, half = top + _RUG_HEIGHT / 2, _RUG_HEIGHT / 2 - 1
    bars = "".join(
        f"M{coordinate(canvas.time(stroke.start_s))} {coordinate(middle)}"
        f"v{coordinate(-half if stroke.forward else half)}"
        f"H{coordinate(canvas.time(stroke.end_s))}V{coordinate(middle)}z"
        for stroke in head.strokes
    )
    return join(
        tag("path", class_="grid", d=f"M{coordinate(left)} {coordinate(middle)}H{coordinate(right)}"),
        tag("path", class_=f"rug {_style(head)}", d=bars) if bars else Markup(""),
    )


def _output_panel(canvas: _Canvas, top: float, output: _Output) -> Markup:
    value = Scale(0, output.full, top + _OUTPUT_HEIGHT, top)
    left, right = canvas.edges
    area = _area(_thinned(output.line, _OUTPUT_POINTS), canvas.time, value)
    return join(
        tag("text", text(output.label), x=left, y=top - 4, class_="panel-name"),
        tag("path", class_="output", d=area),
        tag("path", class_="grid", d=f"M{coordinate(left)} {coordinate(value(0))}H{coordinate(right)}"),
    )


def _thinned(line: Line, max_points: int) -> Line:
    """Return a curve with fewer points; its breaks replace the sample indices, which are gone by now."""
    index = np.arange(len(line.value), dtype=np.int64) + np.cumsum(line.breaks)
    return thin(line.time_s, line.value, index, max_points)


def _area(line: Line, time: Scale, value: Scale) -> str:
    if not len(line.value):
        return ""
    base = coordinate(value(0))
    top = "".join(
        f"L{coordinate(time(t))} {coordinate(value(v))}" for t, v in zip(line.time_s, line.value, strict=True)
    )
    return f"M{coordinate(time(line.time_s[0]))} {base}{top}L{coordinate(time(line.time_s[-1]))} {base}z"


def _steps(canvas: _Canvas, bottom: float) -> Markup:
    """Draw the beginnings and ends of steps, each with as much of its title as fits."""
    parts = []
    for span in canvas.series.steps:
        start, end = canvas.time(span.start_s), canvas.time(span.end_s)
        edges = f"M{coordinate(start)} 4V{coordinate(bottom)}M{coordinate(end)} 4V{coordinate(bottom)}"
        parts.append(tag("path", class_="step-edge", d=edges))
        parts.append(tag("path", class_="step-bar", d=f"M{coordinate(start)} 4H{coordinate(end)}"))
        label = _fitting(f"{span.step.index + 1} {span.step.title}", str(span.step.index + 1), end - start - 8)
        parts.append(tag("text", text(label), x=start + 4, y=18, class_="step-name"))
    return join(*parts)


def _fitting(long: str, short: str, room_px: float) -> str:
    for candidate in (long, short):
        if len(candidate) * _CHARACTER_PX <= room_px:
            return candidate
    return ""


def _gaps(canvas: _Canvas, bottom: float) -> Markup:
    """Mark lost samples over the full height, never too thin to see."""
    return join(
        *(
            tag(
                "rect",
                class_="gap",
                x=canvas.time(start),
                y=_STEPS_HEIGHT,
                width=max(1.5, canvas.time(end) - canvas.time(start)),
                height=bottom - _STEPS_HEIGHT,
            )
            for start, end in canvas.series.gaps
        )
    )


def _time_axis(canvas: _Canvas, top: float) -> Markup:
    left, right = canvas.edges
    ticks = time_ticks(canvas.series.duration_s, canvas.layout.time_marks)
    return join(
        tag("path", class_="axis", d=f"M{coordinate(left)} {coordinate(top)}H{coordinate(right)}"),
        *(tag("path", class_="axis", d=f"M{coordinate(canvas.time(tick))} {coordinate(top)}v4") for tick in ticks),
        *(tag("text", text(clock_text(tick)), x=canvas.time(tick), y=top + 17, class_="tick middle") for tick in ticks),
        tag("text", text("min:s"), x=right, y=top + 31, class_="tick end"),
    )

"""The timeline as an SVG that stands by itself: light and dark, with all of it in words for those who do not see it."""

from __future__ import annotations

import math
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.kit.drawing import palette
from glowtool.kit.drawing.axes import Scale, clock_text, time_ticks
from glowtool.kit.drawing.markup import NOTHING, Markup, coordinate, join, lines, tag, text
from glowtool.model.ceilings import CeilingId, limit
from glowtool.routine.preview.course import corners
from glowtool.routine.preview.text import listing
from glowtool.units import SHARE, spoken

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from glowtool.routine.preview.course import Moment
    from glowtool.routine.preview.timeline import Span, Timeline

_WIDTH: Final = 960.0
_LEFT: Final = 74.0
_RIGHT: Final = _WIDTH - 20.0
_PANEL: Final = 84.0
_BAND_PANEL: Final = 56.0
_SPACE: Final = 26.0
_LINE: Final = 17.0
_WORDS_A_LINE: Final = 132
#: The width of a character of the labels, as well as it can be known without the font.
_CHARACTER: Final = 6.4

_STYLE: Final = """
svg{background:var(--page);font:13px system-ui,"DejaVu Sans",sans-serif}
text{fill:var(--ink)} .muted{fill:var(--muted)} .title{font-size:18px;font-weight:600}
.number{font-weight:600} .axis{font-size:12px;fill:var(--muted)}
.surface{fill:var(--surface)} .rule{stroke:var(--rule);stroke-width:1;fill:none}
.left{fill:var(--left)} .right{fill:var(--right)} .middle{fill:var(--inside)} .rest{fill:var(--unworked)}
.place{fill:var(--surface);font-size:12px} .middle-place{fill:var(--mark);font-size:12px}
.rest-place{fill:var(--ink);font-size:12px}
.vibration{fill:none;stroke:var(--left);stroke-width:2} .vibration-area{fill:var(--left);opacity:.35}
.pattern-area{fill:var(--left);opacity:.15}
.current{fill:none;stroke:var(--right);stroke-width:2} .current-area{fill:var(--right);opacity:.3}
.band{fill:var(--band);stroke:var(--inside);stroke-width:1}
.caution{stroke:var(--caution);stroke-width:1;stroke-dasharray:5 4;fill:none}
.cue{fill:var(--ink)}
"""


@dataclass(frozen=True, slots=True)
class _Curve:
    """One output: its name, how it is styled, its field of a moment, the lowest of its pattern, and its top."""

    name: str
    style: str
    field: int
    lowest: int
    top: float
    unit: str


def draw(timeline: Timeline) -> str:
    """Return the timeline as an SVG document."""
    time = Scale(0, timeline.duration_s, _LEFT, _RIGHT)
    y, parts = 84.0, []
    parts.append(_strip(timeline, time, y))
    y += 26
    for curve in _curves(timeline):
        parts.append(_panel(timeline, curve, time, y + _SPACE))
        y += _PANEL + _SPACE
    parts.append(_bands(timeline, time, y + _SPACE))
    y += _BAND_PANEL + _SPACE
    edges = _edges(timeline, time, 84.0, y)
    parts.append(_axis(timeline, time, y))
    y += 34
    if any(span.said for span in timeline.spans):
        parts.append(_cues(timeline, time, y))
        y += 22
    listed, y = _listed(timeline, y + 14)
    label = f"{timeline.title} ({timeline.name}): {timeline.facts}"
    body = lines(
        tag("title", text(label), id="title"),
        tag("desc", text(" ".join(line.text for line in listing(timeline))), id="words"),
        tag("style", _style_sheet()),
        tag("rect", x=0, y=0, width=_WIDTH, height=y, fill="var(--page)"),
        tag("text", text(timeline.title), x=20, y=34, class_="title"),
        tag("text", text(f"{timeline.name}: {timeline.facts}"), x=20, y=58, class_="muted"),
        edges,
        *parts,
        listed,
    )
    document = tag(
        "svg",
        body,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {coordinate(_WIDTH)} {coordinate(y)}",
        width=_WIDTH,
        height=y,
        role="img",
        aria_labelledby="title words",
    )
    return f"{document}\n"


def _style_sheet() -> Markup:
    light, dark = palette.variables(palette.LIGHT), palette.variables(palette.DARK)
    return Markup(f"svg{{{light}}}@media (prefers-color-scheme:dark){{svg{{{dark}}}}}{_STYLE}")


def _curves(timeline: Timeline) -> Iterator[_Curve]:
    if timeline.amplitude_most > 0:
        yield _Curve("vibration", "vibration", 1, 2, timeline.amplitude_most, SHARE)
    if timeline.peak_most_ua > 0:
        yield _Curve("microcurrent, peak", "current", 3, 3, timeline.peak_most_ua, "µA")


def _strip(timeline: Timeline, time: Scale, top: float) -> Markup:
    """Return the zones, each as a bar with its number and, where there is room, its name."""
    return lines(*(_bar(span, time, top) for span in timeline.spans))


def _bar(span: Span, time: Scale, top: float) -> Markup:
    kind = "rest" if span.place == "rest" else span.side or "middle"
    begin, end = time(span.begin_s), time(span.end_s)
    room = int((end - begin - 8) / _CHARACTER)
    place = {"rest": "rest-place", "middle": "middle-place"}.get(kind, "place")
    return join(
        tag(
            "rect",
            tag("title", text(f"{span.number} {span.place}")),
            x=begin + 1,
            y=top,
            width=max(end - begin - 2, 1),
            height=24,
            rx=3,
            class_=kind,
        ),
        tag("text", text(span.label(max(room, 0))), x=begin + 5, y=top + 16, class_=place),
    )


def _panel(timeline: Timeline, curve: _Curve, time: Scale, top: float) -> Markup:
    value = Scale(0, curve.top, top + _PANEL, top + 4)
    course = list(corners(timeline.course))
    area = _path(course, time, value, curve.lowest, closed=True)
    dips = any(moment[curve.field] - moment[curve.lowest] > 1e-6 for moment in course)
    return lines(
        tag("text", text(curve.name), x=_LEFT, y=top - 6, class_="axis"),
        tag("rect", x=_LEFT, y=top, width=_RIGHT - _LEFT, height=_PANEL, class_="surface"),
        _scale_words(value, (0, curve.top), curve.unit),
        tag("path", d=_path(course, time, value, curve.field, closed=True), class_="pattern-area") if dips else NOTHING,
        tag("path", d=area, class_=f"{curve.style}-area"),
        tag("path", d=_path(course, time, value, curve.field, closed=False), class_=curve.style),
    )


def _path(course: Iterable[Moment], time: Scale, value: Scale, field: int, *, closed: bool) -> str:
    points = " ".join(f"{coordinate(time(each.at_s))},{coordinate(value(each[field]))}" for each in course)
    return f"M{points}Z" if closed else f"M{points}"


def _bands(timeline: Timeline, time: Scale, top: float) -> Markup:
    """Return the pressure that each step asks for, with the line from which on it is too much."""
    caution_kpa = limit(CeilingId.PRESSURE_CAUTION)
    highest = max([caution_kpa, *(span.band_kpa[1] for span in timeline.spans if span.band_kpa)])
    top_kpa = math.ceil(highest + 0.5)
    value = Scale(0, top_kpa, top + _BAND_PANEL, top)
    bands = [
        tag(
            "rect",
            x=time(span.begin_s) + 1,
            y=value(span.band_kpa[1]),
            width=max(time(span.end_s) - time(span.begin_s) - 2, 1),
            height=value(span.band_kpa[0]) - value(span.band_kpa[1]),
            class_="band",
        )
        for span in timeline.spans
        if span.band_kpa is not None
    ]
    line = coordinate(value(caution_kpa))
    return lines(
        tag("text", text("pressure asked for; dashed: press less from here on"), x=_LEFT, y=top - 6, class_="axis"),
        tag("rect", x=_LEFT, y=top, width=_RIGHT - _LEFT, height=_BAND_PANEL, class_="surface"),
        _scale_words(value, (0, caution_kpa), "kPa"),
        *bands,
        tag("path", d=f"M{coordinate(_LEFT)},{line}H{coordinate(_RIGHT)}", class_="caution"),
    )


def _scale_words(value: Scale, marks: tuple[float, float], unit: str) -> Markup:
    return join(
        *(
            tag(
                "text",
                text(spoken(round(mark, 3), unit)),
                x=_LEFT - 6,
                y=value(mark) + 4,
                text_anchor="end",
                class_="axis",
            )
            for mark in marks
        )
    )


def _edges(timeline: Timeline, time: Scale, top: float, bottom: float) -> Markup:
    down = f"{coordinate(top)}V{coordinate(bottom)}"
    return lines(
        *(tag("path", d=f"M{coordinate(time(span.begin_s))},{down}", class_="rule") for span in timeline.spans[1:])
    )


def _axis(timeline: Timeline, time: Scale, y: float) -> Markup:
    ticks = time_ticks(timeline.duration_s, 12)
    return lines(
        tag("path", d=f"M{coordinate(_LEFT)},{coordinate(y)}H{coordinate(_RIGHT)}", class_="rule"),
        *(
            tag("text", text(clock_text(tick)), x=time(tick), y=y + 18, text_anchor="middle", class_="axis")
            for tick in ticks
        ),
        tag("text", text("min"), x=_LEFT - 22, y=y + 18, text_anchor="end", class_="axis"),
    )


def _cues(timeline: Timeline, time: Scale, y: float) -> Markup:
    said = [said for span in timeline.spans for said in span.said]
    return join(
        tag("text", text("cues"), x=_LEFT - 12, y=y + 4, text_anchor="end", class_="axis"),
        *(tag("circle", tag("title", text(each.text)), cx=time(each.at_s), cy=y, r=4, class_="cue") for each in said),
    )


def _listed(timeline: Timeline, y: float) -> tuple[Markup, float]:
    """Return the steps in words below the picture, and where they end."""
    rows = []
    for line in listing(timeline):
        for number, part in enumerate(textwrap.wrap(line.text, _WORDS_A_LINE)):
            y += _LINE
            first = line.begins and not number
            rows.append(tag("text", text(part), x=20 if first else 42, y=y, class_="number" if first else "muted"))
    return lines(*rows), y + 20

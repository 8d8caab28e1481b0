"""Symmetry as bars from the middle. The wearer's left is on the reader's right, as on the face."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowtool.analysis.measuring.metrics import SYMMETRY_METRICS
from glowtool.analysis.number_text import value_text
from glowtool.kit.drawing.axes import Scale
from glowtool.kit.drawing.markup import Markup, coordinate, join, tag, text

if TYPE_CHECKING:
    from glowtool.analysis.measuring.metrics import Values

_WIDTH: Final = 360
_ROW: Final = 36
_TOP: Final = 22
#: A bar is full at this index; a larger one ends in an arrow.
_FULL_PERCENT: Final = 50.0


def draw_symmetry(values: Values, left_name: str, right_name: str) -> Markup:
    """Return the symmetry indices as SVG bars; a missing one says so."""
    scale = Scale(-_FULL_PERCENT, _FULL_PERCENT, 10, _WIDTH - 10)
    height = _TOP + _ROW * len(SYMMETRY_METRICS) + 4
    rows = []
    for number, metric in enumerate(SYMMETRY_METRICS):
        top, index = _TOP + number * _ROW, values[metric.key]
        rows.append(tag("text", text(metric.name), x=10, y=top + 13, class_="bar-name"))
        rows.append(tag("text", text(value_text(metric, index)), x=_WIDTH - 10, y=top + 13, class_="bar-value end"))
        rows.append(tag("rect", class_="track", x=10, y=top + 18, width=_WIDTH - 20, height=9))
        if index is not None:
            rows.append(_bar(scale, float(index), top + 18))
    middle = coordinate(scale(0))
    return tag(
        "svg",
        tag("title", text(f"Symmetry of {left_name} and {right_name}")),
        tag("text", text(f"◂ more {right_name}"), x=10, y=12, class_="tick"),
        tag("text", text(f"more {left_name} ▸"), x=_WIDTH - 10, y=12, class_="tick end"),
        join(*rows),
        tag("path", class_="axis", d=f"M{middle} {_TOP}V{coordinate(height)}"),
        class_="bars",
        viewBox=f"0 0 {_WIDTH} {height}",
        role="img",
    )


def _bar(scale: Scale, index: float, top: float) -> Markup:
    end = scale(max(-_FULL_PERCENT, min(_FULL_PERCENT, index)))
    start, side = scale(0), "left" if index > 0 else "right"
    bar = tag("rect", class_=f"bar {side}", x=min(start, end), y=top, width=abs(end - start), height=9)
    if abs(index) <= _FULL_PERCENT:
        return bar
    tip, way = coordinate(end), 9 if index > 0 else -9
    return join(bar, tag("path", class_=f"bar {side}", d=f"M{tip} {coordinate(top)}l{way} 4.5l{-way} 4.5z"))

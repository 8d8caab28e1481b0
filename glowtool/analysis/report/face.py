"""A face drawn by zone. The wearer looks at the reader, so the wearer's left is on the reader's right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.analysis.number_text import VERDICT_WORDS, bands_text, number_text
from glowtool.analysis.summary import Verdict
from glowtool.kit.drawing.markup import Markup, join, tag, text
from glowtool.model.face import Zone
from glowtool.model.names import name_of

if TYPE_CHECKING:
    from glowtool.analysis.summary import ZoneSummary

WIDTH, HEIGHT = 300, 400

#: The classes of the style sheet by verdict; each has a fill and, except for the band itself, a pattern. A zone without
#: measurements looks like one that was missed, but its text tells the difference.
CLASSES: Final[dict[Verdict, str]] = {
    Verdict.BELOW: "below",
    Verdict.IN_BAND: "inside",
    Verdict.ABOVE: "above",
    Verdict.OVER_CAUTION: "over",
    Verdict.MISSED: "missed",
}


@dataclass(frozen=True, slots=True)
class Shape:
    """A zone's outline as an SVG path, and the place of its number."""

    path: str
    label_x: float
    label_y: float


#: The zones on the wearer's right, which is the reader's left, and those on the middle line.
_SHAPES: Final[dict[Zone, Shape]] = {
    Zone.FOREHEAD_RIGHT: Shape(
        "M148 44C116 45 90 62 77 98C84 110 92 116 98 118C114 110 132 108 148 114Z", 115, 86),
    Zone.TEMPLE_RIGHT: Shape(
        "M73 104C61 122 55 146 55 170L77 172C75 152 80 134 92 122C84 118 78 112 73 104Z", 71, 144),
    Zone.ORBIT_RIGHT: Shape("M82 152C86 134 122 130 138 148C134 168 92 172 82 152Z", 110, 155),
    Zone.CHEEK_RIGHT: Shape(
        "M56 176L80 177C96 184 120 180 133 170C137 190 130 204 123 214C116 222 113 230 112 238"
        "C96 246 78 244 65 232C59 214 56 196 56 176Z", 93, 213),
    Zone.JAW_RIGHT: Shape(
        "M67 239C80 250 98 250 113 244C114 256 120 264 125 268C121 282 124 298 130 312C102 302 78 276 67 239Z",
        98, 273),
    Zone.NECK_SIDE_RIGHT: Shape(
        "M95 304C103 314 112 320 120 324L118 386L82 394C92 368 95 338 95 304Z", 106, 362),
    Zone.CHIN: Shape(
        "M129 270C142 276 158 276 171 270C175 284 172 300 166 314C156 320 144 320 134 314C128 300 125 284 129 270Z",
        150, 299),
    Zone.MOUTH: Shape(
        "M119 245C130 234 142 236 150 239C158 236 170 234 181 245C170 264 130 264 119 245Z", 150, 252),
    Zone.NECK_FRONT: Shape("M125 326C140 334 160 334 175 326L177 388C160 394 140 394 123 388Z", 150, 366),
}  # fmt: skip

_MIRROR: Final = f"translate({WIDTH} 0) scale(-1 1)"

#: The outline of head and neck, and the nose, behind the zones.
_HEAD: Final = (
    "M150 34C92 34 50 78 50 150C50 222 64 268 92 298C95 336 92 368 76 396L224 396C208 368 205 336 208 298"
    "C236 268 250 222 250 150C250 78 208 34 150 34Z"
)
_NOSE: Final = "M143 150C143 178 136 196 135 206C140 216 160 216 165 206C164 196 157 178 157 150"


def draw_face(zones: tuple[ZoneSummary, ...]) -> Markup:
    """Return the face as SVG, each zone with its mean pressure in kPa and the colour of its verdict."""
    found = {zone.zone: zone for zone in zones}
    said = "; ".join(_said(zone) for zone in zones) or "no zones"
    return tag(
        "svg",
        tag("title", text("Mean pressure by zone")),
        tag("desc", text(said)),
        tag("path", class_="head", d=_HEAD),
        *(_zone(zone, found.get(zone)) for zone in Zone),
        tag("path", class_="nose", d=_NOSE),
        _side("right", 26),
        _side("left", WIDTH - 26),
        class_="face",
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
    )


def legend() -> Markup:
    """Return the key to the colours and patterns of the face."""
    rows = [(CLASSES[verdict], VERDICT_WORDS[verdict]) for verdict in CLASSES]
    rows.append(("unworked", "not part of the routine"))
    items = (tag("li", _swatch(style), text(words)) for style, words in rows)
    return tag("ul", *items, class_="legend")


def patterns() -> Markup:
    """Return the patterns that tell the zones apart in print, as an SVG without size."""
    return tag(
        "svg",
        tag(
            "defs",
            _pattern("dots", 7, tag("circle", cx=2, cy=2, r=1.1)),
            _pattern("lines", 7, tag("path", d="M0 7L7 0")),
            _pattern("mesh", 6, tag("path", d="M0 6L6 0M0 0L6 6")),
            _pattern("lost", 5, tag("path", d="M0 5L5 0")),
        ),
        class_="patterns",
        width=0,
        height=0,
        aria_hidden="true",
    )


def _pattern(name: str, size: int, content: Markup) -> Markup:
    return tag("pattern", content, id=name, width=size, height=size, patternUnits="userSpaceOnUse")


def _swatch(style: str) -> Markup:
    boxes = (tag("rect", class_=f"{layer} {style}", x=1, y=1, width=20, height=14) for layer in ("zone", "texture"))
    return tag("svg", *boxes, viewBox="0 0 22 16", width=22, height=16, aria_hidden="true")


def _zone(zone: Zone, found: ZoneSummary | None) -> Markup:
    mirrored = zone.name.endswith("_LEFT")
    shape = _SHAPES[Zone[zone.name.replace("_LEFT", "_RIGHT")]]
    style = CLASSES.get(found.verdict, CLASSES[Verdict.MISSED]) if found else "unworked"
    transform = _MIRROR if mirrored else None
    outline = (
        tag("path", class_=f"{layer} {style}", d=shape.path, transform=transform) for layer in ("zone", "texture")
    )
    label_x = WIDTH - shape.label_x if mirrored else shape.label_x
    label = (
        tag("text", text(_label(found)), x=label_x, y=shape.label_y + 4, class_=f"mark {style}")
        if found
        else Markup("")
    )
    title = _said(found) if found else f"{name_of(zone)}: not part of the routine"
    return tag("g", tag("title", text(title)), *outline, label)


def _label(zone: ZoneSummary) -> str:
    return number_text(zone.mean_pressure_kpa, 1)


def _said(zone: ZoneSummary) -> str:
    band = bands_text(zone.bands_kpa)
    mean = "" if zone.mean_pressure_kpa is None else f"mean {number_text(zone.mean_pressure_kpa, 2)} kPa, "
    return f"{name_of(zone.zone)}: {mean}band {band}, {VERDICT_WORDS[zone.verdict]}"


def _side(name: str, x: float) -> Markup:
    return join(
        tag("text", text("wearer’s"), x=x, y=22, class_="side"),
        tag("text", text(name), x=x, y=36, class_="side strong"),
    )

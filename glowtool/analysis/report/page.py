"""The report's page: one HTML file with its style and pictures inside; it loads nothing from elsewhere."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Final

from glowtool.analysis.number_text import WELLNESS, started_text
from glowtool.analysis.report.bars import draw_symmetry
from glowtool.analysis.report.chart import NARROW, WIDE, draw_chart
from glowtool.analysis.report.face import draw_face, legend, patterns
from glowtool.analysis.tables import (
    dose_table,
    has_two_heads,
    key_figures,
    measures_table,
    quality_table,
    steps_table,
    symmetry_table,
    zones_table,
)
from glowtool.kit.drawing import palette
from glowtool.kit.drawing.markup import NOTHING, Markup, join, lines, tag, text
from glowtool.store.ending_words import ending_words
from glowtool.version import __version__

if TYPE_CHECKING:
    from glowtool.analysis.report.series import Series
    from glowtool.analysis.summary import SessionSummary
    from glowtool.analysis.tables import Table

#: The page may load nothing and run nothing: a second protection besides the escaping of every text.
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"

#: Tables of so many columns are set closer, and folded on a narrow screen.
_MANY_COLUMNS: Final = 10


def render_html(summary: SessionSummary, series: Series) -> str:
    """Return the report of a session as one HTML page that loads nothing."""
    body = lines(
        patterns(),
        tag(
            "main",
            _header(summary),
            _remarks(summary),
            _figures(summary),
            _face_section(summary),
            _chart_section(series, summary),
            _symmetry_section(summary),
            _table_section(steps_table(summary)),
            _pair(_table_section(measures_table(summary)), _stack(dose_table(summary), quality_table(summary))),
            _footer(summary),
        ),
    )
    return "<!DOCTYPE html>\n" + tag("html", _head(summary), tag("body", body), lang="en") + "\n"


def _head(summary: SessionSummary) -> Markup:
    title = f"{summary.facts.routine_title}, {started_text(summary.facts.started_utc)}"
    return tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="generator", content=f"glowtool {__version__}"),
        tag("title", text(title)),
        # Without it, a browser that gets the page from a server asks for /favicon.ico.
        tag("link", rel="icon", href="data:,"),
        tag("style", style_sheet()),
    )


def style_sheet() -> Markup:
    """Return the style sheet with the colours of both schemes."""
    light, dark = palette.variables(palette.LIGHT), palette.variables(palette.DARK)
    rules = resources.files(__package__).joinpath("report.css").read_text("utf-8")
    schemes = f":root{{{light}}}\n@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}\n"
    return Markup(schemes + rules)


def _header(summary: SessionSummary) -> Markup:
    facts = summary.facts
    ending = ending_words(facts.ending)
    line = (started_text(facts.started_utc), facts.device_name, f"routine {facts.routine_name}", ending)
    parts = [tag("span", text(part)) for part in line if part]
    return tag("header", tag("h1", text(facts.routine_title)), tag("p", *parts, class_="facts"))


def _remarks(summary: SessionSummary) -> Markup:
    remarks = [tag("li", text(remark)) for remark in summary.quality.remarks]
    return tag("ul", *remarks, class_="remarks", aria_label="Remarks on signal quality") if remarks else NOTHING


def _figures(summary: SessionSummary) -> Markup:
    tiles = (
        tag("li", tag("span", text(f.name)), tag("strong", text(f.value)), tag("span", text(f.remark), class_="remark"))
        for f in key_figures(summary)
    )
    return tag("ul", *tiles, class_="figures")


def _face_section(summary: SessionSummary) -> Markup:
    picture = tag("div", draw_face(summary.zones), legend(), class_="face-box")
    return _section(
        "By zone",
        _pair(picture, _table(zones_table(summary))),
        "Mean pressure in kPa, left and right as the wearer’s own.",
    )


def _chart_section(series: Series, summary: SessionSummary) -> Markup:
    said = "Shaded: the band that the step asks for. Dashed: caution."
    if summary.quality.layout.tells_travel:
        said += " Bars below: strokes, up or outward over their line."
    if series.gaps:
        said += " Hatched: samples lost."
    if series.strokes_left_out:
        said += f" {series.strokes_left_out} strokes are not drawn."
    return _section("Pressure over time", join(draw_chart(series, WIDE), draw_chart(series, NARROW)), said)


def _symmetry_section(summary: SessionSummary) -> Markup:
    heads = tag("div", tag("h3", text("Heads of the roller")), draw_symmetry(summary.session.symmetry, "left", "right"))
    sides = tag("div", tag("h3", text("Sides of the face")), draw_symmetry(summary.sides, "left", "right"))
    said = "100·(L−R)/(½(L+R)): 0 is even. Sides are compared where the routine works on both."
    bars = _pair(heads, sides) if has_two_heads(summary) else sides
    return _section(symmetry_table(summary).title, bars, said)


def _table_section(table: Table) -> Markup:
    return _section(table.title, _table(table), "") if table.rows else NOTHING


def _section(title: str, content: Markup, said: str) -> Markup:
    note = tag("p", text(said), class_="said") if said else NOTHING
    return tag("section", tag("h2", text(title)), note, content)


def _pair(one: Markup, other: Markup) -> Markup:
    return tag("div", one, other, class_="pair")


def _stack(*tables: Table) -> Markup:
    return tag("div", *map(_table_section, tables))


def _table(table: Table) -> Markup:
    if not table.rows:
        return tag("p", text("No steps were recorded."), class_="said")
    head = tag("tr", *(tag("th", text(name), scope="col") for name in table.headers))
    rows = (_row(table, row) for row in table.rows)
    columns = len(table.headers)
    kind = "columns-many" if columns >= _MANY_COLUMNS else f"columns-{columns}"
    return tag("table", tag("thead", head), tag("tbody", *rows), class_=kind)


def _row(table: Table, row: tuple[str, ...]) -> Markup:
    named = tag("th", text(row[0]), scope="row")
    cells = (tag("td", text(cell), data_label=name) for name, cell in zip(table.headers[1:], row[1:], strict=True))
    return tag("tr", named, *cells)


def _footer(summary: SessionSummary) -> Markup:
    origin = f"Session {summary.facts.session_id}, analysed by glowtool {__version__}."
    return tag("footer", tag("p", text(WELLNESS)), tag("p", text(origin)))

"""The report is one file that loads nothing, shows every peak, and can be read by every eye."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glowtool.analysis.analyse import analyse
from glowtool.analysis.number_text import VERDICT_WORDS, WELLNESS
from glowtool.analysis.recordings.recording import Gap, Recording
from glowtool.analysis.report import render_html, series_of
from glowtool.analysis.report.bars import draw_symmetry
from glowtool.analysis.report.chart import NARROW, WIDE, Layout, draw_chart, path_of
from glowtool.analysis.report.face import CLASSES, draw_face, legend, patterns
from glowtool.analysis.report.page import style_sheet
from glowtool.analysis.report.series import MAX_MARKS, MAX_POINTS, Line, thin
from glowtool.kit.drawing.axes import Scale, clock_text, round_step, time_ticks
from glowtool.kit.drawing.markup import tag, text
from glowtool.kit.drawing.palette import DARK, LIGHT, Theme, contrast
from glowtool.kit.text.visible import visible
from glowtool.model.face import Zone
from glowtool.stream.heads import Head, heads_words
from support.logs.recordings import FIRST_GLOW, Plan, massage, strokes_of, without_samples

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>\u202e\0'


def page_of(recording: Recording) -> str:
    return render_html(analyse(recording), series_of(recording))


class Elements(HTMLParser):
    """Collects start tags with their attributes, and checks that every element is closed in turn."""

    VOID = frozenset({"meta", "link", "br"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(page)
        self.close()
        assert not self.open

    def handle_starttag(self, name: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found.append((name, dict(attributes)))
        if name not in self.VOID:
            self.open.append(name)

    def handle_endtag(self, name: str) -> None:
        assert self.open.pop() == name

    def count(self, name: str) -> int:
        return sum(found == name for found, _ in self.found)


CASES = {
    "first glow": massage(),
    "with a gap": without_samples(massage(), 3000, 200),
    "no steps": massage(()),
    "no samples": without_samples(massage(()), 0, 400),
    "every zone": massage(tuple(Plan(zone, 3.0, 4.0, duration_s=4) for zone in Zone)),
    "sixty-four steps": massage(tuple(Plan(Zone.CHIN, 3.0, 4.0, duration_s=1) for _ in range(64))),
}


@pytest.mark.parametrize("name", CASES)
def test_the_page_is_well_formed_and_loads_nothing(name: str) -> None:
    page = page_of(CASES[name])
    elements = Elements(page)
    assert not {"script", "img", "iframe", "object", "embed", "video", "audio", "form"} & {n for n, _ in elements.found}
    for element, attributes in elements.found:
        for attribute in ("src", "href", "srcset", "data", "action", "xlink:href"):
            assert attributes.get(attribute) in (None, "data:,"), (element, attributes)
        assert not any(attribute.startswith("on") for attribute in attributes)
    assert re.findall(r"url\(([^)]*)\)", page) == re.findall(r"url\((#[a-z]+)\)", page)
    assert "://" not in page
    assert "@import" not in page


@pytest.mark.parametrize("name", CASES)
def test_no_number_is_missing_or_nan_in_the_drawings(name: str) -> None:
    for element, attributes in Elements(page_of(CASES[name])).found:
        for attribute in ("d", "x", "y", "width", "height", "viewbox", "transform"):
            value = attributes.get(attribute) or ""
            assert not re.search(r"nan|inf|None|e-", value), (element, attribute, value[:80])


def test_texts_from_outside_stay_texts() -> None:
    base = massage()
    facts = replace(
        base.facts, routine_title=HOSTILE, routine_name=HOSTILE, device_name=HOSTILE, session_id=HOSTILE, ending=HOSTILE
    )
    facts = replace(facts, started_utc=HOSTILE, counters={HOSTILE: 1})
    steps = tuple(replace(step, title=HOSTILE) for step in base.steps)
    hostile = replace(base, facts=facts, steps=steps)
    plain, attacked = Elements(page_of(base)), Elements(page_of(hostile))
    assert attacked.count("script") == attacked.count("img") == 0
    assert {name for name, _ in attacked.found} == {name for name, _ in plain.found}
    page = page_of(hostile)
    assert "&lt;script&gt;" in page
    assert "\u202e" not in page
    assert "\0" not in page


@given(st.text(max_size=60))
@settings(max_examples=100, deadline=None)
def test_escaped_text_reads_back_as_it_is_shown(value: str) -> None:
    element = ET.fromstring(tag("text", text(value), title=value))  # noqa: S314 - made by the line itself
    assert (element.text or "") == element.get("title") == visible(value)


def test_what_a_reader_looks_for_is_there() -> None:
    page = page_of(without_samples(massage(), 3000, 200))
    for words in ("First glow", "2026-11-22 15:41 UTC", "GR-1 4F2A", "first-glow", "completed", "Cheek left"):
        assert words in page
    for words in ("left head, kPa", "right head, kPa", "caution 6", "min:s", "Hatched: samples lost", "Frames lost"):
        assert words in page
    assert page.count(WELLNESS) == 1
    assert page.count("medical device") == 1


def test_the_longest_massage_at_the_highest_rate_stays_small() -> None:
    plans = tuple(Plan(zone, 3.0, 4.0, duration_s=100) for zone in Zone if zone < Zone.ORBIT_LEFT)
    recording = massage(plans, rate_hz=400)
    for first in range(1000, 400_000, 1000):
        recording = replace(recording, gaps=(*recording.gaps, Gap(first, 1)))
    rows = [(bool(n % 2), n * 1000, n * 1000 + 900, 50.0, 3.0, 0) for n in range(20_000)]
    page = page_of(replace(recording, strokes=strokes_of(rows)))
    assert len(page.encode()) < 500_000
    assert "strokes are not drawn" in page


values = st.lists(st.floats(0, 40, width=32), min_size=1, max_size=400)


@given(values, st.integers(4, 60))
@settings(max_examples=80, deadline=None)
def test_thinning_keeps_peaks_and_troughs_and_order(data: list[float], most: int) -> None:
    value, time_s = np.array(data), np.arange(len(data)) / 100
    line = thin(time_s, value, np.arange(len(data)), most)
    assert len(line.value) <= most or len(data) <= most
    assert line.value.max() == value.max()
    assert line.value.min() == value.min()
    assert np.all(np.diff(line.time_s) > 0)
    assert set(zip(line.time_s, line.value, strict=True)) <= set(zip(time_s, value, strict=True))


@given(st.sets(st.integers(0, 300), max_size=150))
@settings(max_examples=60, deadline=None)
def test_a_thinned_curve_does_not_bridge_what_was_lost(lost: set[int]) -> None:
    index = np.array(sorted(set(range(301)) - lost), np.int64)
    line = thin(index / 100, np.sin(index), index, 40)
    shown = np.rint(line.time_s * 100).astype(int)
    for at in range(1, len(shown)):
        between = set(range(shown[at - 1], shown[at])) & lost
        assert bool(line.breaks[at]) == bool(between)


def test_a_single_spike_survives_a_long_session() -> None:
    value = np.full(480_000, 3.0)
    value[123_456] = 17.5
    line = thin(np.arange(len(value)) / 400, value, np.arange(len(value)))
    assert len(line.value) <= MAX_POINTS
    assert line.value.max() == 17.5


def test_values_that_are_no_numbers_are_left_out() -> None:
    line = thin(np.arange(4.0), np.array([1.0, np.nan, np.inf, 2.0]), np.arange(4))
    assert line.value.tolist() == [1.0, 2.0]
    assert line.breaks.tolist() == [False, True]


def test_a_lone_sample_between_gaps_is_a_dot() -> None:
    line = Line(np.array([0.0, 1.0, 2.0]), np.array([1.0, 2.0, 3.0]), np.array([False, True, True]))
    scale = Scale(0, 10, 0, 100)
    assert path_of(line, scale, scale) == "M0 10h0M10 20h0M20 30h0"


def test_neighbouring_gaps_are_drawn_as_one() -> None:
    recording = massage()
    many = replace(recording, gaps=tuple(Gap(first, 1) for first in range(0, 9000, 2)))
    assert 0 < len(series_of(many).gaps) <= MAX_MARKS + 1
    two = replace(recording, gaps=(Gap(1000, 10), Gap(5000, 10)))
    assert series_of(two).gaps == ((5.0, 5.05), (25.0, 25.05))


@pytest.mark.parametrize(
    ("heads", "words"),
    [((Head.LEFT, Head.RIGHT), "left and right head"), ((Head.RIGHT,), "right head"), ((Head.ONLY,), "head"), ((), "")],
    ids=str,
)
def test_heads_are_named_together_as_people_do(heads: tuple[Head, ...], words: str) -> None:
    assert heads_words(heads) == words


def test_a_chart_of_two_heads_says_so() -> None:
    assert "<title>Pressure over time, left and right head</title>" in str(draw_chart(series_of(massage()), WIDE))


@pytest.mark.parametrize("layout", [WIDE, NARROW], ids=lambda layout: layout.name)
def test_a_chart_draws_inside_its_box(layout: Layout) -> None:
    svg = ET.fromstring(draw_chart(series_of(without_samples(massage(), 3000, 200)), layout))  # noqa: S314 - our own
    _, _, width, height = map(float, svg.attrib["viewBox"].split())
    for element in svg.iter():
        for name, most in (("x", width), ("y", height)):
            assert 0 <= float(element.attrib.get(name, 0)) <= most
        numbers = re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", element.attrib.get("d", ""))
        assert all(-0.1 <= float(x) <= width + 0.1 and -0.1 <= float(y) <= height + 0.1 for x, y in numbers)
    assert len(svg.findall("./rect[@class='band']")) == 6
    assert len(svg.findall("./rect[@class='gap']")) == 1


def test_the_face_has_every_zone_and_says_what_was_done_there() -> None:
    summary = analyse(massage())
    face = ET.fromstring(draw_face(summary.zones))  # noqa: S314 - made by the line itself
    groups = face.findall("g")
    assert len(groups) == len(Zone)
    titles = [group.findtext("title") or "" for group in groups]
    for zone, title in zip(Zone, titles, strict=True):
        assert title.startswith(f"{zone.name.lower().replace('_', '-')}:")
    assert sum("not part of the routine" in title for title in titles) == len(Zone) - len(FIRST_GLOW)


def test_the_wearers_left_is_on_the_readers_right() -> None:
    face = ET.fromstring(draw_face(analyse(massage(FIRST_GLOW[:2])).zones))  # noqa: S314 - made by the line itself
    places = {(g.findtext("title") or "").split(":")[0]: g.find("text") for g in face.findall("g")}
    left, right = places["cheek-left"], places["cheek-right"]
    assert left is not None
    assert right is not None
    assert float(left.attrib["x"]) > 150 > float(right.attrib["x"])
    sides = {t.text: float(t.attrib["x"]) for t in face.findall("text") if t.text in ("left", "right")}
    assert sides["left"] > 150 > sides["right"]


def test_more_on_the_left_is_a_bar_to_the_readers_right() -> None:
    summary = analyse(massage((Plan(Zone.CHIN, 4.0, 2.0),)))
    svg = ET.fromstring(draw_symmetry(summary.session.symmetry, "left", "right"))  # noqa: S314 - our own
    bars = svg.findall("./rect[@class='bar left']")
    assert bars
    assert all(float(bar.attrib["x"]) >= 180 for bar in bars if float(bar.attrib["width"]) > 0)


def test_every_verdict_has_words_a_colour_and_a_texture_of_its_own() -> None:
    css = style_sheet()
    key = legend()
    assert len(set(CLASSES.values())) == len(CLASSES)
    for verdict, style in CLASSES.items():
        assert VERDICT_WORDS[verdict] in key
        assert f".zone.{style}{{" in css
    textures = re.findall(r"\.texture\.([a-z]+)\{fill:url\(#([a-z]+)\)", css)
    assert len({name for _, name in textures}) == len(textures) == 3
    assert all(f'id="{name}"' in patterns() for _, name in textures)


THEMES = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])


@THEMES
def test_texts_have_enough_contrast(theme: Theme) -> None:
    # WCAG 2.2, 1.4.3: 4.5 to 1 for text.
    for ground in (theme.page, theme.surface):
        for ink in (theme.ink, theme.muted, theme.left, theme.right, theme.caution):
            assert contrast(ink, ground) >= 4.5, (ink, ground)
    for fill in (theme.below, theme.inside, theme.above, theme.over, theme.missed):
        assert contrast(theme.mark, fill) >= 4.5, fill


@THEMES
def test_curves_stand_out_from_the_band(theme: Theme) -> None:
    # WCAG 2.2, 1.4.11: 3 to 1 for what a picture's meaning hangs on.
    for curve in (theme.left, theme.right, theme.caution):
        assert contrast(curve, theme.band) >= 3, curve


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast("#123456", "#123456") == 1


@pytest.mark.parametrize(("span", "wanted", "step"), [(7.2, 5, 2), (10, 5, 2), (0.9, 5, 0.2), (40, 5, 10), (41, 4, 20)])
def test_ticks_are_round(span: float, wanted: int, step: float) -> None:
    assert round_step(span, wanted) == pytest.approx(step)


def test_time_ticks() -> None:
    assert time_ticks(47, 12) == (0, 5, 10, 15, 20, 25, 30, 35, 40, 45)
    assert time_ticks(0.005, 5) == (0,)
    assert len(time_ticks(10 * 86_400, 12)) <= 13
    assert clock_text(65) == "1:05"

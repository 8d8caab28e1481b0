"""A real browser shows the report on every screen, and the report loads nothing and raises no complaint."""

import base64
import json
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from glowtool.analysis.analyse import analyse
from glowtool.analysis.recordings.recording import Recording
from glowtool.analysis.report import render_html, series_of
from glowtool.app.logs.reporting import write_report
from glowtool.kit.drawing.palette import DARK, LIGHT
from glowtool.model.face import Zone
from support.logs.recordings import Plan, massage, without_samples
from support.processes.browser import Browser, Json, find_browser

PROGRAM = find_browser()
pytestmark = [
    pytest.mark.long,  # a real browser takes a good part of the budget; the report's text has quick tests
    pytest.mark.skipif(PROGRAM is None, reason="no Chromium is installed (on Debian: apt install chromium)"),
]


def hostile() -> Recording:
    base = massage()
    name = '"><script>alert(1)</script><img src=http://127.0.0.1:9/x onerror=alert(1)>'
    facts = replace(base.facts, routine_title=name, device_name=name)
    return replace(base, facts=facts, steps=tuple(replace(step, title=name) for step in base.steps))


EVERY_ZONE = massage(tuple(Plan(zone, 1.0 + 0.4 * zone, 3.0, duration_s=6) for zone in Zone if zone < Zone.ORBIT_LEFT))

RECORDINGS = {
    "glow": without_samples(massage(), 3000, 200),
    "zones": EVERY_ZONE,
    "empty": massage(()),
    "long-name": hostile(),
}


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    assert PROGRAM is not None
    with Browser(PROGRAM, tmp_path_factory.mktemp("profile")) as running:
        yield running


@pytest.fixture(scope="module")
def urls(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    made = {}
    for name, recording in RECORDINGS.items():
        folder = tmp_path_factory.mktemp(name)
        made[name] = write_report(folder, render_html(analyse(recording), series_of(recording))).as_uri()
    return made


@pytest.mark.parametrize("name", RECORDINGS)
def test_nothing_is_asked_for_and_nothing_complained_of(browser: Browser, urls: dict[str, str], name: str) -> None:
    opened = browser.open(urls[name])
    assert [url for url in opened.requests if not url.startswith("data:")] == [urls[name]]
    assert opened.complaints == []


def test_the_harness_sees_requests_and_complaints(browser: Browser, tmp_path: Path) -> None:
    page = tmp_path / "bad.html"
    page.write_text("<img src='http://127.0.0.1:9/x.png'><script>console.error('no')</script>", "utf-8")
    opened = browser.open(page.as_uri())
    assert "http://127.0.0.1:9/x.png" in opened.requests
    assert any('"no"' in complaint for complaint in opened.complaints)


@pytest.mark.parametrize("width", [360, 400, 768, 1200])
@pytest.mark.parametrize("name", RECORDINGS)
def test_the_page_is_no_wider_than_the_screen(browser: Browser, urls: dict[str, str], name: str, width: int) -> None:
    opened = browser.open(urls[name], width=width)
    assert browser.evaluate(opened, "document.documentElement.scrollWidth") == width


@pytest.mark.parametrize(
    ("width", "medium", "shown"), [(400, "", "narrow"), (1200, "", "wide"), (400, "print", "wide")]
)
def test_one_chart_is_shown(browser: Browser, urls: dict[str, str], width: int, medium: str, shown: str) -> None:
    opened = browser.open(urls["glow"], width=width, medium=medium)
    visible = "[...document.querySelectorAll('.chart')].filter(c => c.getBoundingClientRect().height > 0)"
    assert browser.evaluate(opened, f"{visible}.map(c => c.classList[1])") == [shown]


@pytest.mark.parametrize("width", [360, 700, 768, 1200])
def test_no_text_is_too_small_to_read(browser: Browser, urls: dict[str, str], width: int) -> None:
    opened = browser.open(urls["glow"], width=width)
    sizes = browser.evaluate(
        opened,
        """[...document.querySelectorAll('svg text, td, th, p, li, span')]
        .filter(e => e.getClientRects().length && e.textContent.trim())
        .map(e => parseFloat(getComputedStyle(e).fontSize) * (e.getScreenCTM ? e.getScreenCTM().a : 1))""",
    )
    assert min(cast("list[float]", sizes)) >= 9.5


@pytest.mark.parametrize(
    ("dark", "medium", "theme"), [(False, "", LIGHT), (True, "", DARK), (True, "print", LIGHT)], ids=str
)
def test_the_page_follows_the_readers_scheme_but_prints_on_white(
    browser: Browser, urls: dict[str, str], dark: bool, medium: str, theme: object
) -> None:
    opened = browser.open(urls["glow"], dark=dark, medium=medium)
    root = "getComputedStyle(document.documentElement)"
    found = browser.evaluate(opened, f"{root}.getPropertyValue('--surface')")
    assert found == (LIGHT if theme is LIGHT else DARK).surface
    if medium:
        assert browser.evaluate(opened, f"{root}.backgroundColor") == "rgb(255, 255, 255)"


def test_each_number_stands_in_its_zone(browser: Browser, urls: dict[str, str]) -> None:
    opened = browser.open(urls["zones"])
    outside = browser.evaluate(
        opened,
        """[...document.querySelectorAll('.face g')].filter(g => g.querySelector('text')).filter(g => {
        const box = g.querySelector('text').getBBox(), path = g.querySelector('path');
        const matrix = path.transform.baseVal.consolidate();
        let point = new DOMPoint(box.x + box.width / 2, box.y + box.height / 2);
        if (matrix) point = point.matrixTransform(DOMMatrix.fromMatrix(matrix.matrix).inverse());
        return !path.isPointInFill(point);
        }).map(g => g.querySelector('title').textContent)""",
    )
    assert outside == []
    assert browser.evaluate(opened, "document.querySelectorAll('.face g text').length") == 12


def test_zones_do_not_overlap_across_the_middle(browser: Browser, urls: dict[str, str]) -> None:
    opened = browser.open(urls["zones"])
    boxes = browser.evaluate(
        opened,
        """[...document.querySelectorAll('.face g')].map(g => {
        const box = g.querySelector('path').getBoundingClientRect();
        const face = document.querySelector('.face').getBoundingClientRect();
        return [g.querySelector('title').textContent, box.left - face.left, box.right - face.left, face.width];
        })""",
    )
    for title, left, right, width in cast("list[tuple[str, float, float, float]]", boxes):
        if "-left:" in title:
            assert left >= width / 2
        if "-right:" in title:
            assert right <= width / 2


def screenshot(browser: Browser, url: str, **how: bool) -> bytes:
    opened = browser.open(url, **how)  # type: ignore[arg-type]  # mypy takes the mapping's one type for every parameter
    return base64.b64decode(str(browser.call("Page.captureScreenshot", opened.session)["data"]))


def test_there_is_something_to_see(browser: Browser, urls: dict[str, str]) -> None:
    blank, light = screenshot(browser, "about:blank"), screenshot(browser, urls["glow"])
    assert light.startswith(b"\x89PNG")
    # PNG is lossless: an empty page packs to next to nothing, one with curves and texts cannot.
    assert len(light) > 5 * len(blank)
    assert screenshot(browser, urls["glow"], dark=True) != light


#: Words that stand on more than one line; those of names from outside may be of any length.
BROKEN_WORDS = r"""(() => {
    const found = [], walk = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
    while (walk.nextNode()) {
        const node = walk.currentNode;
        if (node.parentElement.closest("svg")) continue;
        for (const word of node.data.matchAll(/[\p{L}\p{N}]+/gu)) {
            const range = document.createRange();
            range.setStart(node, word.index);
            range.setEnd(node, word.index + word[0].length);
            const rows = [...range.getClientRects()].filter(row => row.width).map(row => Math.round(row.top));
            if (new Set(rows).size > 1) found.push(word[0]);
        }
    }
    return found;
})()"""


@pytest.mark.parametrize("width", [360, 400, 500, 600, 768, 1200])
@pytest.mark.parametrize("name", ["glow", "zones"])
def test_no_word_is_broken(browser: Browser, urls: dict[str, str], name: str, width: int) -> None:
    assert browser.evaluate(browser.open(urls[name], width=width), BROKEN_WORDS) == []
    assert browser.evaluate(browser.open(urls[name], width=718, medium="print"), BROKEN_WORDS) == []


def filled(pdf: bytes) -> list[float]:
    """How far down each page is printed on, 1 being its lower edge."""
    raw = subprocess.run(["pdftoppm", "-r", "20", "-gray", "-"], input=pdf, capture_output=True, check=True).stdout  # noqa: S607
    pages = []
    while raw:
        head, raw = raw.split(b"\n255\n", 1)
        width, height = map(int, head.split()[1:3])
        page = np.frombuffer(raw[: width * height], np.uint8).reshape(height, width)
        pages.append(float(np.flatnonzero((page < 220).any(axis=1)).max(initial=0)) / height)
        raw = raw[width * height :]
    return pages


@pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="no pdftoppm (on Debian: apt install poppler-utils)")
@pytest.mark.parametrize("paper", [(8.27, 11.69), (8.5, 11.0)], ids=["A4", "Letter"])
@pytest.mark.parametrize("name", ["glow", "zones"])
def test_no_page_but_the_last_is_left_blank_below(
    browser: Browser, urls: dict[str, str], name: str, paper: tuple[float, float]
) -> None:
    opened = browser.open(urls[name])
    width, height = paper
    printed = browser.call("Page.printToPDF", opened.session, paperWidth=width, paperHeight=height)["data"]
    *pages, _ = filled(base64.b64decode(str(printed)))
    assert pages
    assert min(pages) > 0.75


def test_it_prints(browser: Browser, urls: dict[str, str]) -> None:
    opened = browser.open(urls["glow"])
    pdf = base64.b64decode(str(browser.call("Page.printToPDF", opened.session)["data"]))
    assert pdf.startswith(b"%PDF")
    assert 1 <= pdf.count(b"/Type /Page\n") <= 5


def test_names_from_outside_are_shown_and_not_run(browser: Browser, urls: dict[str, str]) -> None:
    opened = browser.open(urls["long-name"])
    heading: Json = browser.evaluate(opened, "document.querySelector('h1').textContent")
    assert heading == RECORDINGS["long-name"].facts.routine_title
    assert browser.evaluate(opened, "document.querySelectorAll('script, img').length") == 0
    assert "alert" in json.dumps(heading)

"""Every folder, file or script of the tests that a page, a docstring or the Makefile names is there."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WRITTEN = sorted(
    {
        *ROOT.glob("*.md"),
        *ROOT.glob("*.toml"),
        ROOT / "Makefile",
        ROOT / ".ci/run",
        *ROOT.glob("docs/**/*.md"),
        *(path for top in ("docs", "glowtool", "firmware-sim", "tests") for path in ROOT.glob(f"{top}/**/*.py")),
    }
    # It names what is not there, to see that it is found.
    - {Path(__file__).resolve()}
)
ROOMS = "|".join(sorted(path.name for path in (ROOT / "tests").iterdir() if path.is_dir()))
PLACE = re.compile(rf"(?<![\w./-])tests/(?:{ROOMS})\b[\w./-]*")
SCRIPT = re.compile(rf"-m ((?:{ROOMS})(?:\.\w+)*)")
TEST = re.compile(r"(?<![\w/])(test_\w+\.py)::(\w+)")
MODULE = re.compile(r"`([\w.-]+\.py)\b[^`]*`")


def gone(text: str) -> list[str]:
    """Return what a text names of the tests that is not there: files, folders and scripts."""
    places = [place.rstrip(".") for place in PLACE.findall(text)]
    scripts = SCRIPT.findall(text)
    return [place for place in places if not (ROOT / place).exists()] + [name for name in scripts if not runs(name)]


def runs(script: str) -> bool:
    """Return whether `python -m` finds something to run under a name."""
    path = ROOT.joinpath("tests", *script.split("."))
    return path.with_suffix(".py").is_file() or (path / "__main__.py").is_file()


def test_what_is_named_of_the_tests_is_there() -> None:
    assert len(WRITTEN) > 500
    found = {str(path.relative_to(ROOT)): gone(path.read_text("utf-8")) for path in WRITTEN}
    assert not {path: names for path, names in found.items() if names}


def test_a_page_names_no_test_that_is_gone() -> None:
    texts: dict[str, str] = defaultdict(str)
    for path in WRITTEN:
        texts[path.name] += path.read_text("utf-8")
    named = {match for path in WRITTEN if path.suffix == ".md" for match in TEST.findall(path.read_text("utf-8"))}
    assert len(named) > 50
    assert not {(module, test) for module, test in named if f"def {test}(" not in texts[module]}


def test_a_page_names_no_module_that_is_gone() -> None:
    there = {path.name for path in WRITTEN}
    pages = {path: set(MODULE.findall(path.read_text("utf-8"))) - there for path in WRITTEN if path.suffix == ".md"}
    assert not {str(path.relative_to(ROOT)): names for path, names in pages.items() if names}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("see `tests/measure/gone.py --runs 3`.", ["tests/measure/gone.py"]),
        ("PYTHONPATH=tests python -m measure.gone [--runs 3]", ["measure.gone"]),
        ("`python -m measure.times`", ["measure.times"]),
        ("tests/chaos/gone/", ["tests/chaos/gone/"]),
        ("python -m measure.times.connect, in tests/measure/times. Then `python -m radio.bluez_guest`", []),
        ("tests/measure/times/stop_latency.py.", []),
    ],
)
def test_a_mention_that_is_stale_is_found(text: str, names: list[str]) -> None:
    assert gone(text) == names

"""Generated pages and vectors agree with today's declarations."""

import importlib.util
import json
import re
from dataclasses import fields
from pathlib import Path

from measure.bench.rows import Row
from pages.performance import DATA, GROUPS, PAGE, render

ROOT = Path(__file__).resolve().parents[2]
FIGURES = json.loads(DATA.read_text("utf-8"))


def test_no_generated_file_is_stale() -> None:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs/generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    stale = [str(path) for path, text in module.generated().items() if path.read_text("utf-8") != text]
    assert not stale, f"run `make docs`: {stale}"


def test_every_row_has_the_fields_of_today_and_every_group_is_there() -> None:
    assert {tuple(row) for row in FIGURES["rows"]} == {tuple(field.name for field in fields(Row))}
    assert {row["group"] for row in FIGURES["rows"]} == set(GROUPS)
    assert len({(row["group"], row["name"]) for row in FIGURES["rows"]}) == len(FIGURES["rows"])


def test_an_aim_that_is_not_met_is_said_so() -> None:
    missed = sum(row["aim"] is not None and row["ratio"] > row["aim"] for row in FIGURES["rows"])
    assert PAGE.read_text("utf-8") == render()
    assert render().count("**not met**") == missed


def test_nothing_names_the_machine() -> None:
    assert re.search(r"\d+ cores, \w+ on \w+, Python 3\.\d+\.\d+, numpy \d", FIGURES["machine"])
    assert not re.search(r"/(home|root|work|tmp|usr)/|localhost|\.local\b", json.dumps(FIGURES))

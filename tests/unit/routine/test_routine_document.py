"""The reference page and the how-to agree with the models and the lint."""

import re
from pathlib import Path

from glowtool import routine
from glowtool.routine import compile_routine, parse_routine
from glowtool.routine.written.models import KINDS
from glowtool.safety import lint_program
from pages.routines import render

DOCS = Path(__file__).resolve().parents[3] / "docs"


def test_the_page_in_the_tree_is_up_to_date() -> None:
    assert (DOCS / "reference/routines.md").read_text("utf-8") == render()


def test_every_key_has_its_row_with_a_meaning() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| [^|]+ \| [^|]+ \| ([^|]+) \|$", render(), re.MULTILINE))
    for _, model in KINDS.values():
        assert {field.alias or name for name, field in model.model_fields.items()} <= set(rows)
    for name in ("WrittenRoutine", "Vibration", "Microcurrent", "Keyframe", "Cue", "Evidence"):
        assert set(getattr(routine, name).model_fields) <= set(rows)
    assert all(meaning.strip() for meaning in rows.values())


def test_the_example_of_the_how_to_runs() -> None:
    page = (DOCS / "how-to/write-a-routine.md").read_text("utf-8")
    (example,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    text = "\n".join(line.removeprefix("   ") for line in example.splitlines())
    assert lint_program(compile_routine(parse_routine(text, "my-cheeks.toml"))) == ()

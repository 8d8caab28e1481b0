"""The use cases do without a terminal, and every roller is opened with a gate that is made in one place."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted(ROOT.glob("glowtool/**/*.py"))
USE_CASES = sorted(ROOT.glob("glowtool/app/**/*.py"))


def test_the_gate_is_made_where_a_roller_is_opened_and_nowhere_else() -> None:
    assert _calling("Gate") == ["glowtool/app/opening.py"]


def test_a_driver_is_chosen_in_one_place_and_opened_where_it_is_put_behind_its_gate() -> None:
    assert _calling("kind_for") == ["glowtool/app/sighting.py"]
    assert _calling("gated") == ["glowtool/app/opening.py"]
    assert _calling("opener") == ["glowtool/app/opening.py", "glowtool/drivers/kinds.py"]


def _calling(wanted: str) -> list[str]:
    return [path.relative_to(ROOT).as_posix() for path in MODULES for name in _called(path) if name == wanted]


def _called(path: Path) -> list[str]:
    calls = [node.func for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
    return [call.attr if isinstance(call, ast.Attribute) else getattr(call, "id", "") for call in calls]


@pytest.mark.parametrize("path", USE_CASES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_use_case_touches_no_standard_stream(path: Path) -> None:
    streams = {"stdin", "stdout", "stderr", "input", "print"}
    tree = ast.parse(path.read_text("utf-8"))
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert not streams & (attributes | names)

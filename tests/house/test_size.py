"""Modules, functions and folders keep to their limits of size."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TESTS = ROOT / "tests"
MODULES = sorted([*ROOT.glob("glowtool/**/*.py"), *ROOT.glob("firmware-sim/**/*.py"), *TESTS.glob("**/*.py")])
MODULE_LINES = 300
#: A little more for tests, which are read one at a time.
TEST_LINES = 350
FOLDER_FILES = 15
FUNCTION_LINES = 60


def test_modules_are_found() -> None:
    assert len(MODULES) > 100
    assert len([path for path in MODULES if TESTS in path.parents]) > 100


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_and_its_functions_keep_to_the_limits(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= (TEST_LINES if TESTS in path.parents else MODULE_LINES)
    long = {
        node.name: node.end_lineno - node.lineno + 1
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > FUNCTION_LINES
    }
    assert not long


def test_a_folder_that_grows_gets_rooms() -> None:
    counted = Counter(path.parent.relative_to(ROOT).as_posix() for path in MODULES)
    assert not {folder for folder, count in counted.items() if count > FOLDER_FILES}


def rooms(*folders: str) -> set[str]:
    """Return the names of the folders with modules in them, at any depth, that stand directly in these."""
    inside = (path.relative_to(ROOT / folder) for folder in folders for path in (ROOT / folder).glob("*/**/*.py"))
    return {path.parts[0] for path in inside}


def test_unit_tests_stand_in_the_rooms_of_the_code() -> None:
    assert rooms("tests/unit") - {"support"} == rooms("glowtool", "firmware-sim/glowsim")

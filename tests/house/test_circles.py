"""Imports never go in a circle, also when those for annotations are counted."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from support.house.modules import imported, sources

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parents[2]
ROOTS = {"glowtool": ROOT, "glowsim": ROOT / "firmware-sim"}


def circle(texts: Mapping[str, str]) -> list[str]:
    """Return the modules of one circle, in the order in which they import each other; empty without a circle."""
    graph = {name: set(imported(text, texts)) - {name} for name, text in texts.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        found: list[str] = error.args[1]
        return found[::-1]
    return []


@pytest.mark.parametrize("package", ROOTS)
def test_no_imports_go_in_a_circle(package: str) -> None:
    texts = {name: path.read_text("utf-8") for name, path in sources(ROOTS[package], package).items()}
    assert len(texts) > 50
    assert not (found := circle(texts)), " imports ".join(found)


@pytest.mark.parametrize(
    "back",
    [
        "from p import a",
        "from p.a import A",
        "import p.a",
        "def f():\n    from p.a import A",
        "if TYPE_CHECKING:\n    from p.a import A",
    ],
)
def test_a_circle_is_found_however_it_is_closed(back: str) -> None:
    texts = {"p": "", "p.a": "from p.b import B", "p.b": "from p.c import C", "p.c": back}
    assert set(circle(texts)) == {"p.a", "p.b", "p.c"}
    assert not circle({**texts, "p.c": "from p import d"})

"""No module needs itself to be understood: imports never go in a circle, those for annotations counted too."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).resolve().parents[2]
ROOTS = {"glowtool": ROOT, "glowsim": ROOT / "firmware-sim"}


def sources(root: Path, package: str) -> dict[str, str]:
    """Return the text of every module of a package, by its dotted name."""
    texts = {}
    for path in sorted((root / package).rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        texts[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path.read_text("utf-8")
    return texts


def imported(text: str, known: Mapping[str, str]) -> Iterator[str]:
    """Yield the known modules that a text imports anywhere: at its head, in a function, or for annotations only."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield from [inner] if inner in known else [node.module] if node.module in known else []


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
    texts = sources(ROOTS[package], package)
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

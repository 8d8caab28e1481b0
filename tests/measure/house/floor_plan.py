"""Print the figures of the floor plan, for this tree or another check-out.

Files by folder, long modules, circles of imports with those for annotations counted, imports in functions of the
command line, and edges between the folders of each root.

python tests/measure/house/floor_plan.py [TREE]
"""

from __future__ import annotations

import ast
import sys
from collections import Counter, defaultdict
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from support.house.modules import imported, sources

ROOTS = {"glowtool": "", "glowsim": "firmware-sim"}
LONG = 300
FULL = 15


def in_functions(text: str) -> int:
    """Return how many import statements of a text stand in functions."""
    functions = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    inner = {id(n) for f in functions for n in ast.walk(f) if isinstance(n, ast.Import | ast.ImportFrom)}
    return len(inner)


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Return circles, each cut at its first edge to find the next."""
    found: list[list[str]] = []
    graph = {name: set(others) for name, others in graph.items()}
    while True:
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            circle: list[str] = error.args[1]
            found.append(circle[::-1])
            graph[circle[1]].discard(circle[0])
        else:
            return found


def tell(root: Path) -> None:
    """Print the figures of a tree."""
    for package, place in ROOTS.items():
        modules = {name: (path, path.read_text("utf-8")) for name, path in sources(root / place, package).items()}
        folders = Counter(str(path.parent.relative_to(root)) for path, _ in modules.values())
        full = [f"{folder} {count}" for folder, count in folders.most_common() if count > FULL]
        lengths = {name: len(text.splitlines()) for name, (_, text) in modules.items()}
        graph = {name: set(imported(text, modules)) - {name} for name, (_, text) in modules.items()}
        edges = defaultdict(set)
        for name, others in graph.items():
            for other in others:
                ends = name.split(".")[1:2], other.split(".")[1:2]
                if all(ends) and ends[0] != ends[1]:
                    edges[ends[0][0]].add(ends[1][0])
        print(f"{package}: {len(modules)} modules, {sum(lengths.values())} lines, {len(folders)} folders")
        print(f"  folders over {FULL} files: {', '.join(full) or 'none'}")
        print(f"  modules over {LONG} lines: {', '.join(n for n, c in lengths.items() if c > LONG) or 'none'}")
        found = circles(graph)
        print(f"  circles, annotations counted: {len(found)} {[' > '.join(circle) for circle in found]}")
        print(f"  edges between top-level folders: {sum(map(len, edges.values()))}")
        cli = [name for name in modules if name.startswith(f"{package}.cli")]
        lazy = sum(in_functions(modules[name][1]) for name in cli)
        print(f"  cli: {len(cli)} modules, {sum(lengths[name] for name in cli)} lines, {lazy} imports in functions")
    tests = Counter(str(path.parent.relative_to(root)) for path in (root / "tests").rglob("*.py"))
    print(f"tests: folders over {FULL} files: {[f'{f} {c}' for f, c in tests.most_common() if c > FULL]}")


if __name__ == "__main__":
    tell(Path(sys.argv[1] if len(sys.argv) > 1 else "."))

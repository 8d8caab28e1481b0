"""The page of walks names files that are there, and none twice in one walk."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/explanation/walks.md"
STEP = re.compile(r"^\d+\. `([^`]+)`: ", re.MULTILINE)


def test_each_file_of_each_walk_is_there() -> None:
    walks = [STEP.findall(walk) for walk in PAGE.read_text("utf-8").split("\n## ")[1:]]
    assert [len(walk) > 5 for walk in walks] == [True] * 4
    assert not [path for walk in walks for path in walk if not (ROOT / path).is_file()]
    assert not [path for walk in walks for path in set(walk) if walk.count(path) > 1]

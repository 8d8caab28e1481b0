"""What only shows a text loads nothing that takes long; `make bench` says what that comes to in time."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

#: What takes longer to load than a help or a list takes.
HEAVY = frozenset({"asyncio", "bleak", "bumble", "numpy", "pyarrow", "pydantic", "scipy"})
_LOADED = """
import sys
from glowtool.cli import main
sys.argv[1:] = {words!r}
try:
    main()
except SystemExit as left:
    print("LOADED", left.code, *sys.modules)
"""


@pytest.mark.parametrize("words", [["--help"], ["routines", "list"]], ids=" ".join)
def test_what_only_shows_a_text_loads_nothing_heavy(words: list[str], tmp_path: Path) -> None:
    script = _LOADED.format(words=["--data-dir", str(tmp_path), *words])
    said = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True, timeout=60)  # noqa: S603 - our own command
    last = said.stdout.splitlines()[-1].split()
    assert last[:2] == ["LOADED", "0"]
    assert not HEAVY & set(last)

"""`glowtool --help` costs little more than the least that any of our command lines costs."""

from __future__ import annotations

import math
import subprocess
import sys
import time
from pathlib import Path

import pytest

#: A busy machine disturbs single runs, so each is the best of as many as it takes to be sure, in turns.
ROUNDS = 20
#: The aim is 1.5; the rest is margin for what remains of the noise.
BOUND = 2.5


def took_s(words: list[str]) -> float:
    """Return how long a command took."""
    began_s = time.perf_counter()
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, timeout=30)  # noqa: S603 - our own command
    return time.perf_counter() - began_s


def test_help_takes_little_more_than_importing_click() -> None:
    least_s = help_s = math.inf
    for _ in range(ROUNDS):
        least_s = min(least_s, took_s([sys.executable, "-c", "import click"]))
        help_s = min(help_s, took_s([str(Path(sys.executable).with_name("glowtool")), "--help"]))
        if help_s < BOUND * least_s:
            break
    assert help_s / least_s < BOUND


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

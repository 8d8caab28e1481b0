"""Whole commands: how long they take against starting Python with the same imports, now and in an earlier state."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Final

from glowtool.model.ending import Ending
from glowtool.model.face import Zone
from glowtool.store.tables.finish import finish
from measure.bench.rows import Row
from support.logs.recorded_logs import CHECKPOINT, journal_of
from support.logs.recordings import Plan, massage

if TYPE_CHECKING:
    from collections.abc import Iterator

#: The state before the stream was made fast.
BEFORE: Final = "93d8070f"
_ROOT: Final = Path(__file__).parents[3]
_PYTHON: Final = sys.executable
_MAIN: Final = "from glowtool.cli import main; main()"
_STEPS: Final = 40
_STEP_S: Final = 30.0

#: What `analyze` needs, loaded and left at that.
_SAME_IMPORTS: Final = (
    "import click, numpy, pyarrow, pyarrow.parquet, pydantic, rich.console, rich.table; import glowtool.analysis.log"
)


def spent_s(words: list[str], tree: Path = _ROOT) -> float:
    """Return the processor time of a command and of all that it starts; it uses the code of that tree."""
    environment = {**os.environ, "PYTHONPATH": f"{tree}{os.pathsep}{tree / 'firmware-sim'}"}
    before = os.times()
    subprocess.run(words, check=True, env=environment, cwd=tree, stdout=subprocess.DEVNULL, timeout=300)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def paired(ours: list[str], theirs: list[str], times: int, tree: Path = _ROOT) -> float:
    """Return the processor time of one command ÷ that of another: the median of pairs, after one that only warms up."""
    spent_s(ours, tree), spent_s(theirs, tree)
    return median(spent_s(ours, tree) / spent_s(theirs, tree) for _ in range(times))


def starting(times: int) -> list[Row]:
    """Compare what has to be at once with importing click."""
    click = [_PYTHON, "-c", "import click"]
    aims = {("--help",): 1.5, ("routines", "list"): 4.0}
    with tempfile.TemporaryDirectory() as temporary:
        return [
            Row(
                "start",
                f"`glowtool {' '.join(words)}`",
                "the whole command",
                'python -c "import click"',
                paired([_PYTHON, "-c", _MAIN, "--data-dir", temporary, *words], click, times),
                aim,
            )
            for words, aim in aims.items()
        ]


@contextmanager
def earlier_tree() -> Iterator[Path | None]:
    """Yield a checkout of the earlier state for the time of the block, None where the repository has none."""
    with tempfile.TemporaryDirectory() as temporary:
        tree = Path(temporary) / "before"
        git = ["git", "-C", str(_ROOT), "worktree"]
        added = subprocess.run([*git, "add", "--detach", str(tree), BEFORE], capture_output=True, check=False)
        try:
            yield tree if added.returncode == 0 else None
        finally:
            subprocess.run([*git, "remove", "--force", str(tree)], capture_output=True, check=False)


def analysed(times: int) -> list[Row]:
    """Compare the analysis of twenty minutes with starting Python, now and before."""
    rows = list[Row]()
    with tempfile.TemporaryDirectory() as temporary, earlier_tree() as earlier:
        for rate_hz in (200, 400):
            zones = [Zone(1 + index % 10) for index in range(_STEPS)]
            recording = massage(tuple(Plan(zone, 3.0, 3.2, duration_s=_STEP_S) for zone in zones), rate_hz=rate_hz)
            data = Path(temporary) / str(rate_hz)
            finish(journal_of(recording, data / "logs"), Ending.COMPLETED, datetime.now(UTC), CHECKPOINT)
            command = [_PYTHON, "-c", _MAIN, "--data-dir", str(data), "analyze", "last", "--no-report"]
            for name, tree in (("now", _ROOT), ("before", earlier)):
                if tree is not None:
                    rows.append(
                        Row(
                            "analyze",
                            f"20 minutes at {rate_hz} Hz, {name}",
                            "the whole command `glowtool analyze`",
                            "starting Python with the same imports",
                            paired(command, [_PYTHON, "-c", _SAME_IMPORTS], times, tree),
                        )
                    )
    return rows

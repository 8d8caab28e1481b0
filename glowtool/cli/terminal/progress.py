"""Progress with the time left, for work of more than a second: a bar on a terminal, now and then a line with `--plain`.

It goes to standard error, and only to a terminal; with `--quiet` or `--json` there is none.
"""

from __future__ import annotations

import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, TypeVar

from glowtool.cli.terminal.streams import show

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

    from glowtool.cli.options import Options

T = TypeVar("T")

#: Work that is done by then needs no bar.
PATIENCE_S: Final = 1.0
#: The time between two lines for a screen reader.
LINE_S: Final = 5.0


class Progress:
    """Shows the share of some work that is done, from 0 to 1; called with it as often as there is news."""

    def __init__(self, what: str, now: Callable[[], float] = time.monotonic) -> None:
        self._what = what
        self._now = now
        self._began_s = now()

    def __call__(self, share: float) -> None:
        """Take the share that is done."""

    def gathered(self, results: Iterable[T]) -> Iterable[T]:
        """Return results of the work for printing: as they come, or all in the end where a line would hit the bar."""
        return results

    def close(self) -> None:
        """Leave the terminal as it was."""

    def passed_s(self) -> float:
        """Return the time since the beginning."""
        return self._now() - self._began_s


class Bar(Progress):
    """A bar that is redrawn, and gone in the end."""

    _shown: tuple[RichProgress, TaskID] | None = None

    def __call__(self, share: float) -> None:
        """Take the share that is done."""
        if self._shown is None:
            if self.passed_s() < PATIENCE_S or share >= 1:
                return
            bar = _rich_bar()
            self._shown = bar, bar.add_task(self._what, total=1.0)
            bar.start()
        bar, task = self._shown
        bar.update(task, completed=share)

    def gathered(self, results: Iterable[T]) -> Iterable[T]:
        """Return all results in the end, when the bar is gone, if they go to a terminal."""
        if not sys.stdout.isatty():
            return results
        found = list(results)
        self.close()
        return found

    def close(self) -> None:
        """Take the bar away."""
        if self._shown is not None:
            self._shown[0].stop()


class Lines(Progress):
    """A line every few seconds, for a screen reader."""

    _told_s = PATIENCE_S - LINE_S

    def __call__(self, share: float) -> None:
        """Take the share that is done."""
        passed_s = self.passed_s()
        if share >= 1 or passed_s - self._told_s < LINE_S:
            return
        self._told_s = passed_s
        left = f", about {passed_s * (1 - share) / share:.0f} s left" if share > 0 else ""
        show(f"{self._what}: {100 * share:.0f} %{left}", sys.stderr)


@contextmanager
def progress(options: Options, what: str) -> Iterator[Progress]:
    """Return what shows how far some work has come: a bar, lines, or nothing where nobody looks."""
    shown = _shown(options, what)
    try:
        yield shown
    finally:
        shown.close()


def _shown(options: Options, what: str) -> Progress:
    if options.quiet or options.json or not sys.stderr.isatty():
        return Progress(what)
    return Lines(what) if options.plain else Bar(what)


def _rich_bar() -> RichProgress:
    from rich import progress as rich  # noqa: PLC0415 - likewise
    from rich.console import Console  # noqa: PLC0415 - only work that takes long loads it

    return rich.Progress(
        rich.TextColumn("{task.description}", markup=False),
        rich.BarColumn(bar_width=None),
        rich.TaskProgressColumn(),
        rich.TextColumn("left"),
        rich.TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        # What a command prints is its result, and goes where it was sent.
        redirect_stdout=False,
        redirect_stderr=False,
        expand=True,
    )

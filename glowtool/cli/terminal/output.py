"""The output of commands: results on standard output, everything else on standard error."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from glowtool.cli import terminal
from glowtool.cli.terminal.streams import show, show_json
from glowtool.kit.text.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rich.console import Console

    from glowtool.cli.options import Options


#: No table is wider.
_UNBOUNDED: Final = 10_000

_NONE: Final[frozenset[int]] = frozenset()


def frames_text(counters: Mapping[str, int]) -> str:
    """Return the frame counts of a stream as a sum that a person can check."""
    kinds = ("received", "lost", "duplicate", "late")
    unknown = ", and an unknown number after the last" if counters.get("unsettled") else ""
    return " + ".join(f"{counters[kind]} {kind}" for kind in kinds) + f" = {counters['sent']} sent{unknown}"


def lost_text(counters: Mapping[str, int]) -> str:
    """Return where frames were lost, by stage; empty when none was."""
    stages = {"dropped": "dropped by this computer's queue", "decode_errors": "unreadable"}
    here = [f"{counters[name]} {words}" for name, words in stages.items() if counters.get(name)]
    return f"of the lost: {', '.join(here)}" if here else ""


class Printer:
    """The two outputs of a command, which honour `--json`, `--quiet`, NO_COLOR and pipes."""

    def __init__(self, options: Options) -> None:
        self._options = options

    @property
    def json(self) -> bool:
        """Whether standard output carries JSON and nothing else."""
        return self._options.json

    def json_object(self, value: Mapping[str, object]) -> None:
        """Print one JSON object on a line of its own, at once."""
        show_json(value)

    def result(self, text: str) -> None:
        """Print a line of the result, unless `--json` asks for a JSON object instead."""
        if not self._options.json:
            show(text, sys.stdout)

    def note(self, text: str) -> None:
        """Tell the person on standard error what is happening, unless `--quiet`."""
        if not self._options.quiet:
            show(text, sys.stderr)

    def problem(self, text: str) -> None:
        """Tell the person on standard error what is wrong, even with `--quiet`."""
        show(text, sys.stderr)

    def prose(self, text: str) -> None:
        """Print a line of the result that may be long: broken at words on a terminal, in one piece in a pipe."""
        console = self.console()
        if console.is_terminal:
            console.print(visible(text))
        else:
            self.result(text)

    def table(
        self,
        headers: Sequence[str],
        rows: Iterable[Sequence[str]],
        *,
        whole: frozenset[int] = _NONE,
        paired: Sequence[int] = (),
    ) -> None:
        """Print a table: fitted to the terminal, or row by row if that is too narrow; in a pipe, in its own width.

        For a screen reader it is printed row by row. The columns in `whole` are never broken. Where they do not fit
        side by side, each column in `paired` stands below the one before it.
        """
        filled = [tuple(map(visible, row)) for row in rows]
        if self._options.plain and filled:
            for line in terminal.tables.stacked(headers, filled).splitlines():
                self.result(line)
            return
        table, console = terminal.tables.table_of(headers, filled, whole=whole), self.console()
        if not console.is_terminal:
            console.width = _UNBOUNDED
            with console.capture() as printed:
                console.print(table)
            for line in printed.get().splitlines():
                self.result(line.rstrip())
            return
        if terminal.tables.least_width(console, table) > console.width and paired:
            narrow = [terminal.tables.one_below_the_other(row, paired) for row in (headers, *filled)]
            table = terminal.tables.table_of(narrow[0], narrow[1:], whole=frozenset(range(len(narrow[0]))))
        if terminal.tables.least_width(console, table) > console.width:
            console.print(terminal.tables.stacked(headers, filled))
        else:
            console.print(table)

    def console(self) -> Console:
        """Return a rich console on standard output, for tables and the live view."""
        return terminal.tables.plain_console()

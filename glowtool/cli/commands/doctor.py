"""`glowtool doctor`: what stands between this computer and a massage, a line for each check, with advice."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections import Counter
from dataclasses import asdict
from itertools import groupby
from typing import TYPE_CHECKING, Final

import click

from glowtool import app
from glowtool.app.checkup.findings import Finding, Outcome, exit_status
from glowtool.app.news import Examined
from glowtool.cli.options import Options, pass_options
from glowtool.cli.runtime import run_async
from glowtool.cli.terminal.news_words import shown_by
from glowtool.cli.terminal.output import Printer

if TYPE_CHECKING:
    from glowtool.app.checkup.findings import Judged
    from glowtool.app.news import ErrandNews

_WORD_COLUMNS: Final = 9
_TITLE_COLUMNS: Final = 20
_INDENT: Final = 2 + _WORD_COLUMNS + _TITLE_COLUMNS


class _Sheet:
    """The findings so far; each is shown as soon as it is made."""

    def __init__(self, output: Printer) -> None:
        self._output = output
        self._others = shown_by(output)
        self._columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
        self.rows: list[tuple[str, str, Finding]] = []

    def tell(self, said: ErrandNews) -> None:
        """Take the findings of a stage, and show them; show all other news as any command does."""
        if isinstance(said, Examined):
            self._take(said.stage, said.judged)
        else:
            self._others(said)

    def _take(self, stage: str, judged: tuple[Judged, ...]) -> None:
        self.rows += [(stage, each.key, each.finding) for each in judged]
        self._output.result(stage)
        for finding, same in groupby(judged, key=lambda each: each.finding):
            for line in _lines([each.title for each in same], finding, self._columns):
                self._output.result(line)

    @property
    def findings(self) -> list[Finding]:
        """All findings, in their order."""
        return [finding for _, _, finding in self.rows]

    def json_object(self, status: int) -> dict[str, object]:
        """Return the JSON object of all findings."""
        return {
            "findings": [{"stage": stage, "check": key, **asdict(found)} for stage, key, found in self.rows],
            "exit_status": status,
        }


def _lines(titles: list[str], finding: Finding, columns: int | None) -> list[str]:
    """Return the lines for checks in a row that found the same, broken at `columns`; None breaks no line."""
    title, says = titles[0], finding.says
    if len(titles) > 1:
        title, says = f"{len(titles)} checks", f"{says}: {', '.join(titles)}"
    lines = [f"  {_word(finding):<{_WORD_COLUMNS}}{title:<{_TITLE_COLUMNS}}{says}"]
    if finding.advice:
        lines.append(f"{'':<{_INDENT}}→ {finding.advice}")
    if columns is None:
        return lines
    width = max(columns - 1, _INDENT + 20)
    return [
        part
        for line in lines
        for part in textwrap.wrap(
            line, width, subsequent_indent=" " * _INDENT, break_on_hyphens=False, drop_whitespace=False
        )
    ]


def _word(finding: Finding) -> str:
    return {Outcome.NOT_APPLICABLE: "n/a", Outcome.FAILURE: "FAILURE"}.get(finding.outcome, finding.outcome.value)


@click.command(short_help="Find out what is wrong, and what to do.")
@click.argument("device", required=False)
@pass_options
def doctor(options: Options, device: str | None) -> None:
    """Check this computer, its Bluetooth, the data directory and a known roller; say what is wrong and what to do.

    The check-up changes nothing: it connects to a roller that is near and reads its data for a second, and its
    outputs stay as they are. The exit status is 0 when nothing failed, else that of the first failure. With --json:
    {findings: [{stage, check, outcome, says, advice, exit_code}], exit_status}; outcome is pass, warning, failure or
    not applicable.
    """
    output = Printer(options)
    sheet = _Sheet(output)
    run_async(options, app.rounds.examine(options.place, device, sheet.tell))
    _finish(output, sheet)


def _finish(output: Printer, sheet: _Sheet) -> None:
    status = exit_status(sheet.findings)
    if output.json:
        output.json_object(sheet.json_object(status))
    counts = Counter(finding.outcome for finding in sheet.findings)
    failures, warnings = counts[Outcome.FAILURE], counts[Outcome.WARNING]
    output.result(
        f"{counts[Outcome.PASS]} passed, {warnings} {'warning' if warnings == 1 else 'warnings'}, "
        f"{failures} {'failure' if failures == 1 else 'failures'}"
    )
    if status:
        raise click.exceptions.Exit(status)

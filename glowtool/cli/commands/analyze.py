"""`glowtool analyze`: what a log says, in the terminal, as JSON, and as a report for a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from glowtool import app
from glowtool.cli.options import Options, pass_options
from glowtool.cli.summary import print_summary
from glowtool.cli.terminal.output import Printer
from glowtool.cli.terminal.progress import progress
from glowtool.errors import StoreError

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.app.logs.reporting import Analysed


@click.command(short_help="Analyse a log and write a report.")
@click.argument("session", default="last", metavar="[SESSION]")
@click.option("--no-report", is_flag=True, help="Show the numbers, write no HTML report.")
@pass_options
def analyze(options: Options, session: str, *, no_report: bool) -> None:
    """Analyse a log: pressure, strokes, symmetry and dose of each step.

    SESSION is an id, the beginning of an id, `last`, or the path of a log. With --json: the object that
    docs/reference/metrics.md describes, and `report_path`.
    """
    output = Printer(options)
    with progress(options, "Analysing") as advance:
        analysed = app.reporting.analysed(options.place, session, advance)
    summary = analysed.summary
    report = None if no_report else _report(output, analysed)
    if output.json:
        output.json_object({**summary.to_json(), "report_path": None if report is None else str(report)})
        return
    print_summary(output, summary)
    if report is not None:
        output.result(f"Report: {report}")


def _report(output: Printer, analysed: Analysed) -> Path | None:
    """Write the report; when it cannot be written, say so and lose only the report, not the numbers."""
    try:
        return analysed.report()
    except StoreError as error:
        output.problem(f"glowtool: {error}")
        return None

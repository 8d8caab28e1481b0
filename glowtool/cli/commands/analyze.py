"""`glowtool analyze`: what a log says, in the terminal, as JSON, and as a report for a browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from glowtool.cli.commands.massages import session_folder
from glowtool.cli.options import Options, pass_options
from glowtool.cli.terminal.output import Output
from glowtool.errors import StoreError

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.analysis.recording import Recording
    from glowtool.analysis.summary import SessionSummary


@click.command(short_help="Analyse a log and write a report.")
@click.argument("session", default="last", metavar="[SESSION]")
@click.option("--no-report", is_flag=True, help="Only the numbers, no HTML report.")
@pass_options
def analyze(options: Options, session: str, *, no_report: bool) -> None:
    """Analyse a log: pressure, strokes, symmetry, dose, for each step. SESSION is an id, its beginning, or `last`.

    With --json: the object of docs/reference/metrics.md, and `report_path`.
    """
    from glowtool.analysis.analyse import analyse
    from glowtool.analysis.log import recording_of
    from glowtool.store.log import SessionLog

    output = Output(options)
    folder = session_folder(options, session)
    recording = recording_of(SessionLog.open(folder))
    summary = analyse(recording)
    report = None if no_report else _report(output, folder, summary, recording)
    if output.json:
        output.document({**summary.to_json(), "report_path": None if report is None else str(report)})
        return
    from glowtool.cli.summary import print_summary

    print_summary(output, summary)
    if report is not None:
        output.result(f"Report: {report}")


def _report(output: Output, folder: Path, summary: SessionSummary, recording: Recording) -> Path | None:
    """Write the report; a disk that does not take it costs the report only, not the numbers."""
    from glowtool.analysis.report.page import render_html
    from glowtool.analysis.report.series import series_of
    from glowtool.analysis.report.write import write_report

    try:
        return write_report(folder, render_html(summary, series_of(recording)))
    except StoreError as error:
        output.problem(f"glowtool: {error}")
        return None

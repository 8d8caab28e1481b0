"""`glowtool logs export`: a log, or many, as files for other programs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

import click

from glowtool import app
from glowtool.cli.commands.transfer.asked import STANDARD_OUTPUT, TABLES, Asked, check
from glowtool.cli.commands.transfer.chosen import Filters, chosen
from glowtool.cli.options import Options, pass_options
from glowtool.cli.terminal.output import Printer
from glowtool.cli.terminal.progress import progress
from glowtool.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from typing import BinaryIO

_EXPORTS: Final = app.exporting.EXPORTS
_DAY: Final = click.DateTime(["%Y-%m-%d"])


@click.command(short_help="Export logs for other programs.")
@click.argument("session", required=False, metavar="[SESSION]")
@click.option("--all", "everything", is_flag=True, help="Export all sessions, each into a file of its own.")
@click.option(
    "--table",
    type=click.Choice(TABLES),
    help="Table to export: samples (default), strokes or events of a session; sessions or steps: a row for each, with "
    "its measures.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(list(_EXPORTS)),
    default=next(iter(_EXPORTS)),
    show_default=True,
    help=f"File format: {'; '.join(f'{row.title}, {row.writes}' for row in _EXPORTS.values())}.",
)
@click.option(
    "-o",
    "--output",
    "target",
    metavar="FILE",
    default=STANDARD_OUTPUT,
    help="File to write, or the folder for many; - (default): standard output.",
)
@click.option(
    "--decimal",
    type=click.Choice([each.value for each in app.exporting.Decimal]),
    default=app.exporting.Decimal.POINT.value,
    help="Decimal sign in CSV; with a comma, columns are separated by semicolons.",
)
@click.option("--timezone", metavar="ZONE", help="Add the time of each row in a zone: Europe/Berlin, UTC, local.")
@click.option("--since", type=_DAY, metavar="DATE", help="Only sessions from this day on, such as 2026-11-30.")
@click.option("--until", type=_DAY, metavar="DATE", help="Only sessions up to this day.")
@click.option("--routine", metavar="NAME", help="Only sessions of this routine.")
@click.option("--force", is_flag=True, help="Replace existing files.")
@pass_options
def export(
    options: Options,
    session: str | None,
    *,
    everything: bool,
    table: str | None,
    form: str,
    target: str,
    decimal: str,
    timezone: str | None,
    since: datetime | None,
    until: datetime | None,
    routine: str | None,
    force: bool,
) -> None:
    """Export a log for other programs, many into a folder, or a table of all sessions or steps.

    SESSION is an id, the beginning of an id, `last` (default), or the path of a log. FILE may be a pipe or a device; a
    link is followed. Only a regular file is replaced, and only with --force. With --all, --since, --until or --routine
    FILE is a folder, in which existing files stay. EDF+, HDF5 and XDF hold a whole session. Gaps are marked in each.

    With --json and a FILE: {path, table, format}; of many: {"exported": [path], "stayed": [path], "failed":
    [{session_id, problem}]}.
    """
    filters = Filters(since, until, routine)
    asked = Asked(session, everything, filters, table, _EXPORTS[form], decimal, timezone, target)
    check(asked, json=options.json)
    zone = None if timezone is None else app.exporting.zone_named(timezone)
    style = app.exporting.Style(app.exporting.Decimal(decimal), zone)
    if asked.is_summary:
        _summary(options, asked, style, force=force)
    elif asked.is_many:
        _many(options, asked, style, force=force)
    else:
        _one(options, asked, style, force=force)


def _one(options: Options, asked: Asked, style: app.exporting.Style, *, force: bool) -> None:
    with progress(options, "Exporting") as advance:
        job = _job(asked, style, advance)
        log = app.exporting.open_log(options.place, asked.session or "last")
        _put(asked, lambda stream: job.fill(log, stream), force=force)
    what = "session" if job.export.holds is app.exporting.Holds.SESSION else job.table.value
    _tell(options, asked, what, f"{what} of {log.path.name}")


def _summary(options: Options, asked: Asked, style: app.exporting.Style, *, force: bool) -> None:
    job = app.exporting.Job(asked.export, style=style)
    found = chosen(options, asked.filters)
    with progress(options, "Reading the sessions") as advance:
        kind = app.summing.SummaryTable(asked.table or "")
        table = app.summing.summary_table(kind, found, style.zone, advance)
    _put(asked, lambda stream: job.fill_table(table, stream), force=force)
    _tell(options, asked, kind.value, f"{kind.value}, {len(table)} rows")


def _many(options: Options, asked: Asked, style: app.exporting.Style, *, force: bool) -> None:
    output = Printer(options)
    entries = [entry for entry, _ in chosen(options, asked.filters)]
    with progress(options, "Exporting") as advance:
        job = _job(asked, style)
        done = list(app.exporting.export_all(entries, job, asked.path, advance, force=force))
    stayed = [each for each in done if each.stayed]
    failed = [each for each in done if each.failure is not None]
    written = [each for each in done if not each.stayed and each.failure is None]
    if output.json:
        output.json_object(
            {
                "exported": [str(each.path) for each in written],
                "stayed": [str(each.path) for each in stayed],
                "failed": [{"session_id": each.session_id, "problem": str(each.failure)} for each in failed],
            }
        )
    for each in written:
        output.result(f"{each.session_id}: {each.path}")
    if stayed:
        files = "1 existing file stays" if len(stayed) == 1 else f"{len(stayed)} existing files stay"
        output.note(f"{files} unchanged; --force replaces.")
    for each in failed:
        output.problem(f"glowtool: {each.session_id}: {each.failure}")
    if not done:
        output.note("There is no such session.")
    if failed:
        raise StoreError(f"{len(failed)} of {len(done)} sessions could not be exported")


def _job(
    asked: Asked, style: app.exporting.Style, advance: Callable[[float], object] | None = None
) -> app.exporting.Job:
    table = app.exporting.ExportTable(asked.table or app.exporting.ExportTable.SAMPLES)
    return app.exporting.Job(asked.export, table, style, advance or app.exporting.told_nobody)


def _put(asked: Asked, fill: Callable[[BinaryIO], object], *, force: bool) -> None:
    if asked.to_stdout:
        fill(sys.stdout.buffer)
    else:
        app.exporting.write_to(asked.path, fill, force=force)


def _tell(options: Options, asked: Asked, what: str, words: str) -> None:
    if asked.to_stdout:
        return
    output = Printer(options)
    if output.json:
        output.json_object({"path": asked.target, "table": what, "format": asked.export.name})
    output.result(f"{words}: {asked.target}")

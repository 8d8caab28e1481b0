"""What an export asks for, refused where its parts do not fit together."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import click

from glowtool import app
from glowtool.kit.storage.named_path import named_path

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.cli.commands.transfer.chosen import Filters
    from glowtool.store.exports.registry import Export

STANDARD_OUTPUT: Final = "-"
SUMMARIES: Final = tuple(each.value for each in app.summing.SummaryTable)
TABLES: Final = (*(each.value for each in app.exporting.ExportTable), *SUMMARIES)


@dataclass(frozen=True, slots=True)
class Asked:
    """An export: the session, or all that the filters take; the table, None for the usual one; format and target."""

    session: str | None
    everything: bool
    filters: Filters
    table: str | None
    export: Export
    decimal: str
    timezone: str | None
    target: str

    @property
    def is_summary(self) -> bool:
        """Whether it is one table of many sessions."""
        return self.table in SUMMARIES

    @property
    def is_many(self) -> bool:
        """Whether it is a file for each of many sessions."""
        return not self.is_summary and (self.everything or bool(self.filters))

    @property
    def to_stdout(self) -> bool:
        """Whether it goes to standard output."""
        return self.target == STANDARD_OUTPUT

    @property
    def path(self) -> Path:
        """The file or folder that it goes to; raises `InputError`."""
        return named_path(self.target, "the file of -o")


def check(asked: Asked, *, json: bool) -> None:
    """Refuse what does not fit together; raises `click.UsageError`."""
    export, title = asked.export, asked.export.title
    if asked.session is not None and (asked.is_many or asked.is_summary):
        raise click.UsageError(f"name one SESSION ({asked.session!r} is one), or ask for many; not both")
    if asked.table is not None and export.holds is app.exporting.Holds.SESSION:
        fit = ", ".join(row.name for row in app.exporting.EXPORTS.values() if row.holds is not export.holds)
        raise click.UsageError(f"--table {asked.table} is for {fit}; {title} holds whole sessions")
    for wish, given in (
        (app.exporting.Wish.DECIMAL, asked.decimal != "."),
        (app.exporting.Wish.TIMEZONE, asked.timezone is not None),
    ):
        if given and wish not in export.wishes:
            fit = ", ".join(row.name for row in app.exporting.EXPORTS.values() if wish in row.wishes)
            raise click.UsageError(f"--{wish.value} is for {fit}; {title} takes none")
    if not asked.to_stdout:
        return
    if asked.is_many:
        raise click.UsageError("an export of many sessions needs a folder; name it with -o")
    if json:
        raise click.UsageError("--json and an export to standard output exclude each other; name a FILE with -o")
    if not export.is_text and sys.stdout.isatty():
        raise click.UsageError(f"{title} cannot be shown by a terminal; name a FILE with -o, or use a pipe")

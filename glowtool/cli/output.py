"""What commands print: results on standard output, everything else on standard error."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from glowtool.cli.options import Options


def frames_text(counters: Mapping[str, int]) -> str:
    """Return the books of a stream as a sum that can be checked by eye."""
    kinds = ("received", "lost", "duplicate", "late")
    return " + ".join(f"{counters[kind]} {kind}" for kind in kinds) + f" = {counters['sent']} sent"


class Output:
    """The two channels of a command, true to `--json`, `--quiet`, NO_COLOR and pipes."""

    def __init__(self, options: Options) -> None:
        self._options = options

    @property
    def json(self) -> bool:
        """Whether standard output carries JSON and nothing else."""
        return self._options.json

    def document(self, value: Mapping[str, object]) -> None:
        """Print one JSON object on a line of its own, at once."""
        click.echo(json.dumps(value, ensure_ascii=False, allow_nan=False))
        sys.stdout.flush()

    def result(self, text: str) -> None:
        """Print a line of the result, unless `--json` asks for the document instead."""
        if not self._options.json:
            click.echo(text)

    def note(self, text: str) -> None:
        """Tell the person what goes on, on standard error, unless `--quiet`."""
        if not self._options.quiet:
            click.echo(text, err=True)

    def detail(self, text: str) -> None:
        """Tell what only `-v` asks for, on standard error."""
        if self._options.verbosity:
            click.echo(text, err=True)

    def console(self) -> Console:
        """Return a rich console on standard output, for tables and the live view."""
        from rich.console import Console

        return Console(highlight=False, soft_wrap=False)

"""`glowtool plan ics`: the massages ahead as a file for a calendar."""

from __future__ import annotations

import re
import sys
from datetime import time, timedelta
from functools import partial
from typing import Final

import click

from glowtool import app
from glowtool.cli.commands.plan import clock
from glowtool.cli.options import Options, pass_options
from glowtool.cli.terminal.output import Printer
from glowtool.errors import UsageError
from glowtool.kit.storage.named_path import named_path

_TIME: Final = re.compile(r"(\d{1,2})(?::(\d{2}))?")


@click.command(short_help="Write the massages ahead as a calendar, with reminders.")
@click.option("--at", default="21:00", metavar="TIME", show_default=True, help="Local time of the massages.")
@click.option(
    "--remind", default=10, metavar="MINUTES", show_default=True, type=click.IntRange(0, 1440),
    help="How long before a massage the calendar reminds.",
)  # fmt: skip
@click.option(
    "-o", "--output", "target", metavar="FILE", default="-", help="File to write; - (default): standard output."
)
@click.option("--force", is_flag=True, help="Replace an existing file.")
@pass_options
def ics(options: Options, at: str, remind: int, target: str, *, force: bool) -> None:
    """Write the massages ahead as a calendar file (RFC 5545), with a reminder for each.

    Read it again after missed days: an event keeps its id, so it moves. With --json and a FILE: {path, events}.
    """
    output = Printer(options)
    if target == "-" and output.json:
        raise UsageError("--json and a calendar on standard output exclude each other", advice="name a FILE with -o")
    reminders = app.calendar_file.Reminders(time_of_day(at), timedelta(minutes=remind))
    now = clock.now()
    progress = app.following.progress(options.place, app.following.follower(options.place), now)
    text = app.calendar_file.calendar_of(options.place, progress, reminders, now)
    events = text.count(b"BEGIN:VEVENT")
    if target == "-":
        if sys.stdout.isatty():
            for line in text.decode().splitlines():
                output.result(line)
        else:
            app.calendar_file.send(text, sys.stdout.buffer)
        return
    path = named_path(target, "the file of -o")
    app.calendar_file.write_to(path, partial(app.calendar_file.send, text), force=force)
    if output.json:
        output.json_object({"path": str(path), "events": events})
    output.result(f"{path}: {events} massages at {reminders.at:%H:%M}")


def time_of_day(word: str) -> time:
    """Return the time that a text such as `21:00` or `7` means; raises `UsageError`."""
    found = _TIME.fullmatch(word.strip())
    hour, minute = (int(found[1]), int(found[2] or 0)) if found else (24, 0)
    if hour > 23 or minute > 59:
        raise UsageError(f"--at is {word!r}", advice="give a time of day, such as 21:00")
    return time(hour, minute)

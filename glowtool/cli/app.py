"""The `glowtool` command: its subcommands, loaded when they are called, and the way from an error to an exit status."""

from __future__ import annotations

import importlib
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple

import click

from glowtool.cli.groups import SuggestingGroup
from glowtool.cli.options import Options, global_options, repeated_options
from glowtool.cli.terminal.outlet import UNREAD_STATUS, UnreadError, give_up, settle
from glowtool.cli.terminal.streams import die_of_broken_pipe, give_up_unwritten, show, show_json
from glowtool.kit.system.standard_streams import mend_streams
from glowtool.version import __version__

if TYPE_CHECKING:
    from glowtool.cli.failure import Failure


class CommandPlace(NamedTuple):
    """A subcommand's module and its line in the help, so that the help imports no subcommand."""

    module: str
    attribute: str
    help: str


COMMANDS: Final[dict[str, CommandPlace]] = {
    "scan": CommandPlace("glowtool.cli.scan.command", "scan", "Look for rollers nearby."),
    "pair": CommandPlace("glowtool.cli.commands.pair", "pair", "Pair with a roller, using the passkey on its display."),
    "info": CommandPlace("glowtool.cli.commands.info", "info", "Show a roller's identity, state and limits."),
    "devices": CommandPlace(
        "glowtool.cli.commands.devices", "devices", "Known rollers: list, show, use, rename, forget."
    ),
    "person": CommandPlace(
        "glowtool.cli.commands.people.person",
        "person",
        "People: new, list, show, use, maximum, cleaned, export, erase.",
    ),
    "safety": CommandPlace(
        "glowtool.cli.commands.safety.group", "safety", "What is safe for whom: screening, status, ledger, audit."
    ),
    "routines": CommandPlace(
        "glowtool.cli.commands.routines.group", "routines", "Routines: list, show, new, edit, validate, preview."
    ),
    "run": CommandPlace("glowtool.cli.commands.run", "run", "Run a routine and keep a log."),
    "record": CommandPlace("glowtool.cli.commands.measuring.record", "record", "Log pressure without running outputs."),
    "meter": CommandPlace("glowtool.cli.commands.measuring.meter", "meter", "Show pressure live; keep nothing."),
    "plan": CommandPlace(
        "glowtool.cli.commands.plan.group", "plan", "Plans: list, show, new, today, status, ics, end."
    ),
    "tell": CommandPlace(
        "glowtool.cli.commands.steering.tell", "tell", "Steer a massage that runs in another terminal."
    ),
    "stop": CommandPlace("glowtool.cli.commands.stop", "stop", "Stop a roller, from any terminal."),
    "rearm": CommandPlace("glowtool.cli.commands.rearm", "rearm", "Re-arm a roller after an emergency stop."),
    "tare": CommandPlace("glowtool.cli.commands.tare", "tare", "Zero the pressure cells in the air."),
    "button": CommandPlace(
        "glowtool.cli.commands.button", "button", "The routine that the roller's button starts: store, show, clear."
    ),
    "doctor": CommandPlace("glowtool.cli.commands.doctor", "doctor", "Find out what is wrong, and what to do."),
    "logs": CommandPlace(
        "glowtool.cli.commands.logs", "logs", "Logs: list, show, export, fetch, recover, verify, erase."
    ),
    "analyze": CommandPlace("glowtool.cli.commands.analyze", "analyze", "Analyse a log and write a report."),
    "replay": CommandPlace("glowtool.cli.commands.replay", "replay", "Show a log again as it was live."),
    "completion": CommandPlace(
        "glowtool.cli.completion.command", "completion", "Let bash, zsh or fish complete commands and names."
    ),
}


#: The width of a help: where no terminal says one, and at most and at least.
_USUAL_COLUMNS: Final = 80
_WIDEST_COLUMNS: Final = 100
_NARROWEST_COLUMNS: Final = 50


class LazyGroup(SuggestingGroup):
    """A group that imports a subcommand only when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the subcommands in the order in which a newcomer meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return a subcommand."""
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        found = getattr(importlib.import_module(place.module), place.attribute)
        if not isinstance(found, click.Command):
            raise TypeError(f"{place.module}.{place.attribute} is not a command")
        return _repeat_everywhere(found)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table of subcommands from their declared lines."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, place.help) for name, place in COMMANDS.items()])


def _repeat_everywhere(command: click.Command) -> click.Command:
    if isinstance(command, click.Group):
        for child in command.commands.values():
            _repeat_everywhere(child)
    return repeated_options(command)


@click.group(
    cls=LazyGroup,
    params=global_options(),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": _WIDEST_COLUMNS},
    epilog="Exit statuses: docs/reference/exit-codes.md. This is a wellness tool, not a medical device.",
)
@click.version_option(__version__, prog_name="glowtool")
@click.pass_context
def cli(context: click.Context) -> None:
    """Pair a facial massage roller, run routines on it, analyse its pressure logs."""
    context.ensure_object(Options)


def run(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with the documented status; the person sees no traceback."""
    arguments = sys.argv[1:] if arguments is None else arguments
    mend_streams()
    try:
        status = _call(arguments)
        settle()
    except BrokenPipeError:
        die_of_broken_pipe()
    except UnreadError as unread:
        # A reader waits for the result; when nobody read it, the status is that of a broken pipe.
        show(f"glowtool: nobody read standard output; {unread}. What the command did is done", sys.stderr)
        status = UNREAD_STATUS
        with suppress(OSError, UnreadError):
            settle(0.5)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the last line of defence: a person is told
        from glowtool.cli.failure import failure_of  # noqa: PLC0415 - only for what fails

        failure = failure_of(error)
        _tell(failure, error, arguments)
        status = failure.status
        with suppress(OSError, UnreadError):
            settle()
        give_up_unwritten()
    give_up()
    sys.exit(status)


def _call(arguments: list[str]) -> int:
    """Carry out the arguments and return the exit status; click's own `main` would swallow a broken pipe."""
    try:
        with cli.make_context("glowtool", list(arguments), terminal_width=_help_width()) as context:
            cli.invoke(context)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    return 0


def _help_width() -> int:
    """Return the width of a help, by click's own rule; click asks `shutil`, which loads every kind of archive."""
    try:
        columns = int(os.environ.get("COLUMNS", "0"))
    except ValueError:
        columns = 0
    if columns <= 0:
        with suppress(OSError, ValueError, AttributeError):  # no terminal, or no standard output at all
            columns = os.get_terminal_size((sys.__stdout__ or sys.stdout).fileno()).columns
    return max(min(columns or _USUAL_COLUMNS, _WIDEST_COLUMNS) - 2, _NARROWEST_COLUMNS)


def _tell(failure: Failure, error: BaseException, arguments: list[str]) -> None:
    """Report a failure: in words on standard error, and as JSON on standard output with `--json`."""
    if failure.kind == "InternalError" and any(word in {"-v", "-vv", "--verbose"} for word in arguments):
        import traceback  # noqa: PLC0415 - only for a defect of ours

        traceback.print_exception(error)
    first, *more = failure.lines
    lines = [f"glowtool: {first}", *more]
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        lines = more  # the help is all that a newcomer needs
    if isinstance(error, KeyboardInterrupt) and sys.stderr.isatty():
        lines = ["", *lines]  # the terminal shows ^C in the line that the cursor is in
    try:
        for line in lines:
            show(line, sys.stderr)
        if "--json" in arguments:
            show_json(failure.json_object())
    except OSError:
        pass  # nobody listens any more; the exit status still says it

"""The `glowtool` command: its subcommands, loaded when they are called, and the way from an error to an exit status."""

from __future__ import annotations

import importlib
import os
import signal
import sys
from dataclasses import dataclass
from typing import Final

import click

from glowtool import __version__
from glowtool.cli.options import Options, global_options, repeated_options
from glowtool.errors import GlowtoolError


@dataclass(frozen=True, slots=True)
class CommandPlace:
    """Where a subcommand lives and its line in the help, so that the help imports none of them."""

    module: str
    attribute: str
    help: str


COMMANDS: Final[dict[str, CommandPlace]] = {
    "scan": CommandPlace("glowtool.cli.scan", "scan", "Look for rollers nearby."),
    "pair": CommandPlace("glowtool.cli.pair", "pair", "Bond with a roller, with the passkey on its display."),
    "info": CommandPlace("glowtool.cli.info", "info", "Ask a roller who it is and how it is."),
    "devices": CommandPlace("glowtool.cli.devices", "devices", "Known rollers: list, forget."),
    "routines": CommandPlace("glowtool.cli.routines", "routines", "Routines: list, show, validate."),
    "run": CommandPlace("glowtool.cli.run", "run", "Run a routine and keep a log."),
    "logs": CommandPlace("glowtool.cli.logs", "logs", "Logs: list, show, export, recover."),
    "analyze": CommandPlace("glowtool.cli.analyze", "analyze", "Analyse a log and write a report."),
}


class LazyGroup(click.Group):
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
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit statuses: docs/reference/exit-codes.md. This is a wellness tool, not a medical device.",
)
@click.version_option(__version__, prog_name="glowtool")
@click.pass_context
def cli(context: click.Context) -> None:
    """Pair a facial massage roller, run routines on it, analyse its pressure logs."""
    context.ensure_object(Options)


def run(arguments: list[str] | None = None) -> None:
    """Run the command line and leave the process with the documented exit status; no traceback reaches the person."""
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        cli.main(args=arguments, prog_name="glowtool", standalone_mode=False)
        sys.stdout.flush()
    except GlowtoolError as error:
        _leave(error.exit_code, str(error), type(error).__name__, arguments)
    except click.UsageError as error:
        error.show()
        _leave(2, "", "UsageError", arguments, json_message=error.format_message())
    except click.ClickException as error:
        _leave(error.exit_code, error.format_message(), "UsageError", arguments)
    except (click.Abort, KeyboardInterrupt):
        _leave(130, "stopped", "Interrupted", arguments)
    except BrokenPipeError:
        _die_of_broken_pipe()
    except Exception as error:  # noqa: BLE001 - the last line of defence: a person is told, and can ask for more
        _internal(error, arguments)


def _leave(status: int, message: str, kind: str, arguments: list[str], *, json_message: str | None = None) -> None:
    if message:
        click.echo(f"glowtool: {message}", err=True)
    if "--json" in arguments:
        import json

        body = {"kind": kind, "message": json_message or message, "exit_status": status}
        click.echo(json.dumps({"error": body}, ensure_ascii=False))
    sys.exit(status)


def _internal(error: Exception, arguments: list[str]) -> None:
    if any(word in {"-v", "-vv", "--verbose"} for word in arguments):
        import traceback

        traceback.print_exc()
    message = f"internal error: {type(error).__name__}: {error}; this is a defect of glowtool, -v shows where"
    _leave(GlowtoolError.exit_code, message, "InternalError", arguments)


def _die_of_broken_pipe() -> None:
    """End as other tools in a pipe do when nobody reads on: by SIGPIPE, without a word."""
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, sys.stdout.fileno())
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGPIPE)
    sys.exit(1)

"""The command `glowsim` from its arguments to its exit status; no traceback reaches the person."""

from __future__ import annotations

import sys
from typing import NoReturn

import click

from glowsim.console.commands import cli
from glowsim.console.output import say, unwritten
from glowtool.errors import GlowtoolError
from glowtool.kit.command_line.usage_words import sentence, usage
from glowtool.kit.system.interrupts import STOPPED
from glowtool.kit.system.standard_streams import mend_streams


def run() -> NoReturn:
    """Run the command line; exit statuses are those of glowtool."""
    mend_streams()
    try:
        status = _call()
        sys.stdout.flush()
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(error.exit_code)
    except click.ClickException as error:
        for line in (f"glowsim: {sentence(error)}", *(usage(error) if isinstance(error, click.UsageError) else ())):
            say(line, err=True)
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(STOPPED)
    except GlowtoolError as error:
        first, *more = error.lines
        for line in (f"glowsim: {first}", *more):
            say(line, err=True)
        sys.exit(error.exit_code)
    except OSError as error:
        sys.exit(unwritten(error))
    sys.exit(status)


def _call() -> int:
    """Run the command; click's own `main` would exit with another status when the reader has gone."""
    try:
        with cli.make_context("glowsim", sys.argv[1:]) as context:
            cli.invoke(context)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    return 0

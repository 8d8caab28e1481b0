"""The command line: the only place that prints and asks."""

import os  # every interpreter has these loaded; more is imported once Ctrl-C is understood
import sys


def main() -> None:
    """Run the command line and leave with its exit status; a signal that asks to end does so from the first line on."""
    try:
        from glowtool.kit.system.interrupts import leave_at_once  # noqa: PLC0415 - Ctrl-C while it is loaded is caught here

        leave_at_once()
    except KeyboardInterrupt:
        os._exit(130)
    if "_GLOWTOOL_COMPLETE" in os.environ:  # a shell asks how a line goes on
        from glowtool.cli.completion.answer import answer  # noqa: PLC0415 - nothing else is loaded for it

        answer(os.environ, sys.argv[1:])
        return
    from glowtool.cli.terminal.streams import remember_terminals  # noqa: PLC0415 - once Ctrl-C is understood

    remember_terminals()
    from glowtool.cli.app import run  # noqa: PLC0415 - once Ctrl-C is understood

    try:
        run()
    finally:
        leave_at_once()


__all__ = ["main"]

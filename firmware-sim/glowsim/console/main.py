"""The command `glowsim`; its modules are loaded once signal handling is set up."""

import os  # every interpreter has it loaded; more is imported once Ctrl-C is understood


def main() -> None:
    """Run the command line and exit with its status; a signal to end is obeyed from the first line on."""
    try:
        from glowtool.kit.system.interrupts import leave_at_once

        leave_at_once()
    except KeyboardInterrupt:
        os._exit(130)
    from glowsim.console.app import run

    try:
        run()
    finally:
        leave_at_once()


__all__ = ["main"]

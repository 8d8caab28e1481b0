"""Run a command with the real Linux Bluetooth stack around it: `python -m radio.bluez_guest COMMAND [ARGUMENT …]`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Final

from radio.bluez_guest.cache import CACHE_VARIABLE, usual_cache
from radio.bluez_guest.errors import GuestError
from radio.bluez_guest.machine import Machine

#: Exit statuses besides the command's own.
NO_GUEST: Final = 125
INTERRUPTED: Final = 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m radio.bluez_guest",
        description="Run COMMAND as root in a guest with kernel Bluetooth, D-Bus and bluetoothd; without one, only "
        "make what a guest is made of. The guest has this machine's files; only SHARE keeps what is written.",
        epilog=f"The cache is ${CACHE_VARIABLE}, or ~/.cache/glowtool/bluez-guest. Exit status: the command's; "
        f"{NO_GUEST} without a guest.",
    )
    parser.add_argument("--share", type=Path, help="default: the folder `share` of the cache")
    parser.add_argument("--timeout", type=float, default=1800.0, metavar="SECONDS", help="default: %(default)g")
    parser.add_argument("--memory", type=int, default=2048, metavar="MB", help="default: %(default)d")
    parser.add_argument("--skip-idle", action="store_true", help="let the guest's clocks jump over idle waits")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    return parser


def main() -> int:
    """Run the command line and return its exit status."""
    asked = _parser().parse_args()
    cache = usual_cache()
    try:
        cache.ready(_say)
        if not asked.command:
            _say(f"ready in {cache.folder}")
            return 0
        share = asked.share or cache.folder / "share"
        share.mkdir(parents=True, exist_ok=True)
        machine = Machine(cache, share, share / "logs", asked.memory, asked.timeout, asked.skip_idle)
        status = machine.run(asked.command, Path.cwd())
    except GuestError as error:
        _say(str(error))
        return NO_GUEST
    except KeyboardInterrupt:
        _say("ended")
        return INTERRUPTED
    if status:
        _say(f"the command failed ({status}); logs of console, bluetoothd and kernel are in {machine.logs}")
    return status


def _say(text: str) -> None:
    print(f"bluez-guest: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    os.umask(0o022)
    sys.exit(main())

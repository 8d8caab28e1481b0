"""Send a signal at every few milliseconds from the start of a process on, and count how it ends and what it says.

    python tests/measure/hostile/early_signals.py --every-ms 10 --until-ms 1500

Several commands, Ctrl-C and SIGTERM. Expected: silence, or the one line that says that it was stopped, and 130 (0 for
`glowsim serve`, which is switched off; its own status as well for what was done before the signal came). Before Python
runs a line of ours the interpreter answers: by the signal itself, which a shell shows as 130 too, or for some
milliseconds by a traceback of its own. Both are counted apart.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Final

BIN: Final = Path(sys.executable).parent
PATIENCE_S: Final = 30.0
COMMANDS: Final = {
    "glowtool scan": ("glowtool", "scan", "--timeout", "5"),
    "glowtool logs list": ("glowtool", "logs", "list"),
    "glowtool analyze": ("glowtool", "analyze"),
    "glowsim serve": ("glowsim", "serve", "--port", "0"),
}
SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)

NOISE: Final = ("Traceback", "Exception ignored", "internal error", "never awaited", "ERROR:", "Fatal")


def ended(words: tuple[str, ...], number: signal.Signals, after_s: float, home: str) -> tuple[str, str]:
    """Start a command, send it the signal after that time; return how it ended, and what it said on standard error."""
    environment = {**os.environ, "HOME": home, "GLOWTOOL_DATA_DIR": f"{home}/data", "GLOWTOOL_ADAPTER": "sim"}
    for each in (signal.SIGINT, signal.SIGQUIT):
        signal.signal(
            each, signal.default_int_handler
        )  # whatever this script was started with, its children ignore none
    began_s = time.monotonic()
    with subprocess.Popen(
        [BIN / words[0], *words[1:]],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        time.sleep(max(0.0, began_s + after_s - time.monotonic()))
        process.send_signal(number)
        try:
            said = process.communicate(timeout=PATIENCE_S)[1]
        except subprocess.TimeoutExpired:
            process.kill()
            return "hung", process.communicate()[1]
    return str(process.returncode), said


def verdict(status: str, said: str) -> str:
    """Return in which heap an ending belongs."""
    if status == "hung":
        return "hung"
    if not any(words in said for words in NOISE):
        return f"quiet, {status}"
    ours = "glowtool/" in said or "glowsim/" in said
    return f"NOISE, {status}" if ours else "the interpreter's own traceback"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every-ms", type=float, default=10)
    parser.add_argument("--until-ms", type=float, default=1500)
    parser.add_argument("--only", choices=COMMANDS)
    arguments = parser.parse_args()
    for name in [arguments.only] if arguments.only else COMMANDS:
        for number in SIGNALS:
            heaps: Counter[str] = Counter()
            at_ms = 0.0
            while at_ms < arguments.until_ms:
                with tempfile.TemporaryDirectory() as home:
                    status, said = ended(COMMANDS[name], number, at_ms / 1000, home)
                heap = verdict(status, said)
                heaps[heap] += 1
                if heap.startswith(("NOISE", "hung", "the")):
                    print(f"  {name}, {number.name} after {at_ms:g} ms: {status}: {said.strip().splitlines()[-3:]}")
                at_ms += arguments.every_ms
            print(f"{name}, {number.name}: {dict(sorted(heaps.items()))}", flush=True)


if __name__ == "__main__":
    main()

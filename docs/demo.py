"""The main job from end to end with the real commands: `make demo`.

The virtual roller is switched on, found, paired with the passkey that it shows on its display, a routine runs in real
time, and its log is analysed. Everything goes into `demo-data/`, which is made anew each time.
"""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from glowtool.safety.screening import QUESTIONS

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "demo-data"
GLOWTOOL = [str(Path(sys.executable).with_name("glowtool")), "--adapter", "sim", "--data-dir", str(DATA)]
PASSKEY = re.compile(r"passkey (\d{6})")


def show(arguments: list[str]) -> list[str]:
    """Print a command as a person would type it, and return the whole of it."""
    print(f"\n$ glowtool --adapter sim {' '.join(arguments)}", flush=True)
    return [*GLOWTOOL, *arguments]


def run(*arguments: str) -> None:
    """Run one command in this terminal; a failure ends the demo with the same status."""
    status = subprocess.run(show(list(arguments)), check=False).returncode
    if status:
        sys.exit(status)


def answer() -> None:
    """Answer the screening for the person of the demo, who is as virtual as the roller: a name, then no to all."""
    command = show(["safety", "screening"])
    print("(you type a name, here Demo, and an answer to each question, here n)", flush=True)
    subprocess.run(command, input="Demo\n" + "n\n" * len(QUESTIONS), text=True, check=True)


def pair() -> None:
    """Pair as a person does: read the six digits off the roller's display and type them in."""
    with subprocess.Popen(
        show(["pair"]), stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True, bufsize=1
    ) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        digits = ""
        for line in process.stderr:
            print(line, end="", flush=True)
            if seen := PASSKEY.search(line):
                digits = seen[1]
            elif line.startswith("Passkey"):
                print(f"(you type {digits})", flush=True)
                process.stdin.write(f"{digits}\n")
                process.stdin.flush()
    if process.returncode:
        sys.exit(process.returncode)


def main() -> None:
    """Run the whole way; Ctrl-C is for the command that runs, which stops in order and ends the demo."""
    signal.signal(signal.SIGINT, lambda *_: None)
    shutil.rmtree(DATA, ignore_errors=True)
    run("scan", "--timeout", "2")
    pair()
    run("info")
    answer()
    run("run", "first-glow", "--yes")
    run("logs", "list")
    run("analyze", "last")


if __name__ == "__main__":
    main()

"""A real pseudo-terminal with a shell or a command at it, and a person who types."""

from __future__ import annotations

import fcntl
import os
import re
import select
import subprocess
import termios
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from support.processes.console import ignoring_only

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

PATIENCE_S = 20.0


class Tty:
    """The person's end of a terminal; `shown` is everything that was shown so far."""

    def __init__(self, process: subprocess.Popen[bytes], descriptor: int) -> None:
        self.process = process
        self.descriptor = descriptor
        self.shown = ""
        self._seen = 0

    def type(self, keys: str) -> None:
        """Type keys; Enter is a line feed."""
        os.write(self.descriptor, keys.encode())

    def wait_for(self, pattern: str) -> re.Match[str]:
        """Wait until something that matches is shown behind what was waited for last."""
        until_s = time.monotonic() + PATIENCE_S
        while (found := re.search(pattern, self.shown[self._seen :])) is None:
            if not self._read(until_s):
                raise AssertionError(f"no {pattern!r} in … {self.shown[self._seen :][-3000:]!r}")
        self._seen += found.end()
        return found

    def close(self) -> None:
        """Close the terminal, as by the window's button."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    def status(self) -> int:
        """Wait for the end of what was started at the terminal and return its exit status, or minus a signal."""
        if self.descriptor >= 0:
            while self._read(time.monotonic() + PATIENCE_S):
                pass
        return self.process.wait(PATIENCE_S)

    def _read(self, until_s: float) -> bool:
        if not select.select([self.descriptor], [], [], max(0.0, until_s - time.monotonic()))[0]:
            return False
        try:
            said = os.read(self.descriptor, 65536)
        except OSError:  # what Linux says when nobody has the other end any more
            return False
        self.shown += said.decode("utf-8", "replace")
        return bool(said)


def _take_terminal() -> None:
    """Make standard input the terminal that controls this process."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


@contextmanager
def at_terminal(words: Sequence[str], environment: Mapping[str, str], folder: Path) -> Iterator[Tty]:
    """Start a command at a terminal of its own; it is killed at the end if it is still there."""
    person, terminal = os.openpty()
    with ignoring_only():
        process = subprocess.Popen(  # noqa: S603 - our own commands
            words,
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            cwd=folder,
            env=environment,
            start_new_session=True,
            preexec_fn=_take_terminal,  # noqa: PLW1509 - between fork and exec, no other thread of ours runs
        )
    os.close(terminal)
    tty = Tty(process, person)
    try:
        yield tty
    finally:
        tty.close()
        process.kill()
        process.wait()


PROMPT = "shell> "


@contextmanager
def shell(environment: Mapping[str, str], folder: Path) -> Iterator[Tty]:
    """Start an interactive bash, with job control, and wait for its prompt."""
    words = ("/bin/bash", "--norc", "--noprofile", "-i")
    more = {**environment, "PS1": PROMPT, "TERM": "xterm", "HISTFILE": "", "INPUTRC": "/dev/null"}
    with at_terminal(words, more, folder) as tty:
        tty.wait_for(PROMPT)
        yield tty

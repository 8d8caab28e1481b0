"""Processes that begin as copies of one that has loaded what commands need, so that no test waits for imports.

A copy is a process of its own in all that a test looks at: number, signals, streams, working folder, umask, exit
status. A test of how a command *starts* begins it afresh instead (`support.processes.console.afresh`).
"""

from __future__ import annotations

import atexit
import functools
import json
import os
import signal
import socket
import struct
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from select import select
from threading import Lock
from typing import IO, TYPE_CHECKING, Final, Literal, Protocol, Self

import support

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from types import TracebackType

#: How the server and those who ask it write a number.
NUMBER: Final = struct.Struct("=q")

#: The longest request: words, environment and folder as JSON.
REQUEST_BYTES: Final = 1 << 17

#: A server loads all of both packages first, which takes a few seconds on a busy machine.
PATIENCE_S: Final = 120.0

_TESTS: Final = Path(support.__path__[0]).parent


class Process(Protocol):
    """The part of `subprocess.Popen` that tests need, and that a copy has as well."""

    stdin: IO[str] | None
    stdout: IO[str] | None
    stderr: IO[str] | None

    @property
    def pid(self) -> int: ...
    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, sig: int, /) -> None: ...
    def terminate(self) -> None: ...
    def kill(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
        /,
    ) -> None: ...


@dataclass
class Copy:
    """A process that began as a copy."""

    pid: int
    stdin: IO[str] | None
    stdout: IO[str] | None
    stderr: IO[str] | None
    _told: int
    _status: int | None = None
    _asking: Lock = field(default_factory=Lock)

    def poll(self) -> int | None:
        """Return its exit status, minus the signal that ended it; None while it runs."""
        return self._ended(0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end and return its exit status."""
        status = self._ended(timeout)
        if status is None:
            raise subprocess.TimeoutExpired(f"process {self.pid}", timeout or 0)
        return status

    def send_signal(self, sig: int, /) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            with suppress(ProcessLookupError):  # it has ended, and that is on its way to us
                os.kill(self.pid, sig)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for stream in (self.stdout, self.stderr, self.stdin):
            if stream is not None:
                stream.close()
        self.wait()
        os.close(self._told)

    def _ended(self, timeout: float | None) -> int | None:
        if self._status is None:
            select([self._told], [], [], timeout)
        with self._asking:  # the patience of a test may be at its end in another thread
            if self._status is None and select([self._told], [], [], 0)[0]:
                self._status = _number(self._told)
        return self._status


def begin(
    words: Sequence[str | Path],
    environment: Mapping[str, str] | None = None,
    *,
    folder: Path | None = None,
    ignoring: Iterable[signal.Signals] = (),
    terminal: int | None = None,
) -> Copy:
    """Begin a command by its name, or a script by its path, at a terminal or with pipes to us."""
    asked = json.dumps(
        {
            "words": [*map(str, words)],
            "environment": dict(os.environ if environment is None else environment),
            "folder": str(folder or Path.cwd()),
            "ignoring": [int(number) for number in ignoring],
            "umask": _umask(),
        }
    ).encode()
    told, telling = os.pipe()
    if terminal is not None:
        socket.send_fds(_server(), [asked], [terminal] * 3 + [telling])
        os.close(telling)
        return Copy(_number(told), None, None, None, told)
    (stdin, to_stdin), (from_stdout, stdout), (from_stderr, stderr) = os.pipe(), os.pipe(), os.pipe()
    theirs = [stdin, stdout, stderr, telling]
    socket.send_fds(_server(), [asked], theirs)
    for descriptor in theirs:
        os.close(descriptor)
    return Copy(_number(told), _text(to_stdin, "w"), _text(from_stdout, "r"), _text(from_stderr, "r"), told)


def _text(descriptor: int, mode: Literal["r", "w"]) -> IO[str]:
    return open(descriptor, mode, encoding="utf-8")


def _number(descriptor: int) -> int:
    if not select([descriptor], [], [], PATIENCE_S)[0]:
        raise TimeoutError("the process that has loaded everything says nothing")
    said = os.read(descriptor, NUMBER.size)
    if len(said) != NUMBER.size:
        raise ChildProcessError("the process that has loaded everything is gone")
    number: int = NUMBER.unpack(said)[0]
    return number


def _umask() -> int:
    before = os.umask(0o077)
    os.umask(before)
    return before


@functools.cache
def _server() -> socket.socket:
    """Start what copies itself, once for this process; it ends with it."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    for end in (ours, theirs):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2 * REQUEST_BYTES)
    process = subprocess.Popen(  # noqa: S603 - our own module
        [sys.executable, "-P", "-m", "support.processes.warm_server", str(theirs.fileno())],
        pass_fds=[theirs.fileno()],
        stdin=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(_TESTS)},
        start_new_session=True,  # Ctrl-C at the suite's terminal is not meant for it
    )
    theirs.close()

    atexit.register(process.wait, 10)
    atexit.register(ours.close)  # goes first, and lets it end
    return ours

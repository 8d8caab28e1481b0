"""Standard streams that never block their writer: a thread writes; unread lines are dropped and counted.

A full pipe, or a terminal that was stopped with Ctrl-S, blocks its writer. A massage must not be blocked: its
heartbeats would stop, and `glowtool stop` would get no answer.
"""

from __future__ import annotations

import errno
import io
import os
import stat
import sys
import time
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO

#: How much text waits for a reader at most, besides the system's own buffer of the pipe.
CAPACITY_BYTES: Final = 256 * 1024

#: At the end, glowtool no longer waits for a reader that has taken nothing for this long.
PATIENCE_S: Final = 5.0

#: The exit status of other tools when nobody reads their pipe to its end.
UNREAD_STATUS: Final = 141

_LOOK_S: Final = 0.05


class UnreadError(Exception):
    """Nobody read the output to its end; `lines` were left out."""

    def __init__(self, lines: int) -> None:
        super().__init__(f"{lines} lines were left out")
        self.lines = lines


class Outlet(io.TextIOBase):
    """Takes text at once and writes it to a stream's descriptor as fast as its reader takes it.

    When too much waits, the oldest text is dropped, one `write` after the other, and `notice` says in its place how
    much that was: a reader that comes back wants the newest, and the result comes last. The next call raises an error
    that the descriptor met.
    """

    def __init__(self, stream: TextIO, notice: Callable[[int], str], capacity_bytes: int = CAPACITY_BYTES) -> None:
        import threading  # noqa: PLC0415 - only commands that wait for no reader have it

        super().__init__()
        stream.flush()
        self.stream = stream
        self.dropped = 0
        self._notice = notice
        self._capacity_bytes = capacity_bytes
        self._waiting: deque[bytes] = deque()
        self._bytes = 0
        self._gap = 0
        self._taken = 0
        self._busy = False
        self._error: OSError | None = None
        self._given_up = False
        self._news = threading.Condition()
        self._writer = threading.Thread(target=self._run, name="outlet", daemon=True)

    @property
    def encoding(self) -> str:  # type: ignore[override]  # a plain attribute in typeshed
        """The encoding of the stream."""
        return self.stream.encoding

    @property
    def errors(self) -> str:  # type: ignore[override]  # likewise
        """The handling of characters that the encoding does not have."""
        return "replace"

    def fileno(self) -> int:
        """Return the descriptor."""
        return self.stream.fileno()

    def isatty(self) -> bool:
        """Return whether it is a terminal."""
        return self.stream.isatty()

    def writable(self) -> bool:
        """Return that the stream is writable."""
        return True

    def write(self, text: str) -> int:
        """Take a text without waiting; raise the error that an earlier write met."""
        data = text.encode(self.encoding, "replace")
        with self._news:
            self._raise()
            self._waiting.append(data)
            self._bytes += len(data)
            while self._bytes > self._capacity_bytes and len(self._waiting) > 1:
                self._bytes -= len(self._waiting.popleft())
                self._gap += 1
                self.dropped += 1
            if self._writer.ident is None:
                self._writer.start()
            self._news.notify_all()
        return len(text)

    def flush(self) -> None:
        """Raise the error that an earlier write met; do not wait for the reader."""
        with self._news:
            self._raise()

    def settle(self, patience_s: float = PATIENCE_S) -> None:
        """Wait until everything is read, as long as the reader makes progress.

        Raises the error of the descriptor, and `UnreadError` when nothing was read for `patience_s`.
        """
        seen, since_s = -1, time.monotonic()
        while True:
            with self._news:
                self._raise()
                if not self._waiting and not self._busy:
                    return
                if self._taken != seen:
                    seen, since_s = self._taken, time.monotonic()
                if time.monotonic() - since_s > patience_s:
                    raise UnreadError(self.dropped + len(self._waiting) + self._busy)
                self._news.wait(_LOOK_S)

    def give_up(self) -> None:
        """Raise no error from now on: Python flushes once more at exit, and an error would change its exit status."""
        self._given_up = True

    def _raise(self) -> None:
        if self._error is not None and not self._given_up:
            raise self._error

    def _run(self) -> None:
        while True:
            with self._news:
                self._busy = False
                while not self._waiting:
                    self._news.wait()
                data = self._waiting.popleft()
                self._bytes -= len(data)
                gap, self._gap = self._gap, 0
                self._busy = True
            try:
                self._write(self._notice(gap).encode(self.encoding, "replace") + data if gap else data)
            except (OSError, ValueError) as error:  # ValueError: the stream was closed
                with self._news:
                    self._error = error if isinstance(error, OSError) else OSError(errno.EBADF, str(error))
                    self._busy = False
                    self._waiting.clear()
                return

    def _write(self, data: bytes) -> None:
        while data:
            taken = os.write(self.fileno(), data)
            data = data[taken:]
            with self._news:
                self._taken += taken


def _json_notice(lines: int) -> str:
    import json  # noqa: PLC0415 - only where something was left out

    return json.dumps({"type": "dropped", "lines": lines}) + "\n"


def _plain_notice(lines: int) -> str:
    return f"glowtool: {lines} lines were left out here: nobody read them\n"


def _screen_notice(_pictures: int) -> str:
    return ""


#: The outlets of this process: while a live view is drawn, something else takes their place.
_OUTLETS: dict[str, Outlet] = {}


def never_wait(*, as_json: bool) -> None:
    """From now on, let nothing in this process wait for the readers of standard output and standard error."""
    _OUTLETS.clear()
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if isinstance(stream, Outlet) or not _may_block(stream):
            continue
        lines = _json_notice if as_json and name == "stdout" else _plain_notice
        known = _OUTLETS.get("stdout")
        if known is not None and os.path.samestat(os.fstat(known.fileno()), os.fstat(stream.fileno())):
            _OUTLETS[name] = known  # on one terminal, text appears in the order in which it was written
        else:
            _OUTLETS[name] = Outlet(stream, _screen_notice if stream.isatty() else lines)
        setattr(sys, name, _OUTLETS[name])


def dropped() -> int:
    """Return how many lines were dropped so far because nobody read them."""
    return sum(outlet.dropped for outlet in set(_OUTLETS.values()))


def settle(patience_s: float = PATIENCE_S) -> None:
    """Wait until the output is read, within reason.

    Raises the error that standard output met, and `UnreadError` when nobody read it for `patience_s`. Standard error
    raises nothing, for nobody would see the message.
    """
    try:
        sys.stdout.flush()
        if "stdout" in _OUTLETS:
            _OUTLETS["stdout"].settle(patience_s)
    finally:
        if "stderr" in _OUTLETS:
            with suppress(OSError, UnreadError):
                _OUTLETS["stderr"].settle(min(patience_s, 1.0))


def _may_block(stream: TextIO) -> bool:
    try:
        mode = os.fstat(stream.fileno()).st_mode
    except (OSError, ValueError):  # closed, or without a descriptor
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode) or stat.S_ISSOCK(mode)


def give_up() -> None:
    """Keep errors of these streams from Python's exit, which would print them and change the exit status."""
    for outlet in set(_OUTLETS.values()):
        outlet.give_up()

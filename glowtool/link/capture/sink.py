"""The file of a capture: written by a thread of its own, bounded in memory and on disk; a failure stops only itself."""

from __future__ import annotations

import json
import os
import threading
from collections import deque
from typing import TYPE_CHECKING, Final

from glowtool.errors import InputError, StoreError
from glowtool.kit.storage.files import storing
from glowtool.kit.storage.privacy import FILE_MODE
from glowtool.link.capture.packets import Op, file_header, record
from glowtool.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from glowtool.link.capture.packets import Captured

#: So much may wait for the disk, some minutes of a stream; and so large may the file be, a day of it.
WAITING_MAX: Final = 20_000
FILE_MAX_BYTES: Final = 1 << 29

#: What is captured is in the file after this time.
FLUSH_S: Final = 0.25

#: The formats, by what the name of the file ends with.
SUFFIXES: Final = {".btsnoop": "btsnoop", ".log": "btsnoop", ".jsonl": "JSON Lines"}


class CaptureFile:
    """Takes operations at once, and writes them; what does not fit is left out and counted.

    Make it before the connection, `close` it at the end. `failure` is the error that ended the writing, if one did: the
    file then holds what was written before, and nothing else is affected.
    """

    def __init__(self, path: Path, *, most_bytes: int = FILE_MAX_BYTES) -> None:
        """Make the file, readable by its owner only; raises `InputError` for one that is there, `StoreError`."""
        kind = SUFFIXES.get(path.suffix.lower())
        if kind is None:
            raise InputError(
                f"the capture {path.name!r} ends in none of {', '.join(SUFFIXES)}",
                advice="name it .btsnoop for Wireshark, or .jsonl for JSON Lines",
            )
        self.path = path
        self.failure: StoreError | None = None
        self.left_out = 0
        self._is_json = kind != "btsnoop"
        self._most_bytes = most_bytes
        self._size = 0
        self._waiting: deque[Captured] = deque()
        self._end = threading.Event()
        with storing(f"make the capture {path}"):
            try:
                self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
            except FileExistsError as error:
                raise InputError(f"{path} exists already", advice="name another file for the capture") from error
        self._thread = threading.Thread(target=self._run, name="capture", daemon=True)
        self._thread.start()

    def take(self, captured: Captured) -> None:
        """Take an operation; never waits, and never raises."""
        if self.failure is not None or len(self._waiting) >= WAITING_MAX:
            self.left_out += 1
        else:
            self._waiting.append(captured)

    def close(self) -> None:
        """Write the rest, and close the file."""
        self._end.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            with storing(f"write the capture {self.path}", kept="what was captured before is in it"):
                self._write(_json_head() if self._is_json else file_header())
                while not self._end.wait(FLUSH_S):
                    self._write_waiting()
                self._write_waiting()
        except StoreError as error:
            self.failure = error
            self._waiting.clear()
        finally:
            os.close(self._descriptor)

    def _write_waiting(self) -> None:
        encode: Callable[[Captured], bytes] = _json_line if self._is_json else self._record
        pieces = [encode(self._waiting.popleft()) for _ in range(len(self._waiting))]
        if pieces:
            self._write(b"".join(pieces))

    def _record(self, captured: Captured) -> bytes:
        return record(captured, self.left_out)

    def _write(self, data: bytes) -> None:
        if self._size + len(data) > self._most_bytes:
            raise StoreError(f"the capture {self.path} is full: it may have {self._most_bytes >> 20} MiB")
        view = memoryview(data)
        while view:
            view = view[os.write(self._descriptor, view) :]
        self._size += len(data)


def _json_head() -> bytes:
    head = {
        "type": "capture", "version": 1, "glowtool": __version__,
        "not_in_it": ["keys", "passkeys", "addresses", "serial number"],
    }  # fmt: skip
    return json.dumps(head).encode() + b"\n"


def _json_line(captured: Captured) -> bytes:
    if captured.op in {Op.DECLARATION_REQUEST, Op.CONFIRMATION, Op.WRITE_RESPONSE, Op.READ_REQUEST, Op.MTU_REQUEST}:
        return b""  # they say nothing that the others do not
    line = {
        "type": captured.op.key,
        "time_us": captured.time_us,
        "connection": captured.connection,
        "handle": captured.handle,
        "uuid": captured.uuid,
        "data": captured.value.hex(),
    }
    return json.dumps(line).encode() + b"\n"

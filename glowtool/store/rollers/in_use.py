"""One glowtool for each roller: a lock that ends with its process, and a note of who holds it.

The lock is `flock`'s, on a file in the folder `run` of the data directory: a process that dies leaves nothing that
needs clearing away. On Windows nothing is locked and no holder is reported: there, the system's own Bluetooth decides
which program gets a roller.
"""

from __future__ import annotations

import json
import logging
import os
import re
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from glowtool.errors import InUseError
from glowtool.kit.storage.files import make_folder, storing
from glowtool.kit.storage.lock import is_held, take
from glowtool.kit.storage.privacy import FILE_MODE, FOLDER_MODE, read_private

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LOG = logging.getLogger(__name__)

FOLDER_NAME: Final = "run"
SUFFIX: Final = ".lock"

#: A process that only checks holds the lock for an instant; one that wants it tries this often before it gives up.
_ATTEMPTS: Final = 5
_PAUSE_S: Final = 0.02

_YEAR_END: Final = 9999
#: The largest value of the system's `pid_t`.
_PID_MAX: Final = 2**31 - 1

#: A note is much shorter.
_NOTE_BYTES: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Holder:
    """The user of a roller: the command, its process, since when, and the socket on which it can be asked to stop.

    `roller` is the roller's name; `started` is the value of `start_of` for the process. A note is only a claim: before
    a signal, glowtool proves that the process holds the lock. This is not a pydantic model, because a stop must not
    wait for pydantic to load.
    """

    command: str
    pid: int
    since_utc: datetime
    address: str
    roller: str = ""
    control: Path | None = None
    started: int | None = None

    def to_json(self) -> dict[str, object]:
        """Return the note as a JSON object."""
        return {
            "command": self.command,
            "pid": self.pid,
            "since_utc": self.since_utc.isoformat(),
            "address": self.address,
            "roller": self.roller,
            "control": None if self.control is None else str(self.control),
            "started": self.started,
        }

    @classmethod
    def from_json(cls, said: object) -> Holder:
        """Return the holder that a JSON object describes; raises `ValueError`."""
        match said:
            case {
                "command": str(command),
                "pid": int(pid),
                "since_utc": str(since),
                "address": str(address),
                "roller": str(roller),
                "control": str() | None as control,
                **more,
            } if type(pid) is int and 0 < pid <= _PID_MAX:  # in JSON, true is not a number
                since_utc = datetime.fromisoformat(since)
                started = more.get("started")  # older glowtools did not say
                # Far from the limits of a `datetime`, since it is shown in the reader's time zone.
                if (
                    since_utc.tzinfo is not None
                    and 1 < since_utc.year < _YEAR_END
                    and (started is None or isinstance(started, int))
                ):
                    where = None if control is None else Path(control)
                    return cls(command, pid, since_utc, address, roller, where, started)
        raise ValueError("it does not say which process holds a roller")

    def spoken(self, now_utc: datetime) -> str:
        """Return `run, process 4711, since 12:30`, in the machine's own time, with the date unless it is today's."""
        since, now = self.since_utc.astimezone(), now_utc.astimezone()
        form = "%H:%M" if since.date() == now.date() else "%Y-%m-%d %H:%M"
        return f"{self.command}, process {self.pid}, since {since:{form}}"


def run_folder(data_folder: Path) -> Path:
    """Return the folder of the locks and control sockets, made and closed to others; raises `StoreError`."""
    folder = data_folder / FOLDER_NAME
    with storing(f"use {folder}"):
        make_folder(folder)
        if os.name != "nt":
            folder.chmod(FOLDER_MODE)  # it may have been made by hand; a socket in it obeys everyone who can reach it
    return folder


def lock_path(data_folder: Path, address: str) -> Path:
    """Return the lock file of a roller."""
    return data_folder / FOLDER_NAME / f"{re.sub(r'[^0-9a-z]+', '-', address.lower())}{SUFFIX}"


@contextmanager
def hold(
    data_folder: Path, holder: Holder, *, sleep: Callable[[float], None] = time.sleep
) -> Iterator[Callable[[Holder], None]]:
    """Hold a roller for the time of the block; yield a function that changes the note, e.g. to add a control socket.

    Raises `InUseError`, which names the holder, and `StoreError`.
    """
    run_folder(data_folder)
    path = lock_path(data_folder, holder.address)
    with storing(f"use {path}"):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), FILE_MODE)
    try:
        _take(descriptor, path, holder, sleep)

        def note(now: Holder | None) -> None:
            try:
                os.ftruncate(descriptor, 0)
                os.lseek(descriptor, 0, os.SEEK_SET)
                os.write(descriptor, b"" if now is None else json.dumps(now.to_json()).encode())
            except OSError as error:  # the disk is full; the lock holds all the same, and a roller can be stopped
                _LOG.warning("the note in %s could not be written: %s", path, error)

        note(holder)
        try:
            yield note
        finally:
            note(None)
    finally:
        os.close(descriptor)


def holder_of(data_folder: Path, address: str) -> Holder | None:
    """Return the current holder of a roller, or None."""
    path = lock_path(data_folder, address)
    with storing(f"read {path}"):
        return _read(path) if is_held(path) else None


def holders(data_folder: Path) -> tuple[Holder, ...]:
    """Return all current holders of rollers in this data directory, the earliest first."""
    with storing(f"read {data_folder / FOLDER_NAME}"):
        paths = sorted((data_folder / FOLDER_NAME).glob(f"*{SUFFIX}"))
        found = [_read(path) for path in paths if is_held(path)]
    return tuple(sorted(filter(None, found), key=lambda holder: holder.since_utc))


def in_use_error(found: Holder | None, wanted: Holder) -> InUseError:
    """Return the error that names the user of the wanted roller, and how to stop it."""
    who = "another glowtool" if found is None else found.spoken(wanted.since_utc)
    return InUseError(
        f"{wanted.roller or wanted.address} is in use by {who}; only one glowtool at a time can use a roller",
        advice="wait, or end the other one with `glowtool stop`",
    )


def _take(descriptor: int, path: Path, wanted: Holder, sleep: Callable[[float], None]) -> None:
    for attempt in range(_ATTEMPTS):
        if attempt:
            sleep(_PAUSE_S)
        with storing(f"lock {path}"):
            if take(descriptor):
                return
    raise in_use_error(_read(path), wanted)


def _read(path: Path) -> Holder | None:
    """Return the note in a lock file, or None when it is not written yet or not valid."""
    try:
        return Holder.from_json(json.loads(read_private(path, _NOTE_BYTES)))
    except (FileNotFoundError, ValueError, RecursionError):
        return None

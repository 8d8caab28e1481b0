"""Records of which only a beginning is here yet: its bytes are kept, so that they are asked for once.

A file for each record, `.NUMBER-CRC.begun` among the massages by the button. It names no roller, and goes when nothing
more is to be fetched: the roller keeps the record until the whole of it is safe. Each piece carries its place and its
CRC-32, so what a crash left half-written is noticed, and asked for again. Nothing is synced: a lost byte costs one
more question, and no record.
"""

from __future__ import annotations

import struct
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.errors import LogDamagedError
from glowtool.kit.storage.files import make_folder, storing
from glowtool.kit.storage.privacy import open_private
from glowtool.store.bounds import MASSAGE_MAX_BYTES
from glowtool.store.regular import read_regular

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

#: Before each piece: where it begins, its length, and the CRC-32 over both and the bytes.
_HEAD: Final = struct.Struct("<IHI")
_PLACE: Final = struct.Struct("<IH")
_SUFFIX: Final = ".begun"
_KEPT: Final = "the roller still has the massage"


@dataclass(frozen=True, slots=True)
class Begun:
    """A record by number and CRC-32, as the roller says them, and the folder that keeps what is here of it."""

    folder: Path
    record: int
    crc32: int

    @property
    def path(self) -> Path:
        """The file."""
        return self.folder / f".{self.record:05d}-{self.crc32:08x}{_SUFFIX}"

    def read(self, size: int) -> bytes:
        """Return the bytes that are here and whole, none if more than `size`; raises `StoreError`."""
        here = b"".join(_pieces(self._content()))
        return here if len(here) <= size else b""

    @contextmanager
    def going_on(self, here: bytes) -> Iterator[Callable[[bytes], None]]:
        """Yield what keeps each piece that follows `here`, as `read` returned it, or nothing to begin anew.

        Raises `StoreError` when the disk does not take it.
        """
        place = len(here)
        with storing(f"write {self.path}", kept=_KEPT):
            make_folder(self.folder)
            whole = _whole_bytes(self._content(), place)
            stream = open_private(self.path, "ab")
            stream.truncate(whole)

        def keep(piece: bytes) -> None:
            nonlocal place
            with storing(f"write {self.path}", kept=_KEPT):
                stream.write(_framed(place, piece))
                stream.flush()
            place += len(piece)

        with stream:
            yield keep

    def _content(self) -> bytes:
        with storing(f"read {self.path}", kept=_KEPT):
            try:
                return read_regular(self.path, MASSAGE_MAX_BYTES)
            except (FileNotFoundError, LogDamagedError):
                return b""

    def drop(self) -> None:
        """Forget what is here of it; raises `StoreError`."""
        with storing(f"remove {self.path}"):
            self.path.unlink(missing_ok=True)


def drop_all(folder: Path) -> None:
    """Forget every beginning in a folder; raises `StoreError`."""
    with storing(f"remove what was begun in {folder}"):
        for path in folder.glob(f".*{_SUFFIX}"):
            path.unlink(missing_ok=True)


def _framed(place: int, piece: bytes) -> bytes:
    head = _PLACE.pack(place, len(piece))
    return _HEAD.pack(place, len(piece), zlib.crc32(head + piece)) + piece


def _whole_bytes(content: bytes, place: int) -> int:
    """Return the length in the file of the pieces that end before `place`."""
    whole = done = 0
    for piece in _pieces(content):
        if done == place:
            break
        whole, done = whole + _HEAD.size + len(piece), done + len(piece)
    return whole


def _pieces(content: bytes) -> Iterator[bytes]:
    """Yield the pieces up to the first that is not whole."""
    at = place = 0
    while at + _HEAD.size <= len(content):
        begins, length, crc32 = _HEAD.unpack_from(content, at)
        piece = content[at + _HEAD.size :][:length]
        if begins != place or len(piece) != length or zlib.crc32(_PLACE.pack(begins, length) + piece) != crc32:
            return
        yield piece
        at, place = at + _HEAD.size + length, place + length

"""Files that only their owner may read, synced before anything relies on them, replaced whole or not at all."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from glowtool.errors import StoreError, joined
from glowtool.kit.storage.disk import advice_for
from glowtool.kit.storage.privacy import FOLDER_MODE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import BinaryIO

#: Temporary files begin and end like this, so that those left by a crash can be removed.
_TEMPORARY: Final = (".", ".part")


@contextmanager
def storing(action: str, *, kept: str = "") -> Iterator[None]:
    """Turn an `OSError` into a `StoreError` that says what failed, why, what is kept and what to do."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise StoreError(joined(f"cannot {action}: {reason}", kept), advice=advice_for(error)) from error


def make_folder(path: Path) -> None:
    """Make a folder and its missing parents, each with mode 0700 whatever the umask; raises `OSError`."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
        sync_folder(folder.parent)


def sync_file(path: Path) -> None:
    """Sync the content of a file to disk; raises `OSError`."""
    descriptor = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(path: Path) -> None:
    """Sync the names in a folder to disk; do nothing on systems that cannot open folders (Windows)."""
    if os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_atomic(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Replace a file by what `write` puts into its stream: synced, then renamed; mode 0600.

    Two writers never share a half-written file, since each has its own. Raises `OSError`.
    """
    begin, end = _TEMPORARY
    descriptor, name = tempfile.mkstemp(prefix=f"{begin}{path.name}.", suffix=end, dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            write(stream)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def is_temporary(name: str) -> bool:
    """Tell whether a name is that of a temporary file that a crash left behind."""
    begin, end = _TEMPORARY
    return name.startswith(begin) and name.endswith(end)


def sweep(folder: Path) -> None:
    """Remove the temporary files that a crash left behind."""
    begin, end = _TEMPORARY
    for path in folder.glob(f"{begin}*{end}"):
        path.unlink(missing_ok=True)

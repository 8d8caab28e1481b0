"""The capture of what a roller says and hears, beside a massage or a recording."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from glowtool.app.news import NotWritten, untold
from glowtool.device.host_clock import unix_clock_us
from glowtool.errors import StoreError
from glowtool.link.capture.client import captured
from glowtool.link.capture.sink import CaptureFile

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from glowtool.app.news import Tell
    from glowtool.link.client import ClientFactory


class Capture:
    """An open capture, for any number of massages; what goes wrong with it goes wrong for nothing else."""

    def __init__(self, file: CaptureFile) -> None:
        self._file = file

    def beside(self, client_for: ClientFactory) -> ClientFactory:
        """Return what makes the same clients, captured."""
        return captured(client_for, self._file.take, unix_clock_us)


@contextmanager
def capturing(path: Path | None, tell: Tell = untold) -> Iterator[Capture | None]:
    """Capture into a new file for the time of the block; None for no path.

    At the end `tell` hears if not all of it could be written. Raises `InputError` and `StoreError` before the block.
    """
    if path is None:
        yield None
        return
    file = CaptureFile(path)
    try:
        yield Capture(file)
    finally:
        file.close()
        if file.failure is not None:
            tell(NotWritten("the capture", file.failure))
        elif file.left_out:
            error = StoreError(f"the disk was too slow for {file.left_out} of its packets")
            tell(NotWritten("all of the capture", error))

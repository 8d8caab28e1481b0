"""The flash of a roller as a file: an image that every write to the chip updates."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from glowsim.firmware.flash.chip import BLANK, FlashChip, Geometry
from glowtool.errors import InputError
from glowtool.kit.storage.privacy import open_private

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def flash_file(path: Path, geometry: Geometry | None = None) -> Iterator[FlashChip]:
    """Yield a chip whose image is a file, mode 0600, for the time of the block; without a file, the chip is new.

    Every write goes to the file at once, so that killing the process is only a brown-out. Raises InputError when the
    file cannot be used or does not have the size of the chip.
    """
    shape = geometry or Geometry()
    try:
        if not path.exists():
            with open_private(path, "wb") as new:
                new.write(bytes([BLANK]) * shape.size)
        file = open_private(path, "r+b")
    except OSError as error:
        raise InputError(f"cannot use the flash image {path}: {error.strerror}") from error
    with file:
        image = file.read()
        if len(image) != shape.size:
            raise InputError(
                f"{path} has {len(image)} bytes, the roller's flash has {shape.size}",
                advice="remove it to start with a new one",
            )

        def follow(address: int, data: bytes) -> None:
            file.seek(address)
            file.write(data)

        yield FlashChip(shape, image, follow)

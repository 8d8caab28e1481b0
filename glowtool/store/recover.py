"""Close what a crash cut off."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.store.manifest import Manifest


def recover(folder: Path) -> Manifest:
    """Finish a cut-off session with everything that was written whole; its state becomes "recovered"."""
    raise NotImplementedError

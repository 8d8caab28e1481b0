"""From journal to finished log: Parquet files and a manifest, in steps that a crash cannot harm."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from glowtool.store.journal import Checkpoint
    from glowtool.store.manifest import Ending, Manifest


def finish(folder: Path, ending: Ending, ended_utc: datetime, checkpoint: Checkpoint) -> Manifest:
    """Turn a closed journal into Parquet and return the manifest; may be repeated after a crash at any point.

    Step spans come from the events of kind "step" (data `{"index": n}`, −1 for none) and "stop".
    """
    raise NotImplementedError

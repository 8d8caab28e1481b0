"""The delivered record: what electrode and motor really did, tick by tick, on disk."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

import numpy as np
import numpy.typing as npt

from glowsim.physics.types import Delivered, Drive


class DeliveredRecorder:
    """Appends to `<state_dir>/delivered.bin`; one instance is one power cycle."""

    def __init__(self, state_dir: Path, power_on_unix_us: int) -> None:
        raise NotImplementedError

    def record(self, time_us: int, drive: Drive, delivered: Delivered) -> None:
        """Keep one tick: each one while anything is driven or moves, and the first one at zero after that."""
        raise NotImplementedError

    def flush(self) -> None:
        """Hand what was recorded to the operating system."""
        raise NotImplementedError

    def close(self) -> None:
        """Flush and close."""
        raise NotImplementedError

    def __enter__(self) -> DeliveredRecorder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def read_delivered(path: Path) -> npt.NDArray[np.void]:
    """Return the records of `delivered.bin` (or of the folder that holds it) with a `unix_us` field added."""
    raise NotImplementedError

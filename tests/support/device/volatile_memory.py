"""A flash memory that is gone with its test."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowsim.firmware.flash.chip import FlashChip
from glowsim.firmware.retained.memory import Memory

if TYPE_CHECKING:
    from collections.abc import Mapping


class VolatileMemory(Memory):
    """A memory that forgets with the process, and holds these sections at first."""

    def __init__(self, content: Mapping[str, object] | None = None) -> None:
        super().__init__(FlashChip())
        self.save(content or {})

"""The kinds of display that a roller can have; the display decides how the roller pairs."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final

from glowsim.firmware.model import GR1 as GR1_MODEL
from glowsim.firmware.model import Model
from glowtool.model.state import Capability


class DisplayKind(enum.StrEnum):
    """The display of a model."""

    PASSKEY = "passkey"
    """Six digits, which a person types at the host."""
    COMPARISON = "comparison"
    """Six digits; the button confirms that the host shows the same."""
    NONE = "none"
    """No display: Just Works, a bond that no person has vouched for."""

    @property
    def authenticates(self) -> bool:
        """Whether a bond proves the identity of the host."""
        return self is not DisplayKind.NONE

    @property
    def capability(self) -> Capability:
        """The capability that stands for this display in the feature characteristic."""
        return Capability(0) if self is DisplayKind.NONE else Capability.DISPLAY


@dataclass(frozen=True, slots=True)
class Variant:
    """A variant of the roller: its display, whether it uses a private address, and its model."""

    display: DisplayKind = DisplayKind.PASSKEY
    privacy: bool = False
    model: Model = GR1_MODEL


GR1: Final = Variant()

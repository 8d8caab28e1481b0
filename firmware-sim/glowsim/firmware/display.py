"""The kinds of display a roller can have; the display decides how it pairs."""

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
    """Six digits: a person types them at the host."""
    COMPARISON = "comparison"
    """Six digits, and the button to say that the host shows the same."""
    NONE = "none"
    """None: Just Works, with a bond that nobody vouches for."""

    @property
    def authenticates(self) -> bool:
        """Whether a bond proves who the host is."""
        return self is not DisplayKind.NONE

    @property
    def capability(self) -> Capability:
        """The capability that the feature characteristic carries for it."""
        return Capability(0) if self is DisplayKind.NONE else Capability.DISPLAY


@dataclass(frozen=True, slots=True)
class Variant:
    """A variant of the roller: its display, whether it uses a private address, and its model."""

    display: DisplayKind = DisplayKind.PASSKEY
    privacy: bool = False
    model: Model = GR1_MODEL


GR1: Final = Variant()

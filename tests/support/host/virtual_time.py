"""The virtual clock of glowsim, for tests of the host that need no roller."""

from __future__ import annotations

from glowsim.time.virtual_time import VirtualTimeLoop, in_virtual_time

__all__ = ["VirtualTimeLoop", "in_virtual_time"]

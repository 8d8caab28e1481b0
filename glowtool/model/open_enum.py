"""Enumerations to which later versions of a device may add members."""

from __future__ import annotations

import enum


class Growing(enum.IntEnum):
    """An enumeration that later versions may extend: an unknown number becomes a member named "unknown".

    Only for what a host shows or passes by; what it acts upon (a state, the kind of a frame) is no such enumeration.
    """

    @classmethod
    def _missing_(cls, value: object) -> Growing | None:
        if not isinstance(value, int) or not 0 <= value <= 0xFFFF:
            return None
        member = int.__new__(cls, value)
        member._name_ = f"unknown ({value})"
        member._value_ = value
        return member

    @property
    def is_known(self) -> bool:
        """Whether this version of the protocol has it."""
        return self.value in type(self)._value2member_map_

"""The skin under the heads."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SkinParameters:
    """`moisture` goes from 0, dry, to 1, wet with gel; `temperature_c` is that of the face's surface."""

    moisture: float = 0.6
    temperature_c: float = 33.0

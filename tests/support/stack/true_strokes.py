"""The tolerance between a stroke in the log and the hand's true one, and its reasons."""

from __future__ import annotations

import math

#: From the first touch until the log says contact: the hand's pressure rises to the detector's 0.4 kPa (some 10 ms for
#: a light hand), the low-pass of 10 Hz delays it by 22 ms, and both are seen at the next of the samples 5 ms apart.
UNSEEN_S = 0.035

#: An encoder's count at either end, and the 0.15 mm within which a head counts as resting.
RESOLUTION_MM = 0.35


def tolerance_mm(length_mm: float, duration_s: float) -> float:
    """Return by how much the log's length of a stroke may differ from the true one.

    A hand that was lifted rolls from its first touch on, and the log counts from contact on; what it rolled until then
    is missing. The hand's way is half a cosine, so that this grows with length and with the square of quickness: 0.1 mm
    for 60 mm in 2 s, but over 1 mm for 50 mm in a third of a second, which a hasty hand does now and then. The worst
    found is 1.02 mm, of 52.4 mm in 0.34 s whose contact shows after 0.03 s
    (`tests/measure/analysis/body.py --persona hasty`).
    """
    share = min(1.0, UNSEEN_S / duration_s)
    return RESOLUTION_MM + abs(length_mm) * 0.5 * (1.0 - math.cos(math.pi * share))

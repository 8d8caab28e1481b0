"""The rests at the end of a leg: there a head stands, until it turns, is lifted, or has rested."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from glowtool.stream.strokes.sweep.sums import means_kpa, spans

if TYPE_CHECKING:
    from glowtool.stream.block import IntArray
    from glowtool.stream.strokes.rule import Thresholds
    from glowtool.stream.strokes.sweep.legs import Leg, Legs
    from glowtool.stream.strokes.sweep.rows import Rows


def ended(legs: Legs, rows: Rows, rule: Thresholds) -> IntArray:
    """Return the row of each leg at which its stroke is known to have ended: by a rest, or where the leg stops."""
    known = legs.stops.copy()
    stood = rows.samples[legs.ends] - rows.base
    for at in np.flatnonzero(legs.stops - stood > rule.rest_samples).tolist():
        tired = int(stood[at]) + rule.rest_after(last_count(legs.leg(at), rows))
        known[at] = min(max(tired, rows.first), legs.stops[at])
    quiet = np.maximum(stood + max(rule.still_samples, 1), rows.first)
    stands = np.flatnonzero(quiet < known)
    if not len(stands):
        return known
    eased_kpa = rule.eased_share * means_kpa(rows, legs.starts[stands], legs.ends[stands])
    least_kpa = spans(np.minimum, rows.pressure_kpa, quiet[stands], known[stands])
    eases = least_kpa <= eased_kpa
    for at, limit_kpa in zip(stands[eases].tolist(), eased_kpa[eases].tolist(), strict=True):
        known[at] = quiet[at] + (rows.pressure_kpa[quiet[at] : known[at]] <= limit_kpa).argmax()
    return known


def last_count(leg: Leg, rows: Rows) -> int:
    """Return how many samples the encoder took for its last count on the way to a leg's end."""
    if leg.end == leg.begin:
        return rows.count_samples(leg.begin)
    way_mm = rows.travel_mm[leg.begin : leg.end]
    before = leg.begin + (way_mm.argmax() if leg.sign > 0 else way_mm.argmin())
    return int(rows.samples[leg.end] - rows.samples[before])

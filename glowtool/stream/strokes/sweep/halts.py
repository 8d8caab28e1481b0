"""The rests on the way: a head stands still for long enough, or is lifted briefly, and then goes on as before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from glowtool.stream.strokes.sweep.sums import means_kpa, no_less, spans

if TYPE_CHECKING:
    from collections.abc import Iterator

    from glowtool.stream.block import BoolArray
    from glowtool.stream.strokes.rule import Thresholds
    from glowtool.stream.strokes.sweep.legs import Leg, Legs
    from glowtool.stream.strokes.sweep.rows import Rows


def split_at_rests(legs: Legs, lingers: BoolArray, rows: Rows, rule: Thresholds) -> Legs:
    """Return legs without a rest on the way: those that had one are split there.

    `lingers` are those on which the head may have stood for as long as a rest takes.
    """
    if not len(legs):
        return legs
    least_kpa = spans(np.minimum, rows.pressure_kpa, legs.begins, legs.ends)
    eased_kpa = no_less(rule.eased_share * spans(np.maximum, rows.pressure_kpa, legs.starts, legs.ends))
    found = {}
    for at in (lingers | (least_kpa <= eased_kpa)).nonzero()[0].tolist():
        begin, end = int(legs.begins[at]), int(legs.ends[at])
        if lingers[at] or begin < rows.first or _eases(begin, end, float(eased_kpa[at]), rows, rule):
            parts = tuple(_parts(legs.leg(at), rows, rule))
            if parts[0].stop < legs.stops[at]:
                found[at] = parts
    return legs.replacing(found)


def _eases(begin: int, end: int, eased_kpa: float, rows: Rows, rule: Thresholds) -> bool:
    """Return whether a head may have stood for a moment in which its pressure was low, on its way in these rows."""
    still = max(rule.still_samples, 1)
    eases = rows.pressure_kpa[begin + still : end + 1] <= eased_kpa
    if not eases.any():
        return False
    way_mm = rows.travel_mm[begin : end + 1]
    reach = np.maximum if way_mm[-1] > way_mm[0] else np.minimum
    reached_mm = reach.accumulate(way_mm)
    eases &= reached_mm[still:] == reached_mm[:-still]
    return bool(eases.any())


def _parts(leg: Leg, rows: Rows, rule: Thresholds) -> Iterator[Leg]:
    """Yield the parts of a leg between its rests on the way; all but the last stop where a rest is known."""
    onward: Leg | None = leg
    while onward is not None:
        part, onward = onward, None
        rest = _first_rest(part, rows, rule)
        if rest is not None:
            since, known = rest
            onward = _onward(part, known, rows, rule)
            part = part._replace(stop=known, end=since, end_mm=float(rows.travel_mm[since]))
        yield part


def _first_rest(leg: Leg, rows: Rows, rule: Thresholds) -> tuple[int, int] | None:
    """Return where a head first came to rest before the end of a leg, and where that is known."""
    way_mm, still = rows.travel_mm[leg.begin : leg.end + 1], max(rule.still_samples, 1)
    reached_mm = (np.maximum if leg.sign > 0 else np.minimum).accumulate(way_mm)
    records = leg.begin + np.flatnonzero(np.diff(reached_mm, prepend=np.nan) != 0)
    since, until = records[:-1], records[1:]
    stood = rows.samples[since] - rows.base
    counts = np.diff(rows.samples[since], prepend=0)
    counts[:1] = rows.count_samples(leg.begin)
    tired = stood + rule.rest_samples + np.minimum(2 * counts, rule.slowing_samples)
    known = np.minimum(np.maximum(tired, rows.first), until)
    quiet = np.maximum(stood + still, rows.first)
    eased_kpa = rule.eased_share * means_kpa(rows, leg.start, since)
    stands, eases = (quiet < known).nonzero()[0], np.zeros(len(since), np.bool_)
    if len(stands):
        eases[stands] = spans(np.minimum, rows.pressure_kpa, quiet[stands], known[stands]) <= eased_kpa[stands]
    rests = (eases | (known < until)).nonzero()[0]
    if not len(rests):
        return None
    at = rests[0]
    if eases[at]:
        known[at] = quiet[at] + (rows.pressure_kpa[quiet[at] : known[at]] <= eased_kpa[at]).argmax()
    return int(since[at]), int(known[at])


def _onward(leg: Leg, known: int, rows: Rows, rule: Thresholds) -> Leg | None:
    """Return the movement in the same direction that follows on a rest, if the head goes far enough for one."""
    way_mm = rows.travel_mm[known : leg.end + 1]
    nearest_mm = (np.minimum if leg.sign > 0 else np.maximum).accumulate(way_mm)
    moved = np.flatnonzero(np.abs(way_mm - nearest_mm) >= rule.turn_mm)
    if not len(moved):
        return None
    begin = int(moved[0])
    start_mm = float(nearest_mm[begin])
    there = np.flatnonzero(np.abs(way_mm[:begin] - start_mm) <= rule.jitter_mm)
    return leg._replace(begin=known + begin, start=known + int(there[-1]), start_mm=start_mm)

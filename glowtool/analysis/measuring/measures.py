"""The formulas behind the metrics: from a part to a number, or to None if there is nothing to measure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from glowtool.model.heads import force_n

if TYPE_CHECKING:
    from glowtool.analysis.measuring.parts import DosePart, HeadPart
    from glowtool.analysis.recordings.recording import Bools, Floats

SECONDS_PER_MINUTE = 60.0


def mean(values: Floats) -> float | None:
    """Return the arithmetic mean; None of no values."""
    return float(np.mean(values)) if len(values) else None


def coefficient_of_variation(values: Floats) -> float | None:
    """Return the sample standard deviation over the mean; None of fewer than two values, or of a mean of zero."""
    if len(values) < 2:
        return None
    centre = float(np.mean(values))
    return float(np.std(values, ddof=1)) / centre if centre > 0 else None


def contact_time_s(part: HeadPart) -> float:
    """Return the time in contact."""
    return part.contact_s


def mean_pressure_kpa(part: HeadPart) -> float | None:
    """Return the mean pressure over the samples in contact."""
    return mean(part.pressure_kpa)


def pressure_percentile_kpa(part: HeadPart, percent: float) -> float | None:
    """Return a percentile of the pressure over the samples in contact, exact, linear between order statistics."""
    return float(np.percentile(part.pressure_kpa, percent)) if len(part.pressure_kpa) else None


def pressure_time_kpa_s(part: HeadPart) -> float:
    """Return the integral of pressure over the time in contact."""
    return float(np.sum(part.pressure_kpa)) * part.period_s


def mean_force_n(part: HeadPart) -> float | None:
    """Return the mean force while in contact: the cells report force over a head's projected area."""
    if part.contact_s <= 0:
        return None
    return force_n(pressure_time_kpa_s(part) / part.contact_s)


def time_below_band_share(part: HeadPart) -> float | None:
    """Return the share of the samples in contact whose pressure is below the band."""
    return _share(part, part.pressure_kpa < part.low_kpa)


def time_in_band_share(part: HeadPart) -> float | None:
    """Return the share of the samples in contact whose pressure is in the band, its edges included."""
    return _share(part, (part.pressure_kpa >= part.low_kpa) & (part.pressure_kpa <= part.high_kpa))


def time_above_band_share(part: HeadPart) -> float | None:
    """Return the share of the samples in contact whose pressure is above the band."""
    return _share(part, part.pressure_kpa > part.high_kpa)


def _share(part: HeadPart, chosen: Bools) -> float | None:
    # A comparison with NaN is false, so samples without a band are in none of the three.
    banded = int(np.isfinite(part.low_kpa).sum())
    return int(chosen.sum()) / banded if banded else None


def time_over_caution_s(part: HeadPart) -> float:
    """Return the time in contact above the caution pressure."""
    return part.over_caution_s


def stroke_count(part: HeadPart) -> int | None:
    """Return the number of strokes that the steps count: rolling back is not one."""
    return None if part.movements is None else int(part.movements.counted.sum())


def stroke_rate_per_min(part: HeadPart) -> float | None:
    """Return the counted strokes per minute of the time in which no stroke is hidden."""
    count = stroke_count(part)
    return None if count is None or part.watched_s <= 0 else count * SECONDS_PER_MINUTE / part.watched_s


def stroke_length_mm(part: HeadPart) -> float | None:
    """Return the mean length of the counted strokes."""
    found = part.movements
    return None if found is None else mean(np.abs(found.length_mm[found.counted]))


def stroke_speed_mm_per_s(part: HeadPart) -> float | None:
    """Return the mean of length over duration of the counted strokes."""
    found = part.movements
    if found is None:
        return None
    moving = found.counted & (found.duration_s > 0)
    return mean(np.abs(found.length_mm[moving]) / found.duration_s[moving])


def strokes_in_direction_share(part: HeadPart) -> float | None:
    """Return the share of strokes in the direction asked for, of those made in a step that asks for one.

    Ways back are left out: until a routine says how the tool comes back, both ways of doing it are right.
    """
    found = part.movements
    if found is None:
        return None
    asked = (found.asked_sign != 0) & ~found.is_return
    return float(np.mean(np.sign(found.length_mm[asked]) == found.asked_sign[asked])) if asked.any() else None


def stroke_interval_cv(part: HeadPart) -> float | None:
    """Return the coefficient of variation of the times from stroke to stroke."""
    return None if part.movements is None else coefficient_of_variation(part.movements.interval_s)


def stroke_peak_cv(part: HeadPart) -> float | None:
    """Return the coefficient of variation of the counted strokes' peak pressures; rolling back is lighter for most."""
    found = part.movements
    return None if found is None else coefficient_of_variation(found.peak_kpa[found.counted])


def symmetry_percent(left: float | None, right: float | None) -> float | None:
    """Return the symmetry index 100·(L−R)/(½(L+R)), from −200 to 200; None when a side is missing or both are zero."""
    if left is None or right is None or left + right <= 0:
        return None
    return 100 * (left - right) / (0.5 * (left + right))


def vibration_min(part: DosePart) -> float | None:
    """Return the time with vibration, in minutes."""
    if part.amplitude is None:
        return None
    return int((part.amplitude > 0).sum()) * part.period_s / SECONDS_PER_MINUTE


def current_min(part: DosePart) -> float | None:
    """Return the time with microcurrent while both heads touch, in minutes."""
    if part.peak_ua_in_contact is None:
        return None
    return int((part.peak_ua_in_contact > 0).sum()) * part.period_s / SECONDS_PER_MINUTE


def charge_mc(part: DosePart) -> float | None:
    """Return the greatest charge of both phases, in mC, that the peak current can have delivered in contact."""
    if part.peak_ua_in_contact is None:
        return None
    return float(np.sum(part.peak_ua_in_contact)) * part.period_s / 1000 + part.unseen_charge_mc

"""The metrics, declared once: these tables give what is computed, shown, written as JSON, and printed on the page."""

from __future__ import annotations

import enum
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final, Generic, TypeVar

from glowtool.analysis.measuring import measures
from glowtool.analysis.measuring.parts import DosePart, HeadPart
from glowtool.analysis.measuring.ways_back import RULE as WAYS_BACK
from glowtool.analysis.recordings.recording import CAUTION_KPA
from glowtool.model.face import COUNTED
from glowtool.model.heads import HEAD_AREA_CM2

Number = float | int
#: Values by the key of their metric; None if there was nothing to measure. Never NaN, never infinite.
Values = Mapping[str, Number | None]

Part = TypeVar("Part", HeadPart, DosePart, tuple[HeadPart, HeadPart])


class Group(enum.StrEnum):
    """The heading of a metric."""

    CONTACT = "Contact and pressure"
    BAND = "Against the band"
    STROKES = "Strokes"
    SYMMETRY = "Symmetry"
    DOSE = "Dose"


@dataclass(frozen=True, slots=True)
class Metric(Generic[Part]):
    """One metric: its key in JSON, its name and unit for people, its definition, and the function that computes it.

    A metric of the unit "%" is stored as a share from 0 to 1 when its key ends in `_share`.
    """

    key: str
    name: str
    unit: str
    digits: int
    group: Group
    definition: str
    source: str
    compute: Callable[[Part], Number | None]

    def value(self, part: Part) -> Number | None:
        """Return the metric of a part; None if there is nothing to measure."""
        number = self.compute(part)
        return None if number is None or not math.isfinite(number) else number


_PLAIN: Final = "by definition"
_QUANTILE: Final = "Hyndman and Fan 1996, type 7"
_C, _B, _S = Group.CONTACT, Group.BAND, Group.STROKES


def _percentile(percent: float) -> Callable[[HeadPart], float | None]:
    return partial(measures.pressure_percentile_kpa, percent=percent)


HEAD_METRICS: Final[tuple[Metric[HeadPart], ...]] = (
    Metric("contact_time_s", "Contact time", "s", 1, _C,
           "Time in contact with skin: samples in contact × sample period. Both: while either head touches. "
           "Lost samples do not count.",
           _PLAIN, measures.contact_time_s),
    Metric("mean_pressure_kpa", "Mean pressure", "kPa", 2, _C,
           "Arithmetic mean of the pressure over the samples in contact.", _PLAIN, measures.mean_pressure_kpa),
    Metric("median_pressure_kpa", "Median pressure", "kPa", 2, _C,
           "50th percentile of the pressure over the samples in contact, exact.", _QUANTILE, _percentile(50)),
    Metric("p5_pressure_kpa", "5th percentile", "kPa", 2, _C,
           "5th percentile of the pressure over the samples in contact, exact.", _QUANTILE, _percentile(5)),
    Metric("p95_pressure_kpa", "95th percentile", "kPa", 2, _C,
           "95th percentile of the pressure over the samples in contact, exact.", _QUANTILE, _percentile(95)),
    Metric("peak_pressure_kpa", "Peak pressure", "kPa", 2, _C,
           "Largest pressure of the samples in contact.", _PLAIN, _percentile(100)),
    Metric("pressure_time_kpa_s", "Pressure–time integral", "kPa·s", 1, _C,
           "Sum of the pressure over the samples in contact × sample period. Both: the sum of the two heads.",
           _PLAIN, measures.pressure_time_kpa_s),
    Metric("mean_force_n", "Mean force", "N", 2, _C,
           f"Pressure–time integral / contact time × {HEAD_AREA_CM2:g} cm², the projected area of a head, over which "
           "its cells report force. Both: the sum.",
           "F = p·A", measures.mean_force_n),
    Metric("time_over_caution_s", "Time over caution", "s", 1, _C,
           f"Time in contact over {CAUTION_KPA:g} kPa, or the roller's own ceiling if that is lower. Both: while "
           "either head is over it.",
           "ceiling PRESSURE_CAUTION (Lymphology 17493)", measures.time_over_caution_s),
    Metric("time_below_band_share", "Below the band", "%", 0, _B,
           "Share of the samples in contact whose pressure is below the band that their step asks for.",
           _PLAIN, measures.time_below_band_share),
    Metric("time_in_band_share", "In the band", "%", 0, _B,
           "Share of the samples in contact whose pressure is in the band that their step asks for, edges included.",
           _PLAIN, measures.time_in_band_share),
    Metric("time_above_band_share", "Above the band", "%", 0, _B,
           "Share of the samples in contact whose pressure is above the band that their step asks for.",
           _PLAIN, measures.time_above_band_share),
    Metric("stroke_count", "Strokes", "", 0, _S,
           f"Number of strokes: {COUNTED}. Both: strokes of the two heads in one direction that overlap for half of "
           "the shorter are one.",
           _PLAIN, measures.stroke_count),
    Metric("stroke_rate_per_min", "Stroke rate", "/min", 1, _S,
           "Strokes × 60 / time in which no stroke is hidden: that of the samples that arrived, and of gaps shorter "
           "than a rest, over which strokes go on.",
           _PLAIN, measures.stroke_rate_per_min),
    Metric("stroke_length_mm", "Stroke length", "mm", 1, _S,
           "Mean length of the strokes that count.", _PLAIN, measures.stroke_length_mm),
    Metric("stroke_speed_mm_per_s", "Stroke speed", "mm/s", 1, _S,
           "Mean of length / duration of the strokes that count. The moments at both ends of a stroke in which the "
           "encoders do not count yet are not in its duration.", _PLAIN, measures.stroke_speed_mm_per_s),
    Metric("strokes_in_direction_share", "In the asked direction", "%", 0, _S,
           "Share of strokes in the direction asked for, of the strokes in steps that ask for one. "
           f"{WAYS_BACK}. Positive travel is upward and outward.",
           _PLAIN, measures.strokes_in_direction_share),
    Metric("stroke_interval_cv", "Variation of rhythm", "", 2, _S,
           "Coefficient of variation (sample standard deviation / mean) of the times from start "
           "to start of consecutive counted strokes in one step, without those with a gap between that may hide a "
           "stroke. 0 is perfectly even.",
           "coefficient of variation", measures.stroke_interval_cv),
    Metric("stroke_peak_cv", "Variation of peaks", "", 2, _S,
           "Coefficient of variation of the peak pressures of the strokes that count. 0 is perfectly even.",
           "coefficient of variation", measures.stroke_peak_cv),
)  # fmt: skip


def _symmetry(of: Callable[[HeadPart], Number | None]) -> Callable[[tuple[HeadPart, HeadPart]], float | None]:
    def compute(sides: tuple[HeadPart, HeadPart]) -> float | None:
        return measures.symmetry_percent(of(sides[0]), of(sides[1]))

    return compute


_INDEX: Final = "100·(L−R)/(½(L+R)); 0 is even, + is more on the left, ±200 is one side only"
_ROBINSON: Final = "Robinson et al. 1987"

SYMMETRY_METRICS: Final[tuple[Metric[tuple[HeadPart, HeadPart]], ...]] = (
    Metric("contact_time_symmetry_percent", "Contact time", "%", 0, Group.SYMMETRY,
           f"Symmetry index of the contact time: {_INDEX}.", _ROBINSON, _symmetry(measures.contact_time_s)),
    Metric("mean_pressure_symmetry_percent", "Mean pressure", "%", 0, Group.SYMMETRY,
           f"Symmetry index of the mean pressure: {_INDEX}.", _ROBINSON, _symmetry(measures.mean_pressure_kpa)),
    Metric("pressure_time_symmetry_percent", "Pressure–time integral", "%", 0, Group.SYMMETRY,
           f"Symmetry index of the pressure–time integral: {_INDEX}.", _ROBINSON,
           _symmetry(measures.pressure_time_kpa_s)),
    Metric("stroke_count_symmetry_percent", "Strokes", "%", 0, Group.SYMMETRY,
           f"Symmetry index of the number of strokes: {_INDEX}.", _ROBINSON, _symmetry(measures.stroke_count)),
)  # fmt: skip

DOSE_METRICS: Final[tuple[Metric[DosePart], ...]] = (
    Metric("vibration_min", "Vibration", "min", 2, Group.DOSE,
           "Time in which the roller reported an amplitude over zero. Lost samples do not count.",
           _PLAIN, measures.vibration_min),
    Metric("current_min", "Microcurrent in contact", "min", 2, Group.DOSE,
           "Time in which the roller reported a current over zero while both heads touched. Lost samples do not count.",
           _PLAIN, measures.current_min),
    Metric("charge_mc", "Charge, at most", "mC", 2, Group.DOSE,
           "Reported peak current × time while both heads touched, both phases together; in a gap, whose contact is "
           "not known, the larger of the peaks before and after it. An upper estimate: a square wave reaches it, other "
           "waveforms deliver less.",
           "Q = ∫|I| dt ≤ I_peak·t", measures.charge_mc),
)  # fmt: skip

AnyMetric = Metric[HeadPart] | Metric[DosePart] | Metric[tuple[HeadPart, HeadPart]]

ALL_METRICS: Final[tuple[AnyMetric, ...]] = (*HEAD_METRICS, *SYMMETRY_METRICS, *DOSE_METRICS)
BY_KEY: Final[dict[str, AnyMetric]] = {metric.key: metric for metric in ALL_METRICS}


def compute_all(metrics: tuple[Metric[Part], ...], part: Part) -> dict[str, Number | None]:
    """Return the values of all metrics of one table for one part, by key."""
    return {metric.key: metric.value(part) for metric in metrics}

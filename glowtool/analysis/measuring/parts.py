"""The parts of a recording that are measured: one head, or both, within some steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from glowtool.analysis.measuring.movements import Movements, merge_heads, movements_of
from glowtool.analysis.recordings.recording import Bools, Floats, Recording, Strokes, gap_spans_us
from glowtool.stream.strokes.rule import StrokeSettings
from glowtool.units import MICROSECONDS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from glowtool.stream.heads import Head

#: A gap of this length or more may hide strokes; a shorter one does not.
_HIDDEN_S = StrokeSettings().rest_s


@dataclass(frozen=True, slots=True)
class HeadPart:
    """One head, or all, within some steps: the data from which a head's measures are computed.

    `pressure_kpa` holds the samples in contact, shape (k,); for both heads, the samples of one follow those of the
    other. `low_kpa` and `high_kpa` are the band asked for at each of them, NaN for none. `watched_s` is the time in
    which no stroke is hidden: the observed time and that of short gaps. `movements` is None if nothing shows how the
    head rolls.
    """

    observed_s: float
    watched_s: float
    period_s: float
    contact_s: float
    over_caution_s: float
    pressure_kpa: Floats
    low_kpa: Floats
    high_kpa: Floats
    movements: Movements | None


@dataclass(frozen=True, slots=True)
class DosePart:
    """The dose that the roller delivered within some steps; None if the channel, or the contact, was not recorded.

    `unseen_charge_mc` is the largest charge that can have flowed in the gaps, by the peaks before and after each.
    """

    period_s: float
    amplitude: Floats | None
    peak_ua_in_contact: Floats | None
    unseen_charge_mc: float


@dataclass(frozen=True, slots=True)
class ScopePart:
    """Some steps of a session, or all of it: each head, and all together (None for a roller without cells)."""

    observed_s: float
    lost_s: float
    heads: Mapping[Head, HeadPart]
    both: HeadPart | None
    dose: DosePart


class Parts:
    """Cuts one recording into parts; data that every part needs is computed once."""

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self._gaps_us = gap_spans_us(recording)
        samples, strokes = recording.samples, recording.strokes
        self._heads = {
            each.head: self._movements(strokes.of(each.head), samples.contact[each.head])
            for each in recording.layout.heads
            if each.travel is not None
        }
        touching = any_of(samples.contact.values(), len(samples))
        self._both = self._movements(merge_heads(strokes), touching) if self._heads else None
        self._band = band_of_samples(recording)
        self._is_short = np.array([gap.count * recording.period_s < _HIDDEN_S for gap in recording.gaps], np.bool_)
        self._peak_ua = _peak_at_gaps_ua(recording)

    def cut(self, indices: Collection[int] | None) -> ScopePart:
        """Return the part within the steps of these indices; with None, the whole session.

        The whole session is all its steps; for a session without steps, it is every sample.
        """
        recording, samples = self.recording, self.recording.samples
        everything = indices is None and not recording.steps
        if indices is None:
            indices = {step.index for step in recording.steps}
        mask = np.ones(len(samples), np.bool_) if everything else np.isin(samples.step, list(indices))
        observed_s = int(mask.sum()) * recording.period_s
        within = None if everything else indices
        missing_s = self._missing_s(within)
        watched_s = observed_s + float(missing_s[self._is_short].sum())
        heads = _Heads(recording, mask, Times(observed_s, watched_s), self._band)

        def chosen(movements: Movements | None) -> Movements | None:
            return movements if movements is None or within is None else movements.within(within)

        return ScopePart(
            observed_s,
            float(missing_s.sum()),
            {head: heads.part(head, chosen(self._heads.get(head))) for head in samples.pressure_kpa},
            heads.both(chosen(self._both)) if samples.pressure_kpa else None,
            _dose(recording, mask, float(self._peak_ua @ missing_s) / 1000),
        )

    def _movements(self, strokes: Strokes, touching: Bools) -> Movements:
        return movements_of(self.recording, strokes, touching, self._gaps_us)

    def _missing_s(self, indices: Collection[int] | None) -> Floats:
        """Return for each gap the time of it within the steps of these indices; with None, all of it."""
        recording = self.recording
        if indices is None:
            return np.array([gap.count for gap in recording.gaps], np.float64) * recording.period_s
        start, end = np.array(self._gaps_us, np.int64).reshape(-1, 2).T
        inside = np.zeros(len(start), np.int64)
        for step in recording.steps:
            if step.index in indices:
                for first, last in step.spans_us:
                    inside += np.maximum(0, np.minimum(end, last) - np.maximum(start, first))
        return np.asarray(inside / MICROSECONDS_PER_SECOND, np.float64)


@dataclass(frozen=True, slots=True)
class Times:
    """The time of the samples that arrived, and the time in which no stroke is hidden."""

    observed_s: float
    watched_s: float


class _Heads:
    """The masks and bands that the parts of a scope share."""

    def __init__(self, recording: Recording, mask: Bools, times: Times, band: tuple[Floats, Floats]) -> None:
        samples, self.watched_s = recording.samples, times.watched_s
        self.samples, self.period_s, self.observed_s = samples, recording.period_s, times.observed_s
        self.touching = {
            head: mask & samples.contact[head] & np.isfinite(pressure)
            for head, pressure in samples.pressure_kpa.items()
        }
        self.low, self.high = band
        self.caution_kpa = recording.caution_kpa

    def part(self, head: Head, movements: Movements | None) -> HeadPart:
        """Return the part of one head."""
        contact = self.touching[head]
        touched = self.samples.pressure_kpa[head][contact]
        return HeadPart(
            self.observed_s,
            self.watched_s,
            self.period_s,
            len(touched) * self.period_s,
            int((touched > self.caution_kpa).sum()) * self.period_s,
            touched,
            self.low[contact],
            self.high[contact],
            movements,
        )

    def both(self, movements: Movements | None) -> HeadPart:
        """Return the part of all heads: pressures are pooled, times count once while any head has them."""
        touching, pressure_kpa = self.touching, self.samples.pressure_kpa
        count = len(self.samples)
        over = any_of((mask & (pressure_kpa[head] > self.caution_kpa) for head, mask in touching.items()), count)
        return HeadPart(
            self.observed_s,
            self.watched_s,
            self.period_s,
            int(any_of(touching.values(), count).sum()) * self.period_s,
            int(over.sum()) * self.period_s,
            np.concatenate([pressure_kpa[head][mask] for head, mask in touching.items()]),
            np.concatenate([self.low[mask] for mask in touching.values()]),
            np.concatenate([self.high[mask] for mask in touching.values()]),
            movements,
        )


def any_of(flags: Iterable[Bools], count: int) -> Bools:
    """Return for each of `count` samples whether any of these flags is true; false if there are none."""
    found = np.zeros(count, np.bool_)
    for each in flags:
        found |= each
    return found


def band_of_samples(recording: Recording) -> tuple[Floats, Floats]:
    """Return the lower and upper edge of the band asked for at every sample, in kPa; NaN outside any step."""
    low, high = np.full(len(recording.samples), np.nan), np.full(len(recording.samples), np.nan)
    for step in recording.steps:
        inside = recording.samples.step == step.index
        low[inside], high[inside] = step.band_low_kpa, step.band_high_kpa
    return low, high


def _dose(recording: Recording, mask: Bools, unseen_charge_mc: float) -> DosePart:
    """Return the outputs within a mask; current counts only while all heads touch, since only then it can flow."""
    samples = recording.samples
    closed = mask & ~any_of((~contact for contact in samples.contact.values()), len(samples))
    return DosePart(
        recording.period_s,
        None if samples.amplitude is None else samples.amplitude[mask],
        None if samples.peak_ua is None or not samples.contact else samples.peak_ua[closed],
        unseen_charge_mc,
    )


def _peak_at_gaps_ua(recording: Recording) -> Floats:
    """Return for each gap the larger of the peak currents of the samples before and after it."""
    samples = recording.samples
    if samples.peak_ua is None or not len(samples):
        return np.zeros(len(recording.gaps))
    after = np.searchsorted(samples.sample, [gap.first_sample for gap in recording.gaps])
    before, after = np.maximum(after - 1, 0), np.minimum(after, len(samples) - 1)
    return np.asarray(np.maximum(samples.peak_ua[before], samples.peak_ua[after]), np.float64)

"""The live meter: readings for a coach to show, ten times a second, without flicker."""

from __future__ import annotations

import enum
import math
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from glowtool.model.face import Direction, counts
from glowtool.stream.block import Reading, Stroke, period_us
from glowtool.stream.live.dryness import DrynessDetector
from glowtool.stream.strokes.rule import StrokeSettings
from glowtool.units import seconds_from_us

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from glowtool.stream.block import BoolArray
    from glowtool.stream.heads import Head
    from glowtool.stream.layout import HeadLayout

READINGS_PER_SECOND: Final = 10


class Band(enum.StrEnum):
    """The side of the step's band on which a head's pressure is."""

    NO_CONTACT = "no contact"
    BELOW = "below"
    IN = "in"
    ABOVE = "above"


@dataclass(frozen=True, slots=True)
class HeadMeter:
    """One head at one moment. `direction` is +1, −1, or 0 when the head does not move, or that is not measured."""

    pressure_kpa: float
    contact: bool
    band: Band
    direction: int


@dataclass(frozen=True, slots=True)
class MeterReading:
    """All heads at one moment.

    `strokes` counts the strokes of the busier head (one movement of the tool moves both) that the step counts: rolling
    back is not one (`model.face`). `stroke_rate_per_min` counts in the same way over the last ten seconds, without gaps
    that may hide strokes; it is 0 for the first three seconds. Both are None if nothing measures how the heads roll.
    `skin_dry` is the verdict of the `DrynessDetector`.
    """

    sample: int
    device_time_us: int
    heads: Mapping[Head, HeadMeter]
    strokes: int | None
    stroke_rate_per_min: float | None
    skin_dry: bool = False


@dataclass(frozen=True, slots=True)
class MeterSettings:
    """The band, how far beyond an edge the pressure must be to change sides, and the window of the stroke rate.

    Gaps shorter than `hidden_s` hide no strokes, so they are part of the rate's time.
    """

    low_kpa: float = 2.0
    high_kpa: float = 4.0
    hysteresis_kpa: float = 0.15
    window_s: float = 10.0
    earliest_s: float = 3.0
    hidden_s: float = StrokeSettings().rest_s
    still_mm_per_s: float = 5.0


@dataclass(slots=True)
class MeterState:
    """The band and the direction in force, the last side of each head, and the strokes known so far."""

    low_kpa: float
    high_kpa: float
    asked: Direction = Direction.ANY
    bands: dict[Head, Band] = field(default_factory=dict)
    travel_mm: dict[Head, float] = field(default_factory=dict)
    recent: deque[Stroke] = field(default_factory=deque)
    strokes: dict[Head, int] = field(default_factory=dict)
    waiting: deque[Stroke] = field(default_factory=deque)
    #: The runs of samples in which no stroke is hidden, as (first, end), as far as they reach into the window.
    runs: deque[tuple[int, int]] = field(default_factory=deque)


class Meter:
    """Gives a reading at fixed samples: those whose index is a multiple of a tenth of the rate."""

    def __init__(self, settings: MeterSettings | None = None) -> None:
        self.settings = settings or MeterSettings()
        self.state = MeterState(self.settings.low_kpa, self.settings.high_kpa)
        self.dryness = DrynessDetector()

    def set_band(self, low_kpa: float, high_kpa: float) -> None:
        """Compare the pressure with another band from the next sample on."""
        self.state.low_kpa, self.state.high_kpa = low_kpa, high_kpa

    def ask_for(self, direction: Direction) -> None:
        """Count the strokes in this direction from now on, in addition to those counted so far."""
        self.state.asked = direction

    def process(self, reading: Reading) -> tuple[MeterReading, ...]:
        """Read the meter at each of its samples in this reading."""
        self.state.waiting.extend(reading.strokes)
        self._note_run(reading)
        stride = max(1, reading.rate_hz // READINGS_PER_SECOND)
        start = -reading.first_sample % stride
        return tuple(self._read(reading, index) for index in range(start, len(reading), stride))

    def latest(self, reading: Reading) -> MeterReading | None:
        """Read the meter at each of its samples, and return the last of these readings; the others cost little."""
        self.state.waiting.extend(reading.strokes)
        self._note_run(reading)
        stride = max(1, reading.rate_hz // READINGS_PER_SECOND)
        last = len(reading) - 1 - (reading.first_sample + len(reading) - 1) % stride
        if last < 0:
            return None
        if last >= stride:
            self._pass(reading, slice(-reading.first_sample % stride, last, stride))
        return self._read(reading, last)

    def _pass(self, reading: Reading, passed: slice) -> None:
        """Follow the meter over these samples without a reading."""
        heads = reading.layout.heads
        touches = [reading.flags(f"contact_{each.head}")[passed] for each in heads]
        for each, touching in zip(heads, touches, strict=True):
            self._pass_head(each, reading, passed, touching)
        impedance = reading.layout.impedance
        if impedance is not None and len(heads) == 2:
            pressures = (reading.floats(f"pressure_{each.head}_kpa")[passed] for each in heads)
            ohm = np.where(touches[0] & touches[1], reading.floats(impedance)[passed], np.inf)
            self.dryness.take_all(ohm, *pressures)

    def _pass_head(self, layout: HeadLayout, reading: Reading, passed: slice, touches: BoolArray) -> None:
        state, head = self.state, layout.head
        pressures_kpa = reading.floats(f"pressure_{head}_kpa")[passed]
        touched = np.flatnonzero(touches)
        if len(touched) and layout.travel is not None:
            state.travel_mm[head] = float(reading.floats(layout.travel)[passed][touched[-1]])
        band = state.bands.get(head, Band.NO_CONTACT)
        ends = (float(pressures_kpa.min()), float(pressures_kpa.max()))
        if len(touched) == len(touches) and all(self._band(band, end_kpa) is band for end_kpa in ends):
            return  # all of them are on this side
        for pressure_kpa, touching in zip(pressures_kpa.tolist(), touches.tolist(), strict=True):
            band = self._band(band, pressure_kpa) if touching else Band.NO_CONTACT
        state.bands[head] = band

    def flush(self) -> tuple[MeterReading, ...]:
        """Nothing is held back."""
        return ()

    def _read(self, reading: Reading, index: int) -> MeterReading:
        sample = reading.first_sample + index
        heads = {each.head: self._head(each, reading, index) for each in reading.layout.heads}
        self._count_strokes(sample, reading.rate_hz)
        rate, strokes = self._rate_per_min(sample, reading.rate_hz), max(self.state.strokes.values(), default=0)
        dry = self._dry(reading, index, tuple(heads.values()))
        if not reading.layout.tells_travel:
            return MeterReading(sample, reading.time_us(index), heads, None, None, dry)
        return MeterReading(sample, reading.time_us(index), heads, strokes, rate, dry)

    def _dry(self, reading: Reading, index: int, heads: tuple[HeadMeter, ...]) -> bool:
        """Return whether the skin is dry; without two heads, the impedance between them says nothing."""
        impedance = reading.layout.impedance
        if impedance is None or len(heads) != 2:
            return False
        known = all(head.contact for head in heads)
        ohm = float(reading.floats(impedance)[index]) if known else math.inf
        return self.dryness.take(ohm, *(head.pressure_kpa for head in heads))

    def _head(self, layout: HeadLayout, reading: Reading, index: int) -> HeadMeter:
        head = layout.head
        pressure_kpa = float(reading.floats(f"pressure_{head}_kpa")[index])
        contact = bool(reading.flags(f"contact_{head}")[index])
        band = self._band(self.state.bands.get(head, Band.NO_CONTACT), pressure_kpa) if contact else Band.NO_CONTACT
        self.state.bands[head] = band
        return HeadMeter(pressure_kpa, contact, band, self._direction(layout, reading, index) if contact else 0)

    def _band(self, before: Band, pressure_kpa: float) -> Band:
        """Return the side of the band; the last side stays until the pressure is clearly on another one."""
        margin_kpa = self.settings.hysteresis_kpa
        low_kpa, high_kpa = self.state.low_kpa, self.state.high_kpa
        if before is Band.BELOW:
            low_kpa += margin_kpa
        elif before is Band.IN:
            low_kpa, high_kpa = low_kpa - margin_kpa, high_kpa + margin_kpa
        elif before is Band.ABOVE:
            high_kpa -= margin_kpa
        if pressure_kpa > high_kpa:
            return Band.ABOVE
        return Band.BELOW if pressure_kpa < low_kpa else Band.IN

    def _direction(self, layout: HeadLayout, reading: Reading, index: int) -> int:
        if layout.travel is None:
            return 0
        now_mm = float(reading.floats(layout.travel)[index])
        moved_mm = now_mm - self.state.travel_mm.get(layout.head, now_mm)
        self.state.travel_mm[layout.head] = now_mm
        still_mm = self.settings.still_mm_per_s / READINGS_PER_SECOND
        return (moved_mm > still_mm) - (moved_mm < -still_mm)

    def _count_strokes(self, sample: int, rate_hz: int) -> None:
        state = self.state
        while state.waiting and state.waiting[0].known_sample <= sample:
            stroke = state.waiting.popleft()
            if counts(state.asked, stroke.length_mm):
                state.strokes[stroke.head] = state.strokes.get(stroke.head, 0) + 1
                state.recent.append(stroke)
        oldest = sample - round(self.settings.window_s * rate_hz)
        while state.recent and state.recent[0].known_sample <= oldest:
            state.recent.popleft()

    def _rate_per_min(self, sample: int, rate_hz: int) -> float:
        oldest = sample - round(self.settings.window_s * rate_hz)
        seen = sum(min(end, sample + 1) - max(first, oldest + 1) for first, end in self._recent_runs(oldest, sample))
        observed_s = seconds_from_us(seen * period_us(rate_hz))
        if observed_s < self.settings.earliest_s:
            return 0.0
        return max(Counter(stroke.head for stroke in self.state.recent).values(), default=0) * 60 / observed_s

    def _note_run(self, reading: Reading) -> None:
        if not len(reading):
            return
        runs, first, end = self.state.runs, reading.first_sample, reading.first_sample + len(reading)
        if runs and first - runs[-1][1] < self.settings.hidden_s * reading.rate_hz:
            first = runs.pop()[0]
        runs.append((first, end))

    def _recent_runs(self, oldest: int, sample: int) -> Iterator[tuple[int, int]]:
        runs = self.state.runs
        while runs[0][1] <= oldest + 1:
            runs.popleft()
        return ((first, end) for first, end in runs if first <= sample)

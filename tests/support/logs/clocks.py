"""A host, a roller and the radio between them, with clocks that drift, wrap, restart, sleep and are set."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from glowtool.device.calendar import SteadyCalendar
from glowtool.device.host_clock import HostClock
from glowtool.drivers.gr1.incoming.account import Accountant, AccountSettings
from glowtool.model.channel import Stream
from glowtool.protocol.telemetry import FrameHeader
from glowtool.stream.clock.estimator import ClockEstimator

if TYPE_CHECKING:
    from glowtool.stream.block import FloatArray, IntArray
    from glowtool.stream.clock.model import ClockModel

RATE_HZ = 200
PER_FRAME = 10
FRAME_US = PER_FRAME * 1_000_000 // RATE_HZ
UNIX_US = 1_790_000_000_000_000
WARMING_S = 1200.0


class Trouble(enum.Enum):
    """What may disturb the relation of the two clocks."""

    DRIFT = "drift ±50 ppm, changing by ±5 ppm"
    JITTER = "radio jitter of 0–60 ms"
    WRAP = "a wrap of the 32-bit clock"
    RESET = "a restart of the roller"
    SUSPEND = "a suspend of the host"
    STEP = "a step of the host's calendar"


@dataclass(frozen=True, slots=True)
class Mapping:
    """Device times of frames (unwrapped), the true unix times, those given as they came, and the model at the end."""

    device_us: IntArray
    true_us: IntArray
    live_us: IntArray
    model: ClockModel

    @property
    def live_errors_us(self) -> IntArray:
        """By how much each time was off when it was given."""
        errors_us: IntArray = np.abs(self.live_us - self.true_us)
        return errors_us

    @property
    def errors_us(self) -> IntArray:
        """By how much each time is off in the end."""
        errors_us: IntArray = np.abs(self.model.host_times_us(self.device_us) - self.true_us)
        return errors_us


class _Host:
    """A computer: its calendar may be set, and it may sleep for `sleep_s` from `asleep_s` on."""

    def __init__(self, random: np.random.Generator, troubles: frozenset[Trouble], seconds: float) -> None:
        self.now_s = 0.0
        self.asleep_s = seconds * random.uniform(0.2, 0.8)
        self.sleep_s = random.uniform(2, 20) if Trouble.SUSPEND in troubles else 0.0
        self._set_s = seconds * random.uniform(0.2, 0.8)
        self._step_s = random.choice([-1, 1]) * 10 ** random.uniform(-1, 4) if Trouble.STEP in troubles else 0.0
        clock = HostClock(lambda: self.now_s - self._slept_s(), self._slept_s)
        self._calendar = SteadyCalendar(self._wall_us, clock.now_s)

    def unix_us(self, now_s: float) -> int:
        """Return the time that glowtool has at a true time, which must not go back."""
        self.now_s = now_s
        return self._calendar.unix_us()

    def awake_s(self, at_s: float) -> float:
        """Return when it takes in what the radio brings at this time."""
        wakes_s = self.asleep_s + self.sleep_s
        return wakes_s if self.asleep_s <= at_s < wakes_s else at_s

    def _slept_s(self) -> float:
        return self.sleep_s if self.now_s >= self.asleep_s + self.sleep_s else 0.0

    def _wall_us(self) -> int:
        return UNIX_US + round((self.now_s + (self._step_s if self.now_s >= self._set_s else 0.0)) * 1e6)


@dataclass(frozen=True, slots=True)
class _Run:
    """One run of the roller's clock: what it shows as its frames are complete, and when that is."""

    shown_us: IntArray
    complete_s: FloatArray


def mapped(seed: int, troubles: frozenset[Trouble], seconds: float = 300.0) -> Mapping:
    """Return what becomes of the times of a recording with these troubles."""
    random = np.random.default_rng(seed)
    host = _Host(random, troubles, seconds)
    runs = _runs(random, troubles, seconds)
    accountant = Accountant(AccountSettings(RATE_HZ, int(runs[0].shown_us[0])))
    clock = ClockEstimator()
    host.unix_us(0.0)
    rows: list[tuple[int, int, int]] = []
    for run in runs:
        accountant.begin()
        radio_s = random.uniform(0, 0.06, len(run.complete_s)) if Trouble.JITTER in troubles else 0.0
        arrives_s = np.maximum.accumulate(run.complete_s + radio_s)
        for number, at_s in enumerate(arrives_s.tolist()):
            awake_s = host.awake_s(at_s)
            if awake_s - at_s > 0.5:
                continue  # nobody took it
            start_us = (int(run.shown_us[number]) - FRAME_US) % 2**32
            header = FrameHeader(Stream.FAST, PER_FRAME, number % 2**16, start_us, number * PER_FRAME)
            placement = accountant.process(header)
            if placement.reset:
                clock.reset()
            complete_us = placement.device_time_us + FRAME_US
            clock.process(complete_us, host.unix_us(awake_s))
            assert clock.line is not None
            true_us = UNIX_US + round(float(run.complete_s[number]) * 1e6)
            # The sample that was just taken, one period before the frame was complete, would be as far off.
            rows.append((complete_us - 1, true_us - 1, clock.line.host_time_us(complete_us - 1)))
    assert clock.model is not None
    device_us, true_times_us, live_us = np.array(rows, np.int64).T
    return Mapping(device_us, true_times_us, live_us, clock.model)


def _runs(random: np.random.Generator, troubles: frozenset[Trouble], seconds: float) -> list[_Run]:
    wraps = Trouble.WRAP in troubles
    first_us = 2**32 - round(seconds * random.uniform(0.1, 0.4) * 1e6) if wraps else 10_000_000
    if Trouble.RESET not in troubles:
        return [_run(random, troubles, first_us, 0.0, seconds)]
    falls_s = seconds * random.uniform(0.5, 0.9)
    back_s = falls_s + random.uniform(2, 8)
    anew_us = round(random.uniform(0.3, 3) * 1e6)
    return [_run(random, troubles, first_us, 0.0, falls_s), _run(random, troubles, anew_us, back_s, seconds)]


def _run(random: np.random.Generator, troubles: frozenset[Trouble], shown_us: int, from_s: float, to_s: float) -> _Run:
    since_us = FRAME_US * np.arange(1, round((to_s - from_s) * RATE_HZ / PER_FRAME), dtype=np.int64)
    since_s = since_us * 1e-6
    late_s = np.zeros(len(since_us))
    if Trouble.DRIFT in troubles:
        turn = 2 * np.pi / WARMING_S
        phase, warming_ppm = random.uniform(0, 2 * np.pi), random.uniform(-5, 5)
        warming = warming_ppm / turn * (np.sin(turn * since_s + phase) - np.sin(phase))
        late_s = 1e-6 * (random.uniform(-50, 50) * since_s + warming)
    return _Run(shown_us + since_us, from_s + since_s + late_s)

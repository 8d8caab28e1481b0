"""Recordings for tests of the analysis, made up by a hand that strokes at a steady rhythm."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from glowtool.analysis.recordings.recording import Bools, Facts, Gap, Recording, Samples, StepInfo, Strokes
from glowtool.model.face import Direction, Zone
from support.logs.streams import LAYOUT

RATE_HZ = 200
STROKE_S = 2.0

FACTS = Facts(
    session_id="20261122T154100Z-3f9a1c",
    started_utc="2026-11-22T15:41:00+00:00",
    ending="completed",
    routine_name="first-glow",
    routine_title="First glow",
    device_name="GR-1 4F2A",
    counters={
        "sent": 912,
        "received": 912,
        "lost": 0,
        "duplicate": 0,
        "late": 0,
        "decode_errors": 0,
        "dropped": 0,
        "unsettled": 0,
    },
)


@dataclass(frozen=True, slots=True)
class Plan:
    """One step of a made-up massage: where, and how hard each head presses."""

    zone: Zone
    left_kpa: float
    right_kpa: float
    direction: Direction = Direction.UPWARD
    duration_s: float = 15.0
    band_kpa: tuple[float, float] = (2.0, 5.0)


FIRST_GLOW = (
    Plan(Zone.CHEEK_LEFT, 3.8, 3.2),
    Plan(Zone.CHEEK_RIGHT, 2.1, 1.4),
    Plan(Zone.FOREHEAD_LEFT, 5.6, 5.9, Direction.OUTWARD),
)


def massage(plans: tuple[Plan, ...] = FIRST_GLOW, *, rate_hz: int = RATE_HZ, seed: int = 7) -> Recording:
    """Return a massage whose strokes last 1.7 s of every 2 s, with lifts between, a second of idling at both ends."""
    rng = np.random.default_rng(seed)
    total_s = 2.0 + sum(plan.duration_s for plan in plans)
    count = round(total_s * rate_hz)
    time_s = np.arange(count) / rate_hz
    phase = ((time_s - 1.0) % STROKE_S) / 1.7
    working = (time_s >= 1.0) & (time_s < total_s - 1.0) & (phase < 1)
    step, target = np.full(count, -1, np.int64), np.zeros((2, count))
    infos, start_s = [], 1.0
    for index, plan in enumerate(plans):
        inside = (time_s >= start_s) & (time_s < start_s + plan.duration_s)
        step[inside], target[0, inside], target[1, inside] = index, plan.left_kpa, plan.right_kpa
        infos.append(_info(index, plan, start_s))
        start_s += plan.duration_s
    shape = np.clip(1.25 * np.sin(np.pi * np.clip(phase, 0, 1)) ** 0.5, 0, None)
    pressure = np.where(working, target * shape + rng.normal(0, 0.12, (2, count)), rng.normal(0, 0.01, (2, count)))
    pressure = np.clip(pressure, 0, 40)
    contact = pressure > 0.3
    ramp = np.clip((time_s - 1.0) / 4.0, 0, 1) * (step >= 0)
    samples = Samples(
        sample=np.arange(count, dtype=np.int64),
        device_time_us=np.round(time_s * 1e6).astype(np.int64),
        step=step,
        pressure_kpa=dict(zip(LAYOUT.names, pressure, strict=True)),
        contact=dict(zip(LAYOUT.names, contact, strict=True)),
        amplitude=0.4 * ramp,
        peak_ua=120 * ramp * (contact[0] & contact[1]),
        cells_kpa={f"pressure_{cell}": pressure[int(cell[0] == "r")] for cell in ("lf", "lr", "rf", "rr")},
    )
    return Recording(FACTS, rate_hz, samples, _strokes(tuple(infos), rng), (), tuple(infos), LAYOUT)


def without_samples(recording: Recording, first: int, count: int) -> Recording:
    """Return the recording with a run of samples lost."""
    kept = np.ones(len(recording.samples), np.bool_)
    kept[first : first + count] = False
    return replace(recording, samples=picked(recording.samples, kept), gaps=(*recording.gaps, Gap(first, count)))


def picked(samples: Samples, kept: Bools) -> Samples:
    """Return the samples that a mask selects."""
    return replace(
        samples,
        sample=samples.sample[kept],
        device_time_us=samples.device_time_us[kept],
        step=samples.step[kept],
        pressure_kpa={head: values[kept] for head, values in samples.pressure_kpa.items()},
        contact={head: values[kept] for head, values in samples.contact.items()},
        amplitude=None if samples.amplitude is None else samples.amplitude[kept],
        peak_ua=None if samples.peak_ua is None else samples.peak_ua[kept],
        cells_kpa={name: values[kept] for name, values in samples.cells_kpa.items()},
    )


def _info(index: int, plan: Plan, start_s: float) -> StepInfo:
    span = (round(start_s * 1e6), round((start_s + plan.duration_s) * 1e6))
    title = plan.zone.name.replace("_", " ").capitalize()
    return StepInfo(index, title, plan.zone, plan.direction, plan.duration_s, *plan.band_kpa, (span,))


def _strokes(steps: tuple[StepInfo, ...], rng: np.random.Generator) -> Strokes:
    rows = []
    for step in steps:
        for start_us, end_us in step.spans_us:
            for begin_us in range(start_us, end_us - 1_700_000, 2_000_000):
                jitter_us = int(rng.integers(0, 60_000))
                for is_left in (True, False):
                    sign = -1 if rng.random() < 0.1 and is_left else 1
                    length_mm = sign * (60 + rng.normal(0, 4))
                    peak_kpa = 4.5 + rng.normal(0, 0.3)
                    rows.append((is_left, begin_us + jitter_us, begin_us + 1_700_000, length_mm, peak_kpa, step.index))
    return strokes_of(rows)


def strokes_of(rows: list[tuple[bool, int, int, float, float, int]]) -> Strokes:
    """Return strokes from rows of (is_left, start_us, end_us, length_mm, peak_kpa, step)."""
    return Strokes(
        np.array(["l" if row[0] else "r" for row in rows], np.str_),
        np.array([row[1] for row in rows], np.int64),
        np.array([row[2] for row in rows], np.int64),
        np.array([row[3] for row in rows], np.float64),
        np.array([row[4] for row in rows], np.float64),
        np.array([row[5] for row in rows], np.int64),
    )

"""Telemetry made by hand: samples, frames and readings for tests of the stream and the store."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from glowtool.model.channel import Stream
from glowtool.protocol.channels import ALL_FAST, CHANNELS, select
from glowtool.protocol.samples import encode_frame, sample_dtype
from glowtool.protocol.telemetry import FrameHeader
from glowtool.stream.block import Columns, Reading, period_us
from glowtool.stream.heads import Head
from glowtool.stream.layout import layout_of

FAST = select(CHANNELS, Stream.FAST, ALL_FAST)
LAYOUT = layout_of(FAST)
SLOW = select(CHANNELS, Stream.SLOW, ALL_FAST)
DTYPE = sample_dtype(FAST)
RATE_HZ = 200
START_US = 5_000_000
HOST_US = 1_790_000_000_000_000

Raw = npt.NDArray[np.void]


def rolled(count: int, *, rate_hz: int = RATE_HZ, period_s: float = 2.0, length_mm: float = 60.0) -> Raw:
    """Return samples of both heads rolling to and fro at 3 kPa."""
    raw = np.zeros(count, DTYPE)
    time_s = np.arange(count) / rate_hz
    for name in ("pressure_lf", "pressure_lr", "pressure_rf", "pressure_rr"):
        raw[name] = 300 + np.arange(count) % 3
    for name in ("travel_l", "travel_r"):
        raw[name] = np.rint(-5 * length_mm * np.cos(2 * np.pi * time_s / period_s)).astype(np.int16)
    raw["impedance"] = 120
    return raw


def random_raw(seed: int, count: int) -> Raw:
    """Return samples that wander through all that the sensors can say, wrapping travel and lifted heads included."""
    random = np.random.default_rng(seed)
    raw = np.zeros(count, DTYPE)
    for side in "lr":
        pressed = np.abs(np.cumsum(random.normal(0, 12, count))) * (np.sin(np.arange(count) / 37) > -0.6)
        for cell in "fr":
            raw[f"pressure_{side}{cell}"] = np.clip(pressed + random.normal(8, 5, count), 0, 4000)
        speed = 15 * np.sin(np.arange(count) / random.uniform(20, 90))
        travel = 32_700 + np.cumsum(speed + random.normal(0, 2, count))
        raw[f"travel_{side}"] = travel.astype(np.int64).astype(np.int16)
    raw["impedance"] = random.choice([100, 65_535], count)
    raw["vibration"] = random.integers(0, 200, count)
    raw["peak_current"] = random.integers(0, 200, count)
    return raw


def fast_frames(raw: Raw, *, per_frame: int = 10, rate_hz: int = RATE_HZ, start_us: int = START_US) -> list[bytes]:
    """Return samples as fast frames, sequence numbers from 0."""
    frames = []
    for number, at in enumerate(range(0, len(raw), per_frame)):
        piece = raw[at : at + per_frame]
        time_us = (start_us + at * period_us(rate_hz)) % 2**32
        header = FrameHeader(Stream.FAST, len(piece), number % 65_536, time_us, at)
        frames.append(encode_frame(header, piece))
    return frames


def head_reading(
    travel_mm: npt.NDArray[np.float64],
    pressure_kpa: npt.NDArray[np.float64],
    contact: npt.NDArray[np.bool_],
    *,
    head: Head = Head.LEFT,
    rate_hz: int = RATE_HZ,
    first_sample: int = 0,
) -> Reading:
    """Return a reading in which one head does this and the other one hangs in the air."""
    count = len(travel_mm)
    index = first_sample + np.arange(count, dtype=np.int64)
    columns: Columns = {"sample": index, "device_time_us": index * period_us(rate_hz)}
    for each in LAYOUT.names:
        mine = each is head
        columns[f"travel_{each}_mm"] = travel_mm if mine else np.zeros(count)
        columns[f"pressure_{each}_kpa"] = pressure_kpa if mine else np.zeros(count)
        columns[f"contact_{each}"] = contact if mine else np.zeros(count, dtype=np.bool_)
    return Reading(
        first_sample, rate_hz, first_sample * period_us(rate_hz), count, columns, replace(LAYOUT, impedance=None)
    )

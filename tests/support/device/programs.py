"""Hypothesis strategies for programs: valid ones, and ones with raw values of any size."""

import struct
from typing import Final

from hypothesis import strategies as st

from glowtool.model.dwell import overruns, stretches
from glowtool.model.face import Direction, Zone
from glowtool.model.output import Pattern, Waveform
from glowtool.protocol.program import StepRecord
from glowtool.protocol.wire import FieldLayout, layout

_FIELDS: Final = layout(StepRecord)


def raw_program(steps: list[StepRecord]) -> bytes:
    """Pack a program without any check of ranges, as a hostile or broken host could."""
    packer = struct.Struct("<" + "".join(item.wire.code for item in _FIELDS))
    return b"".join(packer.pack(*(int(getattr(step, item.name)) for item in _FIELDS)) for step in steps)


@st.composite
def valid_steps(draw: st.DrawFn, *, max_duration_ms: int = 300_000) -> StepRecord:
    """Draw a step that the protocol allows; zones and bands are any."""
    waveform = draw(st.sampled_from(Waveform))
    band_low, band_high = sorted((draw(st.integers(0, 4000)), draw(st.integers(0, 4000))))
    return StepRecord(
        zone=draw(st.sampled_from(Zone)),
        direction=draw(st.sampled_from(Direction)),
        pattern=draw(st.sampled_from(Pattern)),
        waveform=waveform,
        duration_ms=draw(st.integers(1000, max_duration_ms)),
        amplitude_permille=draw(st.integers(0, 1000)),
        vibration_dhz=draw(st.integers(400, 1500)),
        pattern_period_ms=draw(st.integers(250, 10_000)),
        peak_ua=0 if waveform is Waveform.NONE else draw(st.integers(1, 400)),
        current_dhz=draw(st.integers(10, 1000)),
        ramp_ms=draw(st.integers(4000, 60_000)),
        band_low=band_low,
        band_high=band_high,
    )


def _near_the_edges(item: FieldLayout) -> st.SearchStrategy[int]:
    low, high = item.wire.minimum, item.wire.maximum
    edges = {low - 1, low, high, high + 1, item.wire.lowest, item.wire.highest}
    return st.sampled_from(sorted(value for value in edges if item.wire.lowest <= value <= item.wire.highest))


@st.composite
def any_steps(draw: st.DrawFn) -> StepRecord:
    """Draw a valid step and set up to two of its fields to values at, or just beyond, the edges."""
    step = draw(valid_steps())
    values = {item.name: int(getattr(step, item.name)) for item in _FIELDS}
    for item in draw(st.lists(st.sampled_from(_FIELDS), max_size=2)):
        values[item.name] = draw(_near_the_edges(item))
    return StepRecord(**values)  # type: ignore[arg-type]  # numbers where members belong are the point of it


def any_programs() -> st.SearchStrategy[list[StepRecord]]:
    """Draw a program of none to a few steps, some of which are not allowed."""
    return st.lists(st.one_of(valid_steps(), any_steps()), max_size=6)


def valid_programs() -> st.SearchStrategy[list[StepRecord]]:
    """Draw a program that the protocol allows."""
    steps = st.lists(valid_steps(max_duration_ms=150_000), min_size=1, max_size=8)
    return steps.filter(lambda program: not overruns(stretches(program), 300_000))

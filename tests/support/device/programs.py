"""Hypothesis strategies for programs: valid ones, and ones with raw values of any size."""

import struct
from dataclasses import replace
from typing import Final

from hypothesis import strategies as st

from glowtool.model.dwell import overruns, stretches
from glowtool.model.face import Direction, Zone
from glowtool.model.output import Pattern, Waveform
from glowtool.protocol.program import KEYFRAME_MARK, KeyframeRecord, StepRecord
from glowtool.protocol.wire import FieldLayout, layout

_FIELDS: Final = layout(StepRecord)

#: The numbers of a keyframe; its mark and its reserved bytes have one value, and a host has no word for another.
_OF_KEYFRAME: Final = [item for item in layout(KeyframeRecord) if item.low != item.high]


def raw_program(steps: list[StepRecord]) -> bytes:
    """Pack a program without any check of ranges, as a hostile or broken host could."""
    return b"".join(_raw(step) + b"".join(map(_raw, step.keyframes)) for step in steps)


def _raw(record: StepRecord | KeyframeRecord) -> bytes:
    fields = layout(type(record))
    return struct.pack("<" + "".join(item.wire.code for item in fields), *(getattr(record, x.name) for x in fields))


@st.composite
def valid_keyframes(draw: st.DrawFn, duration_ms: int, *, current: bool) -> tuple[KeyframeRecord, ...]:
    """Draw keyframes, mostly none, that the protocol allows in a step of this duration."""
    if draw(st.booleans()):
        return ()
    moments = draw(st.lists(st.integers(1, duration_ms), unique=True, max_size=4).map(sorted))
    return tuple(
        KeyframeRecord(
            KEYFRAME_MARK, 0, 0, at_ms,
            draw(st.integers(0, 1000)), draw(st.integers(400, 1500)), 0,
            draw(st.integers(0, 400)) if current else 0, draw(st.integers(10, 1000)), 0, 0,
        )
        for at_ms in moments
    )  # fmt: skip


@st.composite
def valid_steps(draw: st.DrawFn, *, max_duration_ms: int = 300_000) -> StepRecord:
    """Draw a step that the protocol allows; zones and bands are any."""
    waveform = draw(st.sampled_from(Waveform))
    band_low, band_high = sorted((draw(st.integers(0, 4000)), draw(st.integers(0, 4000))))
    duration_ms = draw(st.integers(1000, max_duration_ms))
    keyframes = draw(valid_keyframes(duration_ms, current=waveform is not Waveform.NONE))
    begins_later = any(point.peak_ua for point in keyframes)
    return StepRecord(
        zone=draw(st.sampled_from(Zone)),
        direction=draw(st.sampled_from(Direction)),
        pattern=draw(st.sampled_from(Pattern)),
        waveform=waveform,
        duration_ms=duration_ms,
        amplitude_permille=draw(st.integers(0, 1000)),
        vibration_dhz=draw(st.integers(400, 1500)),
        pattern_period_ms=draw(st.integers(250, 10_000)),
        peak_ua=0 if waveform is Waveform.NONE else draw(st.integers(0 if begins_later else 1, 400)),
        current_dhz=draw(st.integers(10, 1000)),
        ramp_ms=draw(st.integers(4000, 60_000)),
        band_low=band_low,
        band_high=band_high,
        keyframes=keyframes,
    )


def _near_the_edges(item: FieldLayout) -> st.SearchStrategy[int]:
    low, high = item.wire.minimum, item.wire.maximum
    edges = {low - 1, low, high, high + 1, item.wire.lowest, item.wire.highest}
    return st.sampled_from(sorted(value for value in edges if item.wire.lowest <= value <= item.wire.highest))


@st.composite
def any_steps(draw: st.DrawFn) -> StepRecord:
    """Draw a valid step and set up to two fields of it, or of a keyframe, to values at, or just beyond, the edges."""
    step = draw(valid_steps())
    if draw(st.booleans()) and step.keyframes:
        place = draw(st.integers(0, len(step.keyframes) - 1))
        changes = {
            item.name: draw(_near_the_edges(item)) for item in draw(st.lists(st.sampled_from(_OF_KEYFRAME), max_size=2))
        }
        spoilt = replace(step.keyframes[place], **changes)
        return replace(step, keyframes=(*step.keyframes[:place], spoilt, *step.keyframes[place + 1 :]))
    values = {item.name: int(getattr(step, item.name)) for item in _FIELDS}
    for item in draw(st.lists(st.sampled_from(_FIELDS), max_size=2)):
        values[item.name] = draw(_near_the_edges(item))
    # Numbers where members belong are the point of it.
    return StepRecord(keyframes=step.keyframes, **values)  # type: ignore[arg-type]


def any_programs() -> st.SearchStrategy[list[StepRecord]]:
    """Draw a program of none to a few steps, some of which are not allowed."""
    return st.lists(st.one_of(valid_steps(), any_steps()), max_size=6)


def valid_programs() -> st.SearchStrategy[list[StepRecord]]:
    """Draw a program that the protocol allows."""
    steps = st.lists(valid_steps(max_duration_ms=150_000), min_size=1, max_size=8)
    return steps.filter(lambda program: not overruns(stretches(program), 300_000))

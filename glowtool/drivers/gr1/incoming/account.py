"""The account of a telemetry stream: frames received and frames missing, from their headers alone."""

from __future__ import annotations

import enum
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from glowtool.model.channel import Stream
from glowtool.protocol.telemetry import SLOW_RATE_HZ
from glowtool.stream.arrivals import Books, Gap
from glowtool.stream.block import period_us
from glowtool.stream.wrap import unwrap

if TYPE_CHECKING:
    from glowtool.protocol.telemetry import FrameHeader

_SEQUENCE_BITS: Final = 16
_COUNTER_BITS: Final = 32
_COUNTER_MASK: Final = (1 << _COUNTER_BITS) - 1

#: Frames whose headers are remembered, to tell a copy from a restarted stream.
_MEMORY: Final = 1024

#: Within one stream, device time minus sample index × period moves by less than this from frame to frame.
_ANCHOR_TOLERANCE_US: Final = 100_000


class Fate(enum.Enum):
    """The fate of a frame."""

    USED = enum.auto()
    LATE = enum.auto()
    DUPLICATE = enum.auto()


@dataclass(frozen=True, slots=True)
class Placement:
    """The result of a header: the frame's fate and its unwrapped position.

    `gap` names fast samples that are missing right before it; `overlap` counts those at its head that were there
    already (a correct device sends none); `reset` says that the device restarted its numbers with this frame.
    """

    fate: Fate
    first_sample: int = 0
    device_time_us: int = 0
    gap: Gap | None = None
    overlap: int = 0
    reset: bool = False


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """`rate_hz` of the fast stream; `device_time_us`: the 64-bit device time near the start, to unwrap the first frame.

    `first_sequence` is the number of the first frame; a device starts at 0.
    """

    rate_hz: int
    device_time_us: int = 0
    first_sequence: int = 0


@dataclass(slots=True)
class AccountState:
    """The books of one numbering (from a telemetry start to the next), and the sums of those before it.

    `open`: it runs, and its end is not known; `closed`: its books are. `fresh`: none of its frames has come.
    """

    next_sequence: int
    last_time_us: int
    fast_end_us: int | None = None
    open: bool = False
    closed: bool = False
    fresh: bool = True
    unsettled: int = 0
    next_sample: dict[Stream, int] = field(default_factory=lambda: dict.fromkeys(Stream, 0))
    anchors_us: dict[Stream, int] = field(default_factory=dict)
    missing: set[int] = field(default_factory=set)
    seen: dict[int, tuple[int, int]] = field(default_factory=dict)
    frames_before: int = 0
    sample_base: dict[Stream, int] = field(default_factory=lambda: dict.fromkeys(Stream, 0))
    time_shift_us: int = 0
    received: int = 0
    duplicate: int = 0
    late: int = 0


class Accountant:
    """Takes the header of every frame in order of arrival, and returns the frame's fate."""

    def __init__(self, settings: AccountSettings) -> None:
        self.settings = settings
        self.state = AccountState(settings.first_sequence, settings.device_time_us)
        self._periods_us = {Stream.FAST: period_us(settings.rate_hz), Stream.SLOW: period_us(SLOW_RATE_HZ)}

    def process(self, header: FrameHeader) -> Placement:
        """Enter one frame."""
        state = self.state
        sequence = unwrap(header.sequence, state.next_sequence, _SEQUENCE_BITS)
        reset = self._began_anew(header, sequence)
        if reset:
            self.begin()
        if state.fresh:
            reset = self._take_up(header, reset=reset)
            first = self.settings.first_sequence
            sequence = first + (header.sequence - first) % (1 << _SEQUENCE_BITS)
        elif sequence < state.next_sequence:
            return self._enter_old(header, sequence)
        return self._enter_new(header, sequence, reset=reset)

    def follow(self, header: FrameHeader, placement: Placement, frames: int) -> bool:
        """Enter `frames` more fast frames that come right behind this one, which was just used; return whether it can.

        Each is as long as the one before, one number, so many samples and so much time further on: to enter them in one
        step is the same as to enter one by one. It cannot be done where samples of the first were there already.
        """
        state, period = self.state, self._periods_us[Stream.FAST]
        if placement.first_sample + header.count != state.next_sample[Stream.FAST]:
            return False
        times_us = range(header.device_time_us, sys.maxsize, header.count * period)
        samples = range(header.first_sample, sys.maxsize, header.count)
        shown = (0, 0)
        for further in range(max(1, frames - _MEMORY + 1), frames + 1):
            shown = times_us[further] & _COUNTER_MASK, samples[further] & _COUNTER_MASK
            state.seen[state.next_sequence + further - 1] = shown
        state.anchors_us[Stream.FAST] = shown[0] - shown[1] * period
        self._forget_old()
        last = (frames + 1) * header.count
        state.next_sequence += frames
        state.received += frames
        state.next_sample[Stream.FAST] = placement.first_sample + last
        state.last_time_us = max(state.last_time_us, placement.device_time_us + (last - 1) * period)
        state.fast_end_us = placement.device_time_us + last * period
        return True

    def begin(self) -> None:
        """Note that telemetry was started: the device numbers from the beginning.

        The first stream needs no such word. A stream before that was not closed stays unsettled.
        """
        state = self.state
        if state.open:
            self.close(None)
        state.open, state.closed = True, False
        state.fresh = True
        state.frames_before += state.next_sequence - self.settings.first_sequence
        state.next_sequence = self.settings.first_sequence
        state.missing.clear()
        state.seen.clear()
        state.anchors_us.clear()

    def close(self, frames_sent: int | None) -> Books:
        """Settle the books of the stream with the number of frames that the device says it sent since telemetry start.

        None, or a number smaller than what it had numbered already, leaves it unsettled. Nothing happens when it was
        closed before, or when nothing is known of any stream.
        """
        state = self.state
        if state.closed or (not state.open and frames_sent is None):
            return self.books
        end = self.settings.first_sequence + (-1 if frames_sent is None else frames_sent)
        if end < state.next_sequence:
            state.unsettled += 1
        state.next_sequence = max(state.next_sequence, end)
        state.open, state.closed = False, True
        return self.books

    @property
    def books(self) -> Books:
        """The books so far."""
        state = self.state
        numbered = state.frames_before + state.next_sequence - self.settings.first_sequence
        return Books(
            sent=numbered + state.duplicate,
            received=state.received,
            lost=numbered - state.received - state.late,
            duplicate=state.duplicate,
            late=state.late,
            unsettled=state.unsettled + state.open,
        )

    def _anchor_us(self, header: FrameHeader) -> int:
        return header.device_time_us - header.first_sample * self._periods_us[header.kind]

    def _began_anew(self, header: FrameHeader, sequence: int) -> bool:
        known = self.state.seen.get(sequence)
        if known is not None:
            return known != (header.device_time_us, header.first_sample)
        anchor_us = self.state.anchors_us.get(header.kind)
        if anchor_us is None:
            return False
        moved_us = unwrap(self._anchor_us(header) - anchor_us, 0, _COUNTER_BITS)
        return abs(moved_us) > _ANCHOR_TOLERANCE_US

    def _take_up(self, header: FrameHeader, *, reset: bool) -> bool:
        """Go on from the streams before, samples counted on; return whether the device's clock restarted as well.

        When telemetry was started again, the samples that were not taken in between are a gap like any other. When the
        device restarted by itself, nobody knows how long that took: the samples follow one another, and device time
        goes on without a jump back.
        """
        state = self.state
        state.open, state.fresh = True, False
        state.sample_base = dict(state.next_sample)
        if state.fast_end_us is None:
            return reset
        period = self._periods_us[Stream.FAST]
        shown_us = unwrap(header.device_time_us + state.time_shift_us, state.last_time_us, _COUNTER_BITS)
        if shown_us <= state.last_time_us:
            state.time_shift_us += state.last_time_us + period - shown_us
            return True
        if not reset:
            start_us = shown_us - header.first_sample * self._periods_us[header.kind]
            state.sample_base[Stream.FAST] += max(0, round((start_us - state.fast_end_us) / period))
        return reset

    def _enter_old(self, header: FrameHeader, sequence: int) -> Placement:
        state = self.state
        if sequence not in state.missing:
            state.duplicate += 1
            return Placement(Fate.DUPLICATE)
        state.missing.remove(sequence)
        state.seen[sequence] = (header.device_time_us, header.first_sample)
        state.late += 1
        return Placement(Fate.LATE)

    def _enter_new(self, header: FrameHeader, sequence: int, *, reset: bool) -> Placement:
        state = self.state
        state.missing.update(range(state.next_sequence, sequence))
        state.next_sequence = sequence + 1
        state.received += 1
        self._remember(header, sequence)
        period = self._periods_us[header.kind]
        expected, base = state.next_sample[header.kind], state.sample_base[header.kind]
        first = base + unwrap(header.first_sample, expected - base, _COUNTER_BITS)
        time_us = unwrap(header.device_time_us + state.time_shift_us, state.last_time_us, _COUNTER_BITS)
        missing = first - expected
        state.next_sample[header.kind] = max(expected, first + header.count)
        state.last_time_us = max(state.last_time_us, time_us + (header.count - 1) * period)
        gap = None
        if header.kind is Stream.FAST:
            state.fast_end_us = time_us + header.count * period
            if missing > 0:
                gap = Gap(expected, missing, time_us - missing * period)
        return Placement(Fate.USED, first, time_us, gap, min(max(0, -missing), header.count), reset)

    def _forget_old(self) -> None:
        seen = self.state.seen
        while len(seen) > _MEMORY:
            del seen[next(iter(seen))]

    def _remember(self, header: FrameHeader, sequence: int) -> None:
        state = self.state
        state.anchors_us[header.kind] = self._anchor_us(header)
        state.seen[sequence] = (header.device_time_us, header.first_sample)
        self._forget_old()
        if len(state.missing) > 1 << _SEQUENCE_BITS:
            # Older ones cannot be told from frames to come.
            oldest = state.next_sequence - (1 << _SEQUENCE_BITS - 1)
            state.missing = {number for number in state.missing if number >= oldest}

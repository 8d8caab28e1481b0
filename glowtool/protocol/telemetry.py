"""Telemetry frames: a header that shows losses, then samples packed by the channel table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from glowtool.model.channel import Stream
from glowtool.protocol.wire import U8, U16, U32, Message, decode, packer

#: An ATT notification carries this many bytes less than the MTU (Core Specification, Vol 3, Part F, 3.4.7.1).
NOTIFICATION_OVERHEAD: Final = 3

#: A frame covers at most this long, so that a live meter does not lag.
FRAME_SPAN_S: Final = 0.05

#: Slow channels are sent this often.
SLOW_RATE_HZ: Final = 1


@dataclass(frozen=True, slots=True)
class FrameHeader(Message):
    """The head of every frame. Sequence numbers count frames of all kinds together."""

    kind: Annotated[Stream, U8("1: fast channels, 2: slow channels")]
    count: Annotated[int, U8("number of samples in the frame", low=1)]
    sequence: Annotated[int, U16("number of the frame since telemetry start, modulo 65 536")]
    device_time_us: Annotated[int, U32("device clock at the first sample, modulo 2^32", unit="µs")]
    first_sample: Annotated[int, U32("index of the first sample since telemetry start, modulo 2^32")]


_HEADER: Final = packer(FrameHeader)
_KINDS: Final = {int(kind): kind for kind in Stream}

HEADER_SIZE: Final = _HEADER.size


def decode_header(data: bytes | bytearray) -> FrameHeader:
    """Return the header of a frame, as `decode` does in ten times the time; raises `DecodeError`."""
    if len(data) >= HEADER_SIZE:
        number, count, sequence, device_time_us, first_sample = _HEADER.unpack_from(data)
        kind = _KINDS.get(number)
        if kind is not None and count:
            return FrameHeader(kind, count, sequence, device_time_us, first_sample)
    return decode(FrameHeader, data)


def samples_per_frame(rate_hz: int, sample_size: int, mtu: int) -> int:
    """Return the number of samples in a fast frame: as many as the span and the MTU allow; 0 if not even one fits."""
    room = (mtu - NOTIFICATION_OVERHEAD - HEADER_SIZE) // sample_size
    return max(0, min(room, max(1, round(rate_hz * FRAME_SPAN_S)), 255))


def bytes_per_second(rate_hz: int, sample_size: int, per_frame: int, slow_size: int) -> int:
    """Return the payload of a stream in bytes a second, including headers and the slow stream, rounded up."""
    fast = -(-rate_hz * (per_frame * sample_size + HEADER_SIZE) // per_frame)
    return fast + (slow_size + HEADER_SIZE) * SLOW_RATE_HZ

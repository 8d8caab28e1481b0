"""The samples of a frame as numpy arrays; the rest of the protocol does not need numpy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from glowtool.errors import DecodeError
from glowtool.model.names import words_of
from glowtool.protocol.telemetry import HEADER_SIZE, FrameHeader, decode_header
from glowtool.protocol.wire import encode

if TYPE_CHECKING:
    import numpy.typing as npt

    from glowtool.model.channel import Channel, Stream

#: Bytes of the SIG's other formats that fill whole bytes (Assigned Numbers, 2.4.1): a later channel is stepped over.
_FURTHER_BYTES: Final = {
    0x07: 3, 0x08: 4, 0x09: 6, 0x0A: 8, 0x0B: 16, 0x0C: 1, 0x0F: 3, 0x10: 4, 0x11: 6, 0x12: 8, 0x13: 16, 0x14: 4,
    0x15: 8, 0x16: 2, 0x17: 4,
}  # fmt: skip


def dtype_of(channel: Channel) -> np.dtype[np.generic]:
    """Return the dtype of a channel's raw value in a frame: plain bytes where only the width of its format is known.

    Raises `DecodeError` when not even the width is known: nothing behind such a value can be found in a frame.
    """
    number = channel.row.format
    if number.is_known:
        return np.dtype(number.type_name).newbyteorder("<")
    if int(number) in _FURTHER_BYTES:
        return np.dtype((np.void, _FURTHER_BYTES[int(number)]))
    raise DecodeError(
        f"channel table: {channel.name} has format {int(number)}, and how many bytes that takes is not known, so its "
        f"{words_of(channel.row.stream)} frames cannot be read",
        advice="update glowtool",
    )


def sample_dtype(channels: tuple[Channel, ...]) -> np.dtype[np.void]:
    """Return the packed structured dtype of one sample of these channels, one named field each."""
    return np.dtype([(channel.name, dtype_of(channel)) for channel in channels])


@dataclass(frozen=True, slots=True)
class Frame:
    """A decoded frame: its header and its samples, shape (count,), structured by channel."""

    header: FrameHeader
    samples: npt.NDArray[np.void]


def encode_frame(header: FrameHeader, samples: npt.NDArray[np.void]) -> bytes:
    """Encode a frame; raises `ValueError` when the header's count is not the number of samples."""
    if len(samples) != header.count:
        raise ValueError(f"the header announces {header.count} samples, there are {len(samples)}")
    return encode(header) + samples.tobytes()


def decode_frame(data: bytes | bytearray, dtypes: dict[Stream, np.dtype[np.void]]) -> Frame:
    """Decode a frame with the dtype of each stream, without a loop over samples; raises `DecodeError`."""
    header = decode_header(data)
    dtype = dtypes.get(header.kind)
    if dtype is None:
        raise DecodeError(f"frame {header.sequence}: stream {header.kind.name} has no known channels")
    wanted = HEADER_SIZE + header.count * dtype.itemsize
    if len(data) != wanted:
        raise DecodeError(
            f"frame {header.sequence}: {header.count} samples of {dtype.itemsize} bytes make {wanted} bytes, "
            f"got {len(data)}"
        )
    return Frame(header, np.frombuffer(bytes(data), dtype=dtype, offset=HEADER_SIZE))

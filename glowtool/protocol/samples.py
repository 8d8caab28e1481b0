"""The samples of a frame as numpy reads them; the rest of the protocol does not need numpy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from glowtool.errors import DecodeError
from glowtool.model.channel import Format
from glowtool.protocol.telemetry import HEADER_SIZE, FrameHeader
from glowtool.protocol.wire import decode, encode

if TYPE_CHECKING:
    import numpy.typing as npt

    from glowtool.model.channel import Channel, Stream

_DTYPES: Final[dict[Format, str]] = {Format.UINT8: "u1", Format.UINT16: "<u2", Format.SINT16: "<i2"}


def dtype_of(channel: Channel) -> np.dtype[np.generic]:
    """Return the numpy dtype of one raw value of a channel."""
    return np.dtype(_DTYPES[channel.row.format])


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
    header = decode(FrameHeader, data)
    dtype = dtypes.get(header.kind)
    if dtype is None:
        raise DecodeError(f"frame {header.sequence}: no channels are known for stream {header.kind.name}")
    wanted = HEADER_SIZE + header.count * dtype.itemsize
    if len(data) != wanted:
        raise DecodeError(
            f"frame {header.sequence}: {header.count} samples of {dtype.itemsize} bytes make {wanted} bytes, "
            f"got {len(data)}"
        )
    return Frame(header, np.frombuffer(bytes(data), dtype=dtype, offset=HEADER_SIZE))

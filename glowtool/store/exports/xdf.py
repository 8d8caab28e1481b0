"""XDF, the files of the Lab Streaming Layer: samples, gaps, strokes and events as streams with a time for each row.

A tool may smooth the times of a stream that states a rate, and would close the gaps. So samples state their rate only
where none is missing; else the stream is an irregular one, and its description has the rate. Times are the device's
clock in seconds; the description of each stream has the model that leads to unix time.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

import numpy as np

from glowtool.store.logs.replay import settings_of
from glowtool.stream.columns import STEP, STROKES, sample_columns
from glowtool.units import MICROSECONDS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import BinaryIO

    import pyarrow as pa

    from glowtool.store.exports.registry import Advance, Style
    from glowtool.store.logs.log import SessionLog
    from glowtool.stream.block import FloatArray, IntArray

_FILE_HEADER: Final = 1
_STREAM_HEADER: Final = 2
_SAMPLES: Final = 3
_STREAM_FOOTER: Final = 6

#: Rows of a chunk: readers take one at a time.
_ROWS: Final = 4096


@dataclass(frozen=True, slots=True)
class _Stream:
    """One stream: what it is, the name and unit of each channel, times in µs, and the rows, of numbers or of text."""

    name: str
    kind: str
    channels: Sequence[tuple[str, str]]
    times_us: IntArray
    rows: FloatArray | Sequence[Sequence[str]]
    rate_hz: float = 0.0

    @property
    def is_text(self) -> bool:
        return not isinstance(self.rows, np.ndarray)


def write(log: SessionLog, stream: BinaryIO, _style: Style, advance: Advance) -> None:
    """Write a session as XDF."""
    stream.write(b"XDF:")
    started = log.manifest.started_utc.isoformat()
    stream.write(_chunk(_FILE_HEADER, _xml("info", f"<version>1.0</version><datetime>{started}</datetime>")))
    streams = list(_streams(log))
    stream.writelines(_chunk(_STREAM_HEADER, _header(each, log), number) for number, each in enumerate(streams, 1))
    total = sum(len(each.times_us) for each in streams) or 1
    done = 0
    for number, each in enumerate(streams, 1):
        for at in range(0, len(each.times_us), _ROWS):
            end = min(at + _ROWS, len(each.times_us))
            stream.write(_chunk(_SAMPLES, _rows(each, at, end), number))
            advance((done + end) / total)
        done += len(each.times_us)
        stream.write(_chunk(_STREAM_FOOTER, _footer(each), number))


def _streams(log: SessionLog) -> Iterator[_Stream]:
    units = {column.name: column.unit for column in (*sample_columns(settings_of(log).channels), STEP)}
    gaps = log.gaps()
    columns = log.samples()
    numbers = {name: values for name, values in columns.items() if values.dtype.kind in "iufb"}
    rows = np.column_stack([values.astype(np.float64) for values in numbers.values()])
    times_us = columns["device_time_us"].astype(np.int64)
    whole = len(times_us) < 2 or not np.any(np.diff(times_us) != MICROSECONDS_PER_SECOND // log.manifest.rate_hz)
    yield _Stream(
        "samples",
        "Force",
        [(name, units.get(name, "")) for name in numbers],
        times_us,
        rows,
        log.manifest.rate_hz if whole and not gaps else 0.0,
    )
    yield _Stream(
        "gaps",
        "Gaps",
        [("first_sample", "1"), ("count", "1")],
        np.array([gap.device_time_us for gap in gaps], np.int64),
        np.array([(gap.first_sample, gap.count) for gap in gaps], np.float64).reshape(-1, 2),
    )
    yield _texts("strokes", log.strokes_table, "start_us", {column.name: column.unit for column in STROKES})
    yield _texts("events", log.events_table, "device_time_us", {})


def _texts(name: str, table: pa.Table, time: str, units: Mapping[str, str]) -> _Stream:
    """Return a table with texts in it as a stream of markers: every value is written as text, exactly."""
    columns = [[str(value) for value in column.to_pylist()] for column in table.columns]
    return _Stream(
        name,
        "Markers",
        [(column, units.get(column, "")) for column in table.column_names],
        np.asarray(table.column(time).to_numpy(), np.int64),
        list(zip(*columns, strict=True)),
    )


def _header(stream: _Stream, log: SessionLog) -> bytes:
    manifest = log.manifest
    channels = "".join(
        f"<channel><label>{escape(name)}</label><unit>{escape(unit)}</unit></channel>" for name, unit in stream.channels
    )
    lines = () if manifest.clock is None else (*manifest.clock.earlier, manifest.clock)
    clock = "".join(f"<line>{_fields(line.model_dump(exclude={'earlier'}))}</line>" for line in lines)
    calibration = "".join(
        f"<channel>{_fields({**entry.model_dump(exclude={'name'}), 'name': entry.name})}</channel>"
        for entry in manifest.channels
    )
    about = (
        f"<channels>{channels}</channels><rate_hz>{manifest.rate_hz}</rate_hz><clock>{clock}</clock>"
        f"<device>{_fields({'name': manifest.device.name, 'firmware': manifest.device.firmware})}</device>"
        f"<calibration>{calibration}</calibration>"
    )
    facts = {
        "name": stream.name,
        "type": stream.kind,
        "channel_count": len(stream.channels),
        "nominal_srate": stream.rate_hz,
        "channel_format": "string" if stream.is_text else "double64",
        "source_id": f"{manifest.session_id}-{stream.name}",
        "created_at": 0,
        "session_id": manifest.session_id,
    }
    return _xml("info", _fields(facts) + f"<desc>{about}</desc>")


def _footer(stream: _Stream) -> bytes:
    times_s = stream.times_us / MICROSECONDS_PER_SECOND
    ends = {"first_timestamp": times_s[0], "last_timestamp": times_s[-1]} if len(times_s) else {}
    return _xml("info", _fields({**ends, "sample_count": len(times_s)}))


def _rows(stream: _Stream, at: int, end: int) -> bytes:
    count = b"\x04" + struct.pack("<I", end - at)
    times_s: FloatArray = stream.times_us[at:end] / MICROSECONDS_PER_SECOND
    if isinstance(stream.rows, np.ndarray):
        width = stream.rows.shape[1]
        packed = np.zeros(end - at, dtype=[("size", "u1"), ("time", "<f8"), ("values", "<f8", (width,))])
        packed["size"], packed["time"], packed["values"] = 8, times_s, stream.rows[at:end]
        return count + packed.tobytes()
    pieces = [count]
    for time_s, row in zip(times_s, stream.rows[at:end], strict=True):
        pieces.append(b"\x08" + struct.pack("<d", time_s))
        for text in row:
            content = text.encode(errors="replace")
            pieces += (b"\x04", struct.pack("<I", len(content)), content)
    return b"".join(pieces)


def _chunk(tag: int, content: bytes, stream: int | None = None) -> bytes:
    of_stream = b"" if stream is None else struct.pack("<I", stream)
    body = struct.pack("<H", tag) + of_stream + content
    return b"\x04" + struct.pack("<I", len(body)) + body


def _fields(facts: Mapping[str, object]) -> str:
    return "".join(f"<{name}>{escape(_clean(str(value)))}</{name}>" for name, value in facts.items())


def _clean(text: str) -> str:
    """Return a text without the characters that XML does not allow."""
    return "".join(letter for letter in text if letter.isprintable())


def _xml(name: str, content: str) -> bytes:
    return f'<?xml version="1.0"?><{name}>{content}</{name}>'.encode()

"""EDF+: the signals of a session on one time grid. Gaps, steps, strokes and events are annotations.

pyedflib writes continuous files only, and many readers know no others. So a gap is filled with a value that is none,
the signal `present` is 0 there, and an annotation has its beginning and its length.
"""

from __future__ import annotations

import errno
import os
import tempfile
import zoneinfo
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from shutil import copyfileobj
from typing import TYPE_CHECKING, Final

import numpy as np
import pyedflib

from glowtool.errors import InputError
from glowtool.model.event import EventKind
from glowtool.store.exports.signals import grid_of, signals_of
from glowtool.store.times import moment_of_us
from glowtool.units import MICROSECONDS_PER_SECOND

if TYPE_CHECKING:
    from datetime import datetime
    from typing import BinaryIO

    from glowtool.store.exports.registry import Advance, Style
    from glowtool.store.exports.signals import Grid, Signal
    from glowtool.store.logs.log import SessionLog

#: What an annotation and a file take: pyedflib cuts what is longer, and drops what is too much.
_TEXT_BYTES: Final = 40
_EACH_SECOND: Final = 64
_LABEL: Final = 16
_NOTE: Final = 80
_EQUIPMENT: Final = 12

#: Kinds that have a better place, or come at a rate of their own.
_ELSEWHERE: Final = frozenset({EventKind.GAP, EventKind.STEP, EventKind.TEMPERATURE})

_ASCII: Final = {"µ": "u", "Ω": "Ohm", "−": "-", "°": "deg", "1": ""}


@dataclass(frozen=True, slots=True)
class Annotation:
    """One annotation: device time of its beginning, its length, what it says."""

    start_us: int
    length_us: int
    text: str


def write(log: SessionLog, stream: BinaryIO, style: Style, advance: Advance) -> None:
    """Write a session as EDF+; raises `InputError` for one that EDF+ cannot hold."""
    with tempfile.TemporaryDirectory(prefix="glowtool-") as folder:
        path = Path(folder) / "session.edf"
        _write(path, log, style, advance)
        _require_whole(path)
        with path.open("rb") as written:
            copyfileobj(written, stream)


def annotations_of(log: SessionLog) -> list[Annotation]:
    """Return what a session's annotations say, in the order of their times."""
    rate_hz = log.manifest.rate_hz
    found = [
        Annotation(gap.device_time_us, gap.count * MICROSECONDS_PER_SECOND // rate_hz, f"gap: {gap.count} samples")
        for gap in log.gaps()
    ]
    found += [
        Annotation(span.start_us, span.end_us - span.start_us, f"step {span.index + 1}") for span in log.manifest.steps
    ]
    found += [
        Annotation(row["start_us"], row["end_us"] - row["start_us"], _stroke(row))
        for row in log.strokes_table.to_pylist()
    ]
    found += [
        Annotation(event.device_time_us, 0, _short(f"{event.kind.value} {event.data_json()}"))
        for event in log.events()
        if event.kind not in _ELSEWHERE
    ]
    return sorted(found, key=lambda each: (each.start_us, each.text))


def _stroke(row: dict[str, object]) -> str:
    return _short(f"stroke {row['head']} {row['length_mm']:+.1f} mm {row['peak_kpa']:.2f} kPa")


def _short(text: str) -> str:
    ascii_text = text.encode("ascii", errors="replace").decode()
    return ascii_text if len(ascii_text) <= _TEXT_BYTES else ascii_text[: _TEXT_BYTES - 2] + ".."


def _write(path: Path, log: SessionLog, style: Style, advance: Advance) -> None:
    grid, annotations, signals = grid_of(log), annotations_of(log), list(signals_of(log))
    seconds = -(-grid.length // grid.rate_hz)
    rows = -(-len(annotations) // seconds) + 1
    if rows > _EACH_SECOND:
        raise InputError(
            f"{log.path.name} has {len(annotations)} strokes and events in {seconds} s, more than EDF+ can hold",
            advice="export it as hdf5 or xdf",
        )
    with pyedflib.EdfWriter(os.fspath(path), len(signals), file_type=pyedflib.FILETYPE_EDFPLUS) as writer:
        writer.setSignalHeaders([_header(signal, grid.rate_hz) for signal in signals])
        writer.setEquipment(_word(log.manifest.device.name)[:_EQUIPMENT])
        writer.setAdmincode(_word(log.manifest.session_id))
        writer.setRecordingAdditional(str(_first_unix_us(log) or ""))
        writer.set_number_of_annotation_signals(rows)
        writer.setStartdatetime(_start(log, style))
        whole = [_on_grid(signal, grid, seconds) for signal in signals]
        for second in range(seconds):
            at = slice(second * grid.rate_hz, (second + 1) * grid.rate_hz)
            for values in whole:
                writer.writeDigitalSamples(values[at])
            advance((second + 1) / seconds)
        for each in annotations:
            onset_s = (each.start_us - grid.start_us) / MICROSECONDS_PER_SECOND
            writer.writeAnnotation(max(onset_s, 0.0), each.length_us / MICROSECONDS_PER_SECOND, each.text)


def _header(signal: Signal, rate_hz: int) -> dict[str, str | int | float | None]:
    low, high = signal.physical_range
    return {
        "label": signal.label[:_LABEL],
        "dimension": "".join(_ASCII.get(letter, letter) for letter in signal.unit)[:8],
        "sample_frequency": rate_hz,
        "physical_min": float(f"{low:.7g}"),
        "physical_max": float(f"{high:.7g}"),
        "digital_min": signal.digital_range[0],
        "digital_max": signal.digital_range[1],
        "transducer": signal.note[:_NOTE],
        "prefilter": f"gap: digital {signal.gap}",
    }


def _on_grid(signal: Signal, grid: Grid, seconds: int) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    values = np.full(seconds * grid.rate_hz, signal.gap, np.int32)
    values[grid.places] = signal.digital
    return values


def _start(log: SessionLog, style: Style) -> datetime:
    """Return when the first sample was taken, in the zone asked for, else UTC; EDF knows no zones."""
    first_us = _first_unix_us(log)
    started = log.manifest.started_utc if first_us is None else moment_of_us(first_us)
    zone = UTC if style.zone is None else zoneinfo.ZoneInfo(style.zone)
    # The library writes the part of a second wrong, so the additional field has the exact time.
    return started.astimezone(zone).replace(tzinfo=None, microsecond=0)


def _first_unix_us(log: SessionLog) -> int | None:
    if "host_time_us" not in log.sample_columns():
        return None
    first: int | None = log.samples_table("host_time_us").column(0)[0].as_py()
    return first or None


def _word(text: str) -> str:
    """Return a text as one word of a header."""
    return text.encode("ascii", errors="replace").decode().replace(" ", "_")[:24]


def _require_whole(path: Path) -> None:
    """Raise `OSError` for a file that is shorter than its header says: the library tells no failed write."""
    with path.open("rb") as written:
        head = written.read(256)
        signals = int(head[252:256])
        sizes = written.read(signals * 256)[signals * 216 : signals * 224]
    record = 2 * sum(int(sizes[at : at + 8]) for at in range(0, len(sizes), 8))
    if path.stat().st_size < int(head[184:192]) + int(head[236:244]) * record:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), os.fspath(path.parent))

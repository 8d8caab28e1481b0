"""HDF5: a group for each table of a session, a dataset for each column with its unit and meaning, and the gaps."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

import h5py
import numpy as np
import pyarrow as pa

from glowtool.store.logs.replay import settings_of
from glowtool.store.tables.manifest import manifest_text
from glowtool.stream.columns import STEP, STROKES, sample_columns

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import BinaryIO

    import numpy.typing as npt

    from glowtool.store.exports.registry import Advance, Style
    from glowtool.store.logs.log import SessionLog
    from glowtool.stream.columns import Column

_EVENTS: Final[Mapping[str, str]] = {"device_time_us": "µs", "kind": "1", "data": "JSON"}


def write(log: SessionLog, stream: BinaryIO, _style: Style, advance: Advance) -> None:
    """Write a session as HDF5."""
    content = io.BytesIO()  # the library goes back in a file, which a pipe does not
    with h5py.File(content, "w") as file:
        _attributes(file, log)
        _gaps(file, log)
        _table(file, "strokes", log.strokes_table, _told(STROKES))
        _table(file, "events", log.events_table, {name: (unit, "") for name, unit in _EVENTS.items()})
        told = _told((*sample_columns(settings_of(log).channels), STEP))
        names = log.sample_columns()
        group = file.create_group("samples")
        group.attrs["rate_hz"] = log.manifest.rate_hz
        for at, name in enumerate(names, 1):
            _column(group, name, log.samples_table(name).column(0), told)
            advance(at / len(names))
    stream.write(content.getbuffer())


def _attributes(file: h5py.File, log: SessionLog) -> None:
    manifest = log.manifest
    file.attrs["session_id"] = manifest.session_id
    file.attrs["started_utc"] = manifest.started_utc.isoformat()
    file.attrs["device"] = manifest.device.name
    file.attrs["rate_hz"] = manifest.rate_hz
    # Longer than an attribute may be: the channel table and the routine are in it.
    file.create_dataset("manifest", data=manifest_text(manifest), dtype=h5py.string_dtype())


def _gaps(file: h5py.File, log: SessionLog) -> None:
    gaps = log.gaps()
    group = file.create_group("gaps")
    group.attrs["meaning"] = "samples that are missing; they are in no row of `samples`"
    for name, unit in (("first_sample", "1"), ("count", "1"), ("device_time_us", "µs")):
        values = np.array([getattr(gap, name) for gap in gaps], np.int64)
        group.create_dataset(name, data=values).attrs["unit"] = unit


def _told(columns: tuple[Column, ...]) -> dict[str, tuple[str, str]]:
    return {column.name: (column.unit, column.meaning) for column in columns}


def _table(file: h5py.File, name: str, table: pa.Table, told: Mapping[str, tuple[str, str]]) -> None:
    group = file.create_group(name)
    for column in table.column_names:
        _column(group, column, table.column(column), told)


def _column(group: h5py.Group, name: str, column: pa.ChunkedArray, told: Mapping[str, tuple[str, str]]) -> None:
    if pa.types.is_string(column.type):
        made = group.create_dataset(name, data=column.to_pylist(), dtype=h5py.string_dtype())
    else:
        values: npt.NDArray[np.generic] = column.to_numpy()
        packed = {"compression": "gzip", "shuffle": True} if len(values) else {}
        made = group.create_dataset(name, data=values, **packed)
    unit, meaning = told.get(name, ("", ""))
    made.attrs["unit"], made.attrs["meaning"] = unit, meaning

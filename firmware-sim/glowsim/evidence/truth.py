"""The truth about the hand as two Parquet files, against which an analysis of the log is scored.

Columns that the log's strokes also have carry the same names, units and meanings; device times are the log's. The same
scenario, seed and commands give the same bytes.
"""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.errors import InputError
from glowtool.kit.storage.files import make_folder, write_atomic
from glowtool.model.heads import NEWTON_PER_KPA
from glowtool.model.names import key_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    import pyarrow as pa

    from glowsim.physics.body import Body
    from glowsim.physics.hand.diary import Press, Stroke, Touch

STROKES_NAME: Final = "truth-strokes.parquet"
CONTACTS_NAME: Final = "truth-contacts.parquet"

#: The log's names for the wearer's own left and right.
_HEADS: Final = ("l", "r")

_Row = tuple[int | float | str, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, its type (numpy's, or string), its unit and its meaning."""

    name: str
    dtype: str
    unit: str
    meaning: str


_HEAD: Final = Column("head", "string", "1", "l or r, the wearer's own left and right")
_START: Final = Column("start_us", "int64", "µs", "device time of the beginning")
_END: Final = Column("end_us", "int64", "µs", "device time of the end")
_PRESSED: Final = (
    Column("mean_kpa", "float64", "kPa", "mean pressure of the head from beginning to end"),
    Column("peak_kpa", "float64", "kPa", "highest pressure of the head from beginning to end"),
    Column("mean_n", "float64", "N", "mean force of the head from beginning to end"),
    Column("peak_n", "float64", "N", "highest force of the head from beginning to end"),
)
_STEP: Final = Column("step", "int16", "1", "step of the program at the beginning; −1 outside any step")
_CYCLE: Final = Column("power_cycle", "int32", "1", "boots of the device before; its clock begins anew with each")

STROKES: Final = (
    _HEAD,
    _START,
    _END,
    Column("length_mm", "float64", "mm", "signed length; + is the positive direction of the encoder"),
    Column("direction", "int8", "1", "1 along the encoder's positive direction, −1 against it"),
    Column("asked", "string", "1", "direction that the step asked for, as the program names it"),
    *_PRESSED,
    _STEP,
    _CYCLE,
)
CONTACTS: Final = (_HEAD, _START, _END, *_PRESSED, _STEP, _CYCLE)


def stroke_rows(strokes: Iterable[Stroke]) -> list[_Row]:
    """Return one row for each stroke of each head that was pressed, in the order of `STROKES` and of time."""
    return sorted(
        (
            (
                _HEADS[head],
                stroke.start_us,
                stroke.end_us,
                stroke.length_mm,
                1 if stroke.length_mm > 0.0 else -1,
                key_of(stroke.asked),
                *_pressed(press),
                stroke.step,
                stroke.power_cycle,
            )
            for stroke in strokes
            for head, press in enumerate(stroke.heads)
            if press.peak_kpa > 0.0
        ),
        key=_by_time,
    )


def contact_rows(touches: Iterable[Touch]) -> list[_Row]:
    """Return one row for each contact, in the order of `CONTACTS` and of time."""
    return sorted(
        (
            (
                _HEADS[touch.head],
                touch.start_us,
                touch.end_us,
                *_pressed(touch.press),
                touch.step,
                touch.power_cycle,
            )
            for touch in touches
        ),
        key=_by_time,
    )


def write_truth(
    folder: Path, strokes: Iterable[Stroke], touches: Iterable[Touch], about: Mapping[str, str]
) -> tuple[Path, Path]:
    """Write strokes and contacts into a folder, which is created if needed, and return the two files.

    `about`, such as scenario and seed, goes into the files' metadata. Earlier files are replaced completely or not at
    all. Raises InputError when the folder cannot be written.
    """
    tables = (
        (folder / STROKES_NAME, STROKES, stroke_rows(strokes)),
        (folder / CONTACTS_NAME, CONTACTS, contact_rows(touches)),
    )
    with _writable(folder):
        for path, columns, rows in tables:
            _write(path, _table(columns, rows, about))
    return tables[0][0], tables[1][0]


@contextmanager
def keeping_truth(folder: Path | None, body: Body, about: Mapping[str, str]) -> Iterator[None]:
    """Write the body's truth into a folder at the end of the block; None: write nothing.

    Raises InputError at once when the folder cannot be written, or when one of the names there is taken by something
    other than a file: at the end, everything would be lost.
    """
    if folder is not None:
        for path in (folder / STROKES_NAME, folder / CONTACTS_NAME):
            if path.is_symlink() or (path.exists() and not path.is_file()):
                raise InputError(
                    f"{path} is a link, a pipe, or no file; only a file is replaced", advice="move it away"
                )
        with _writable(folder), tempfile.TemporaryFile(dir=folder):
            pass
    try:
        yield
    finally:
        if folder is not None:
            write_truth(folder, *body.truth(), about)


@contextmanager
def _writable(folder: Path) -> Iterator[None]:
    try:
        make_folder(folder)
        yield
    except OSError as error:
        raise InputError(
            f"cannot write the truth into {folder}: {error.strerror}", advice="name another directory"
        ) from error


def _pressed(press: Press) -> tuple[float, float, float, float]:
    mean_kpa, peak_kpa = press.mean_kpa, press.peak_kpa
    return mean_kpa, peak_kpa, mean_kpa * NEWTON_PER_KPA, peak_kpa * NEWTON_PER_KPA


def _by_time(row: _Row) -> _Row:
    return row[-1], row[1], row[0]


def _table(columns: Sequence[Column], rows: Sequence[_Row], about: Mapping[str, str]) -> pa.Table:
    import pyarrow as pa  # noqa: PLC0415 - takes a third of a second, and most rollers never write their truth

    schema = pa.schema(
        [
            pa.field(
                item.name,
                pa.string() if item.dtype == "string" else pa.type_for_alias(item.dtype),
                nullable=False,
                metadata={"unit": item.unit, "meaning": item.meaning},
            )
            for item in columns
        ],
        metadata=dict(about),
    )
    arrays = [pa.array([row[at] for row in rows], type=field.type) for at, field in enumerate(schema)]
    return pa.table(arrays, schema=schema)


def _write(path: Path, table: pa.Table) -> None:
    from pyarrow import parquet  # noqa: PLC0415 - as above

    write_atomic(path, lambda stream: parquet.write_table(table, stream, compression="zstd"))

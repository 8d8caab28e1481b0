"""Every export has its module, its row and its place in the help, and writes what the log holds."""

from __future__ import annotations

import csv
import io
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

import glowtool.store.exports
from glowtool.cli.commands.logs import export as export_command
from glowtool.errors import MissingExtraError
from glowtool.store.exports.export import export_to_file, export_to_stream
from glowtool.store.exports.registry import EXPORTS, Export, ExportTable
from glowtool.store.logs.log import SessionLog
from glowtool.stream.columns import STROKES
from support.logs.sessions import record

if TYPE_CHECKING:
    from collections.abc import Callable

#: What carries every export, and is none itself.
COMMON = {"export", "registry", "tables", "target"}

#: How a reader of each format gets back the table. A further export adds a reader here.
READ: dict[str, Callable[[io.BytesIO, pa.Schema], pa.Table]] = {
    "csv": lambda stream, types: pyarrow.csv.read_csv(
        stream,
        parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
        convert_options=pyarrow.csv.ConvertOptions(column_types=types),
    ),
    "parquet": lambda stream, _types: pyarrow.parquet.read_table(stream),
}


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> SessionLog:
    journal, checkpoint = record(tmp_path_factory.mktemp("logs"), 3)
    journal.close(checkpoint)
    return SessionLog.open(journal.folder)


def test_every_module_of_an_export_has_its_row_and_every_row_its_module() -> None:
    (folder,) = map(Path, glowtool.store.exports.__path__)
    modules = {path.stem for path in folder.glob("*.py") if path.stem[0] != "_"} - COMMON
    assert modules == {row.module for row in EXPORTS.values()}
    assert all(name == row.name for name, row in EXPORTS.items())


def test_the_help_of_the_command_names_every_export() -> None:
    (form,) = (option for option in export_command.params if option.name == "form")
    help_text = str(form.to_info_dict()["help"])
    assert form.to_info_dict()["type"]["choices"] == tuple(EXPORTS)
    assert all(row.title in help_text and row.writes in help_text for row in EXPORTS.values())


@pytest.mark.parametrize("export", EXPORTS.values(), ids=EXPORTS)
@pytest.mark.parametrize("table", ExportTable)
def test_what_is_exported_reads_back_as_what_the_log_holds(
    log: SessionLog, tmp_path: Path, table: ExportTable, export: Export
) -> None:
    held = {
        ExportTable.SAMPLES: log.samples_table(),
        ExportTable.STROKES: log.strokes_table,
        ExportTable.EVENTS: log.events_table,
    }[table]
    stream = io.BytesIO()
    export_to_stream(log, table, export, stream)
    found = READ[export.name](io.BytesIO(stream.getvalue()), held.schema)
    assert found.column_names == held.column_names
    assert [column.to_pylist() for column in found.columns] == [column.to_pylist() for column in held.columns]

    path = tmp_path / "new" / f"{table}.{export.name}"
    export_to_file(log, table, export, path)
    assert path.read_bytes() == stream.getvalue()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_csv_has_a_row_for_each_stroke(log: SessionLog) -> None:
    stream = io.BytesIO()
    export_to_stream(log, ExportTable.STROKES, EXPORTS["csv"], stream)
    rows = list(csv.DictReader(io.StringIO(stream.getvalue().decode())))
    assert [*rows[0]] == [item.name for item in STROKES]
    assert [float(row["length_mm"]) for row in rows] == log.strokes()["length_mm"].tolist()


class OneTable:
    """A log of one table."""

    def __init__(self, table: pa.Table) -> None:
        self.strokes_table = table


#: A row with a value of each type that a log's tables have.
ROWS = st.lists(
    st.tuples(st.floats(), st.integers(-(2**63), 2**63 - 1), st.booleans(), st.text()), min_size=1, max_size=5
)
TYPES = pa.schema([("number", pa.float64()), ("count", pa.int64()), ("flag", pa.bool_()), ("text", pa.string())])


@pytest.mark.parametrize("export", EXPORTS.values(), ids=EXPORTS)
@given(rows=ROWS)
def test_every_value_reads_back_exactly(export: Export, rows: list[tuple[float, int, bool, str]]) -> None:
    held = pa.table(list(map(pa.array, zip(*rows, strict=True), TYPES.types)), schema=TYPES)
    stream = io.BytesIO()
    export_to_stream(cast("SessionLog", OneTable(held)), ExportTable.STROKES, export, stream)
    found = READ[export.name](io.BytesIO(stream.getvalue()), TYPES)
    assert found.select(["count", "flag", "text"]).equals(held.select(["count", "flag", "text"]))
    one, other = (table.column("number").to_numpy() for table in (found, held))
    assert np.array_equal(one, other, equal_nan=True)


def test_an_export_whose_library_is_missing_says_what_to_install_and_leaves_no_file(
    log: SessionLog, tmp_path: Path
) -> None:
    lacking = replace(EXPORTS["csv"], title="EDF", module="not_there", extra="edf")
    with pytest.raises(MissingExtraError, match=r"an export as EDF needs .*; `pip install 'glowtool\[edf\]'`"):
        export_to_file(log, ExportTable.SAMPLES, lacking, tmp_path / "x.edf")
    assert not (tmp_path / "x.edf").exists()
    with pytest.raises(ModuleNotFoundError):
        export_to_file(log, ExportTable.SAMPLES, replace(lacking, extra=""), tmp_path / "x.edf")


def test_the_list_of_exports_loads_no_library() -> None:
    code = "import sys, glowtool.store.exports.registry; sys.exit(bool({'pyarrow', 'numpy'} & {*sys.modules}))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603 - our own code

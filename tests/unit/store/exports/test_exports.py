"""Every export has its module, its row and its place in the help, and writes what the log holds."""

from __future__ import annotations

import csv
import io
import json
import stat
import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

import glowtool.store.exports
from glowtool.cli.commands.transfer.export import export as export_command
from glowtool.errors import InputError, MissingExtraError
from glowtool.store.exports.export import Job
from glowtool.store.exports.registry import EXPORTS, Decimal, Export, ExportTable, Holds, Style
from glowtool.store.exports.target import write_to
from glowtool.store.logs.log import SessionLog
from glowtool.stream.columns import STROKES
from support.logs.sessions import record

if TYPE_CHECKING:
    from collections.abc import Callable

#: What carries every export, and is none itself.
COMMON = {"export", "registry", "signals", "tables", "target"}

#: The formats that hold one table exactly; sheets, and those that hold a session, have tests of their own.
TABLES = {name: row for name, row in EXPORTS.items() if row.holds is Holds.TABLE and row.name != "xlsx"}


def lines_of(stream: io.BytesIO, types: pa.Schema) -> pa.Table:
    """Read JSON Lines with the standard library alone."""
    rows = [json.loads(line) for line in stream.read().decode().split("\n")[:-1]]
    for row in rows:
        if "data" in row:
            row["data"] = json.dumps(row["data"], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        for field in types:
            if pa.types.is_floating(field.type) and row[field.name] is None:
                row[field.name] = float("nan")
    return pa.Table.from_pylist(rows, schema=types)


def sheet_of(stream: io.BytesIO, types: pa.Schema) -> pa.Table:
    """Read a sheet as openpyxl does."""
    head, *rows = openpyxl.load_workbook(stream, read_only=True).worksheets[0].iter_rows(values_only=True)
    columns = [[row[at] for row in rows] for at in range(len(head))]
    return pa.table(
        [pa.array(column, type=kind) for column, kind in zip(columns, types.types, strict=True)], list(head)
    )


#: How a reader of each format gets back the table. A further export adds a reader here.
READ: dict[str, Callable[[io.BytesIO, pa.Schema], pa.Table]] = {
    "csv": lambda stream, types: pyarrow.csv.read_csv(
        stream,
        parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
        convert_options=pyarrow.csv.ConvertOptions(column_types=types),
    ),
    "parquet": lambda stream, _types: pyarrow.parquet.read_table(stream),
    "json-lines": lines_of,
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


@pytest.mark.parametrize("export", TABLES.values(), ids=TABLES)
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
    Job(export, table).fill(log, stream)
    found = READ[export.name](io.BytesIO(stream.getvalue()), held.schema)
    assert found.column_names == held.column_names
    assert [column.to_pylist() for column in found.columns] == [column.to_pylist() for column in held.columns]

    path = tmp_path / "new" / f"{table}.{export.name}"
    write_to(path, lambda to: Job(export, table).fill(log, to), force=False)
    assert path.read_bytes() == stream.getvalue()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_csv_has_a_row_for_each_stroke(log: SessionLog) -> None:
    stream = io.BytesIO()
    Job(EXPORTS["csv"], ExportTable.STROKES).fill(log, stream)
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


@pytest.mark.parametrize("name", ["csv", "parquet", "json-lines"])
@given(rows=ROWS)
def test_every_value_reads_back_exactly(name: str, rows: list[tuple[float, int, bool, str]]) -> None:
    held = pa.table(list(map(pa.array, zip(*rows, strict=True), TYPES.types)), schema=TYPES)
    stream = io.BytesIO()
    Job(EXPORTS[name], ExportTable.STROKES).fill(cast("SessionLog", OneTable(held)), stream)
    found = READ[name](io.BytesIO(stream.getvalue()), TYPES)
    assert found.select(["count", "flag", "text"]).equals(held.select(["count", "flag", "text"]))
    one, other = (table.column("number").to_numpy() for table in (found, held))
    assert np.array_equal(one, other, equal_nan=True)


@given(rows=ROWS)
def test_a_decimal_comma_reads_back_exactly(rows: list[tuple[float, int, bool, str]]) -> None:
    held = pa.table(list(map(pa.array, zip(*rows, strict=True), TYPES.types)), schema=TYPES)
    stream = io.BytesIO()
    job = Job(EXPORTS["csv"], ExportTable.STROKES, Style(Decimal.COMMA))
    job.fill(cast("SessionLog", OneTable(held)), stream)
    found = [*csv.reader(io.StringIO(stream.getvalue().decode(), newline=""), delimiter=";")][1:]
    assert [row[3] for row in found] == [row[3] for row in rows]
    assert not any("." in row[0] for row in found)
    numbers = [float(row[0].replace(",", ".")) for row in found]
    assert np.array_equal(numbers, [row[0] for row in rows], equal_nan=True)


def test_pandas_reads_a_decimal_comma_and_the_times_of_a_zone(log: SessionLog) -> None:
    stream = io.BytesIO()
    Job(EXPORTS["csv"], style=Style(Decimal.COMMA, "Europe/Berlin")).fill(log, stream)
    read = pd.read_csv(io.BytesIO(stream.getvalue()), sep=";", decimal=",")
    held = log.samples()
    assert all(np.array_equal(read[name].to_numpy(), values) for name, values in held.items())
    assert read["time"][0] == "2026-09-21T16:13:20.000000+02:00"
    unix_us = pd.to_datetime(read["time"], utc=True).dt.as_unit("us").astype("int64")
    assert np.array_equal(unix_us.to_numpy(), held["host_time_us"])


def test_pandas_reads_json_lines(log: SessionLog) -> None:
    stream = io.BytesIO()
    Job(EXPORTS["json-lines"]).fill(log, stream)
    read = pd.read_json(io.BytesIO(stream.getvalue()), lines=True, precise_float=True)
    assert all(np.array_equal(read[name].to_numpy(), values) for name, values in log.samples().items())


@pytest.mark.parametrize("table", [ExportTable.STROKES, ExportTable.EVENTS])
def test_a_sheet_holds_fifteen_digits_of_every_number(log: SessionLog, table: ExportTable) -> None:
    held = log.strokes_table if table is ExportTable.STROKES else log.events_table
    stream = io.BytesIO()
    Job(EXPORTS["xlsx"], table).fill(log, stream)
    found = sheet_of(io.BytesIO(stream.getvalue()), held.schema)
    for name in held.column_names:
        one, other = found.column(name).to_pylist(), held.column(name).to_pylist()
        assert one == (pytest.approx(other, rel=1e-15) if isinstance(other[0], float) else other), name


def test_a_cell_is_never_a_formula_and_a_sheet_has_its_bound() -> None:
    text = ["=1+1", "a\x07b"]
    stream = io.BytesIO()
    Job(EXPORTS["xlsx"]).fill_table(pa.table({"text": text, "number": [float("nan"), float("inf")]}), stream)
    rows = [*openpyxl.load_workbook(io.BytesIO(stream.getvalue())).worksheets[0].iter_rows(min_row=2)]
    assert [(row[0].data_type, row[0].value) for row in rows] == [("s", "=1+1"), ("s", "a\\x07b")]
    assert [row[1].value for row in rows] == [None, "inf"]
    with pytest.raises(InputError, match="has 100001 rows, but an Excel file takes 100000 at most"):
        Job(EXPORTS["xlsx"]).fill_table(pa.table({"n": range(100_001)}), stream)


def test_an_export_whose_library_is_missing_says_what_to_install_before_anything_is_done() -> None:
    lacking = replace(EXPORTS["csv"], title="EDF", module="not_there", extra="edf")
    with pytest.raises(MissingExtraError, match=r"an export as EDF needs .*; `pip install 'glowtool\[edf\]'`"):
        Job(lacking)
    with pytest.raises(ModuleNotFoundError):
        Job(replace(lacking, extra=""))


@pytest.mark.parametrize("export", [row for row in EXPORTS.values() if row.extra], ids=lambda row: row.name)
def test_the_extra_of_an_export_is_one_that_can_be_installed(export: Export) -> None:
    extras = tomllib.loads(Path("pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert export.extra in extras


def test_the_list_of_exports_loads_no_library() -> None:
    code = "import sys, glowtool.store.exports.registry; sys.exit(bool({'pyarrow', 'numpy'} & {*sys.modules}))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603 - our own code

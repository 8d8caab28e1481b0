"""A finished log is packed tightly, and packing changes no value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from glowtool.store.tables.parquet import is_same, read_table, write_table

if TYPE_CHECKING:
    from pathlib import Path

ROWS = 20_000


def test_times_cost_nothing_and_every_bit_stays(tmp_path: Path) -> None:
    random = np.random.default_rng(1)
    counts = random.integers(0, 900, ROWS).astype(np.uint16)
    filtered = np.cumsum(random.normal(size=ROWS))
    filtered[:3] = np.nan, np.inf, -0.0
    table = pa.table(
        {
            "device_time_us": np.arange(ROWS, dtype=np.int64) * 5000 + (1 << 40),
            "travel_l": np.cumsum(random.integers(-3, 9, ROWS)).astype(np.int16),  # goes round
            "pressure_lf": counts,
            "pressure_lf_kpa": counts * 0.01,
            "pressure_l_kpa": filtered,
            "contact_l": counts > 400,
            "kind": ["step"] * ROWS,
        }
    )
    path = tmp_path / "samples.parquet"
    write_table(path, table)
    assert is_same(path, table)
    plain = pq.read_table(path)
    assert plain.schema.equals(table.schema), "as any other reader sees it"
    assert plain["device_time_us"].equals(table["device_time_us"])
    assert np.array_equal(plain["pressure_l_kpa"].to_numpy().view(np.int64), filtered.view(np.int64))
    group = pq.ParquetFile(path).metadata.row_group(0)
    assert group.column(0).total_compressed_size < ROWS // 20


def test_an_empty_table_is_packed_too(tmp_path: Path) -> None:
    table = pa.table({"a": pa.array([], pa.int64()), "b": pa.array([], pa.float64()), "c": pa.array([], pa.string())})
    write_table(tmp_path / "samples.parquet", table)
    assert read_table(tmp_path / "samples.parquet").equals(table)

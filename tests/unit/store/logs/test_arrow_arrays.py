"""Columns become numpy arrays as arrow's own conversion makes them, which loads pandas where it is installed."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from glowtool.store.tables.arrow import arrays_of

CHANCE = np.random.default_rng(1)
WHOLE = pa.table(
    {
        "contact": CHANCE.random(1000) < 0.5,
        "raw": np.arange(1000, dtype=np.int16),
        "device_time_us": np.arange(1000, dtype=np.int64),
        "kpa": CHANCE.random(1000),
        "head": [f"head {number}" for number in range(1000)],
        "holes": [None if number % 7 == 0 else float(number) for number in range(1000)],
    }
)


@pytest.mark.parametrize(
    "table",
    [WHOLE, WHOLE.slice(13, 501), pa.concat_tables([WHOLE.slice(3, 7), WHOLE.slice(0, 0), WHOLE.slice(501, 77)])],
    ids=["whole", "from the middle of a byte", "in pieces"],
)
def test_a_column_has_the_values_and_the_type_that_arrow_gives_it(table: pa.Table) -> None:
    for name, values in arrays_of(table).items():
        wanted = table.column(name).to_numpy()
        wanted = wanted.astype(np.str_) if name == "head" else wanted
        assert values.dtype == wanted.dtype
        np.testing.assert_array_equal(values, wanted)


def test_of_no_rows_there_are_empty_columns() -> None:
    assert {len(values) for values in arrays_of(WHOLE.slice(0, 0)).values()} == {0}

"""Measure the size of a finished log ÷ its counts as int16 ÷ the same table as CSV, by groups of columns.

The log is a massage over the whole stack in virtual time. Takes about a minute for five minutes of massage.

python tests/measure/files/size.py [--seconds 300] [--seed 3]
"""

from __future__ import annotations

import argparse
import io
import logging
import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from glowsim.time.virtual_time import in_virtual_time
from glowtool.store.logs.log import SessionLog
from support.stack.cut_off import recorded


def main() -> int:
    """Print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--seed", type=int, default=3)
    asked = parser.parse_args()
    logging.getLogger("bumble").setLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder:
        _, finished = in_virtual_time(recorded)(Path(folder), asked.seed, asked.seconds, asked.seconds)
        log = SessionLog.open(finished)
        table = log.samples_table()
        raw = {channel.name for channel in log.manifest.known_channels()} & set(table.column_names)
        counts_bytes = 2 * len(raw) * len(table)
        text = io.BytesIO()
        pa_csv.write_csv(table, text)
        total = sum(path.stat().st_size for path in finished.iterdir())
        print(f"{len(table)} rows, {len(raw)} raw columns: log ÷ int16 {total / counts_bytes:.3f}, "
              f"log ÷ CSV {total / len(text.getvalue()):.3f}")  # fmt: skip
        metadata = pq.ParquetFile(finished / "samples.parquet").metadata
        groups: Counter[str] = Counter()
        for group in range(metadata.num_row_groups):
            for at in range(metadata.num_columns):
                column = metadata.row_group(group).column(at)
                name = column.path_in_schema
                kind = (
                    "raw" if name in raw else "filtered" if name in {"pressure_l_kpa", "pressure_r_kpa"} else "others"
                )
                groups[kind] += column.total_compressed_size
        print(", ".join(f"{kind} ÷ int16 {size / counts_bytes:.3f}" for kind, size in groups.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())

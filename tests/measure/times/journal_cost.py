"""Measure what seals cost the journal, and what memory the largest logs take.

For each sync of 0.5 s at 200 and 400 Hz: the time to make the message with its seal and without, beside the time to
write and sync it. Then, in children, the memory that recovering and analysing a log of 20 minutes at 400 Hz takes, and
one of the most samples that are read.

python tests/measure/times/journal_cost.py [--rounds 200]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[2]))

import numpy as np

from glowtool.store.bounds import SAMPLES_MAX
from glowtool.store.journal.seal import Seal, SealingWriter, StreamName, columns_crc
from glowtool.store.logs.log import SessionLog
from glowtool.store.tables.arrow import batch_of, schema_of_arrays
from support.logs.sessions import record

if TYPE_CHECKING:
    from glowtool.stream.block import Columns

CHILD = """
import os, resource, sys, time
from pathlib import Path
from glowtool.analysis.log import analyse_log
from glowtool.store.logs.log import SessionLog
from glowtool.store.journal.recover import recover
began_s = time.perf_counter()
recover(Path(sys.argv[1]))
analyse_log(SessionLog.open(Path(sys.argv[1])))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, "MiB,", round(time.perf_counter() - began_s, 1), "s")
"""


def costs(samples: Columns, rows: int, rounds: int) -> str:
    """Return the medians for a batch of this many rows."""
    piece = {name: values[:rows] for name, values in samples.items()}
    schema = schema_of_arrays(piece)
    seal = Seal("00000000", StreamName.SAMPLES, columns_crc(schema), 0, 0, 0)
    writer = SealingWriter(schema, seal, {})
    plain, sealed, synced, message = list[float](), list[float](), list[float](), b""
    with tempfile.TemporaryFile() as file:
        for _ in range(rounds):
            began_s = time.perf_counter()
            batch = batch_of([piece], schema)
            message = batch.serialize().to_pybytes()
            plain_s = time.perf_counter()
            message = writer.message(batch_of([piece], schema), seal)
            sealed_s = time.perf_counter()
            os.write(file.fileno(), message)
            os.fsync(file.fileno())
            plain.append(plain_s - began_s)
            sealed.append(sealed_s - plain_s)
            synced.append(time.perf_counter() - sealed_s)
    return (
        f"{rows} rows, {len(message)} bytes: without a seal {1e6 * median(plain):.0f} µs, with it "
        f"{1e6 * median(sealed):.0f} µs, write and sync {1e6 * median(synced):.0f} µs"
    )


def large(folder: Path, size: int, number: int) -> Path:
    """Return a cut-off log of this many samples."""
    journal, checkpoint = record(folder, 3, session_id=f"20261122T154100Z-00000{number}")
    journal.sync(900.0, checkpoint)
    samples = SessionLog.open(journal.folder).samples()
    del samples["step"]
    more = size - len(samples["sample"])
    grown = {name: np.resize(values, more) for name, values in samples.items()}
    for name, step in (("sample", 1), ("device_time_us", 5000), ("host_time_us", 5000)):
        grown[name] = int(samples[name].astype(np.int64)[-1]) + step * (1 + np.arange(more, dtype=np.int64))
    for at in range(0, more, 200):
        journal.append_samples({name: values[at : at + 200] for name, values in grown.items()})
        if at % 20_000 == 0:
            journal.sync(1000.0 + at, checkpoint)
    journal.close(checkpoint)
    return journal.folder


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=200)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        journal, _ = record(Path(folder), 3)
        samples = SessionLog.open(journal.folder).samples()
        del samples["step"]
        for rows in (100, 200):
            print(costs(samples, rows, asked.rounds))
        for number, size in enumerate((20 * 60 * 400, SAMPLES_MAX)):
            log = large(Path(folder), size, number)
            done = subprocess.run(
                [sys.executable, "-c", CHILD, str(log)], stdout=subprocess.PIPE, text=True, check=True
            )
            print(f"{size} samples, recovered and analysed: {done.stdout.strip()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())

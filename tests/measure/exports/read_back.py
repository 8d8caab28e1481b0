"""Exports of a long log, read back by what people read them with: how many values, how many differ, how large.

    python tests/measure/exports/read_back.py [minutes]

The log is one of the virtual roller's rate and channels with gaps, made by hand. Sizes are shares of the raw int16
values that the roller sent. Twenty minutes take about a minute.
"""

from __future__ import annotations

import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import h5py
import numpy as np
import pandas as pd
import pyarrow.parquet
import pyedflib
import pyxdf

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests"))

from glowtool.model.ending import Ending  # noqa: E402 - after the path
from glowtool.store.exports.export import Job  # noqa: E402
from glowtool.store.exports.registry import EXPORTS, Decimal, Style  # noqa: E402
from glowtool.store.exports.target import write_to  # noqa: E402
from glowtool.store.logs.log import SessionLog  # noqa: E402
from glowtool.store.tables.finish import finish  # noqa: E402
from support.logs.sessions import ENDED, record  # noqa: E402
from support.logs.streams import RATE_HZ  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy.typing as npt

    Read = Mapping[str, npt.NDArray[np.generic]]


def frame(read: pd.DataFrame) -> Read:
    return {str(name): read[name].to_numpy() for name in read.columns}


def parquet(path: Path) -> Read:
    table = pyarrow.parquet.read_table(path)
    return {name: table.column(name).to_numpy() for name in table.column_names}


def differences(found: Read, held: Read) -> int:
    """Return how many values of the columns that were read are not those of the log."""
    return sum(
        int(np.count_nonzero(values.astype(float) != held[name].astype(float)) - np.isnan(values.astype(float)).sum())
        for name, values in found.items()
    )


def edf(path: Path) -> Read:
    """Return the raw channels, by the shift that their header states, where something was recorded."""
    found = {}
    with pyedflib.EdfReader(str(path)) as reader:
        labels = reader.getSignalLabels()
        there = reader.readSignal(labels.index("present"), digital=True).astype(bool)
        for at, name in enumerate(labels):
            note = str(reader.getSignalHeader(at)["transducer"])
            if "digital" in note:
                shift = int(note.rpartition("digital")[2].split(";")[0])
                found[name] = reader.readSignal(at, digital=True)[there] + shift
    return found


def hdf5(path: Path) -> Read:
    with h5py.File(path) as file:
        return {name: column[()] for name, column in file["samples"].items()}


def xdf(path: Path) -> Read:
    streams, _ = pyxdf.load_xdf(path)
    (samples,) = (stream for stream in streams if stream["info"]["name"] == ["samples"])
    channels = samples["info"]["desc"][0]["channels"][0]["channel"]
    return {each["label"][0]: samples["time_series"][:, at] for at, each in enumerate(channels)}


#: Who reads which format, and how.
READERS: dict[str, tuple[str, Style, Callable[[Path], Read]]] = {
    "pyarrow": ("parquet", Style(), parquet),
    "pandas, CSV": ("csv", Style(), lambda path: frame(pd.read_csv(path))),
    "pandas, decimal comma": ("csv", Style(Decimal.COMMA), lambda path: frame(
        pd.read_csv(path, sep=";", decimal=","))),
    "pandas, JSON Lines": ("json-lines", Style(), lambda path: frame(
        pd.read_json(path, lines=True, precise_float=True))),
    "pyedflib, raw counts": ("edf", Style(), edf),
    "h5py": ("hdf5", Style(), hdf5),
    "pyxdf": ("xdf", Style(), xdf),
}  # fmt: skip


def main(minutes: float) -> int:
    """Print a row for each reader; the exit status says whether all values were equal."""
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        frames = round(minutes * 60 * 20)
        journal, checkpoint = record(Path(folder), minutes * 60, lose=range(frames // 3, frames // 3 + 40))
        journal.close(checkpoint)
        finish(journal.folder, Ending.COMPLETED, ENDED, checkpoint)
        log = SessionLog.open(journal.folder)
        held = log.samples()
        raw = 2 * len(held["sample"]) * sum(entry.stream == 1 for entry in log.manifest.channels)
        print(f"{len(held['sample'])} rows at {RATE_HZ} Hz, {len(held)} columns")
        print(f"{'reader':<24} {'columns':>7} {'values':>9} {'different':>9} {'size ÷ raw':>10}")
        for reader, (name, style, read) in READERS.items():
            path = Path(folder) / f"x.{EXPORTS[name].suffix}"
            job = Job(EXPORTS[name], style=style)
            write_to(path, partial(job.fill, log), force=True)
            found = read(path)
            different = differences(found, held)
            wrong += different
            count = sum(map(len, found.values()))
            print(f"{reader:<24} {len(found):>7} {count:>9} {different:>9} {path.stat().st_size / raw:>10.2f}")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if len(sys.argv) > 1 else 20.0))

"""A log folder made to harm cannot reach outside files, make a reader wait, or take unbounded memory."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import threading
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, cast

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from glowtool.app.logs.kept import READERS
from glowtool.errors import LogDamagedError, LogNotFoundError, StoreError
from glowtool.model.ending import Ending
from glowtool.store.bounds import SAMPLES_MAX
from glowtool.store.journal.recover import recover
from glowtool.store.logs.catalogue import list_sessions
from glowtool.store.logs.log import SessionLog
from glowtool.store.regular import open_regular, read_regular
from glowtool.store.rollers.massages import Massages, list_massages
from glowtool.store.rollers.programs import find_program
from glowtool.store.tables.arrow import EVENTS_SCHEMA
from glowtool.store.tables.finish import finish
from glowtool.store.tables.parquet import read_table
from measure.times.journal_cost import large
from support.logs.hostile import HARMS, compressed_events, vouch
from support.logs.sessions import ENDED, record

if TYPE_CHECKING:
    from typing_extensions import Buffer


@pytest.fixture
def finished(tmp_path: Path) -> Path:
    journal, checkpoint = record(tmp_path / "logs", 3)
    journal.close(checkpoint)
    finish(journal.folder, Ending.COMPLETED, ENDED, checkpoint)
    return journal.folder


@pytest.fixture
def cut_off(tmp_path: Path) -> Path:
    journal, checkpoint = record(tmp_path / "logs", 3)
    journal.close(checkpoint)
    return journal.folder


def test_only_a_regular_file_of_a_real_folder_is_read(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir()
    (real / "file").write_text("content")
    (real / "link").symlink_to(real / "file")
    os.mkfifo(real / "pipe")
    (tmp_path / "folder-link").symlink_to(real)
    assert read_regular(real / "file", 7) == b"content"
    for path in (real / "link", real / "pipe", real, tmp_path / "folder-link" / "file", Path("/dev/zero")):
        with pytest.raises(LogDamagedError):
            open_regular(path, 100)
    with pytest.raises(LogDamagedError, match="has 7 bytes, but at most 6 are read"):
        open_regular(real / "file", 6)
    with pytest.raises(FileNotFoundError):
        open_regular(real / "nothing", 6)


@pytest.mark.parametrize("name", ["manifest.json", "samples.parquet", "events.parquet", "strokes.parquet"])
def test_a_pipe_or_a_link_in_place_of_a_file_is_damage_and_holds_nobody_up(finished: Path, name: str) -> None:
    path = finished / name
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(LogDamagedError, match="not a regular file"):
        SessionLog.open(finished)
    path.unlink()
    path.symlink_to("/dev/zero")
    with pytest.raises(LogDamagedError, match="is a link"):
        SessionLog.open(finished)


def test_recovering_through_a_link_leaves_its_target_alone(cut_off: Path, tmp_path: Path) -> None:
    before = {path.name: path.read_bytes() for path in cut_off.iterdir()}
    elsewhere = cut_off.rename(tmp_path / "elsewhere")
    cut_off.symlink_to(elsewhere)
    assert list_sessions(cut_off.parent) == ()
    with pytest.raises(StoreError, match="link"):
        recover(cut_off)
    with pytest.raises(LogNotFoundError, match="link"):
        SessionLog.open(cut_off)
    assert {path.name: path.read_bytes() for path in elsewhere.iterdir()} == before


def test_a_link_in_the_folder_is_replaced_and_its_target_stays(cut_off: Path, tmp_path: Path) -> None:
    target = tmp_path / "mine.txt"
    target.write_text("mine")
    (cut_off / "samples.parquet").symlink_to(target)
    recover(cut_off)
    assert target.read_text() == "mine"
    assert not (cut_off / "samples.parquet").is_symlink()


def test_a_pipe_in_place_of_a_journal_ends_in_words(cut_off: Path) -> None:
    (cut_off / "events.arrows").unlink()
    os.mkfifo(cut_off / "events.arrows")
    with pytest.raises(StoreError):
        recover(cut_off)


def test_massages_and_programs_are_read_with_the_same_care(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "GR1-00001-00000000.json")
    (tmp_path / "GR1-00002-00000000.json").symlink_to("/dev/zero")
    os.mkfifo(tmp_path / "0badf00d.json")
    assert [entry.massage for entry in list_massages(Massages(tmp_path, READERS))] == [None, None, None]
    assert find_program(tmp_path, "0badf00d") is None


def test_events_that_unpack_to_millions_are_not_unpacked(cut_off: Path) -> None:
    compressed_events(cut_off)
    assert (cut_off / "events.arrows").stat().st_size < 32_768
    assert SessionLog.open(cut_off).events() == ()


def test_a_parquet_file_that_claims_too_many_rows_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "samples.parquet"
    zeros = pa.table({"sample": pa.array(np.zeros(SAMPLES_MAX + 1, np.int64))})
    pq.write_table(zeros, path)
    with pytest.raises(LogDamagedError, match=f"claims {SAMPLES_MAX + 1} rows"):
        read_table(path)
    pq.write_table(pa.table({f"c{n}": [0] for n in range(1000)}), path)
    with pytest.raises(LogDamagedError, match="1000 columns"):
        read_table(path)
    path.write_bytes(path.read_bytes()[:-8])
    with pytest.raises(LogDamagedError, match="cannot be read as Parquet"):
        read_table(path)


@pytest.mark.parametrize("harm", sorted(set(HARMS) - {"bombs"}))
def test_a_folder_that_was_harmed_never_ends_in_an_internal_error(finished: Path, harm: str) -> None:
    """A sample of tests/measure/hostile/damaged_logs.py."""
    random = Random(sum(harm.encode()))  # noqa: S311 - chance that can be repeated
    HARMS[harm](finished, random)
    for use in (lambda: SessionLog.open(finished).events(), lambda: recover(finished)):
        try:
            use()
        except StoreError as error:
            assert len(str(error)) > 20  # noqa: PT017 - some are whole all the same
    assert len(list_sessions(finished.parent)) == 1


CHILD = """
import os, resource, sys
from pathlib import Path
from glowtool.analysis.log import analyse_log
from glowtool.errors import StoreError
from glowtool.store.logs.log import SessionLog
from glowtool.store.journal.recover import recover
import pyarrow.parquet
limit = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
for use in (lambda: recover(Path(sys.argv[1])), lambda: analyse_log(SessionLog.open(Path(sys.argv[1])))):
    try:
        use()
    except StoreError:
        pass
# Of this program alone: getrusage would count what the process had that started it.
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(int(peak.split()[1]) // 1024, flush=True)
os._exit(0)  # threads of Arrow's end badly where they cannot be made
"""

#: Address space: what the page of the format promises (1.5 GiB), and 1 GiB that libraries reserve and do not use.
LIMIT_BYTES = 5 << 29


def mebibytes_of_a_child(folder: Path) -> int:
    command = [sys.executable, "-c", CHILD, str(folder), str(LIMIT_BYTES)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own code
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def test_a_text_that_unpacks_to_gigabytes_is_never_unpacked(finished: Path) -> None:
    none = pa.array(np.zeros(100_000, np.int32))
    texts = [pa.DictionaryArray.from_arrays(none, [text]) for text in ("note", "{}" + " " * 60_000)]
    rows = pa.table([pa.array(np.zeros(100_000, np.int64)), *texts], names=EVENTS_SCHEMA.names)
    pq.write_table(rows, finished / "events.parquet", compression="zstd", store_schema=False)
    vouch(finished)
    with pytest.raises(LogDamagedError, match="unpacks to more than a log can hold"):
        read_table(finished / "events.parquet")
    assert mebibytes_of_a_child(finished) < 400


@pytest.mark.long
def test_the_largest_log_that_is_read_keeps_to_the_bound_of_memory(tmp_path: Path) -> None:
    folder = large(tmp_path, SAMPLES_MAX, 0)
    used = mebibytes_of_a_child(folder)
    assert len(SessionLog.open(folder).samples("sample")["sample"]) == SAMPLES_MAX
    assert used < 1536
    sys.stdout.write(f"the largest log: {used} MiB\n")


def test_only_the_thread_that_reads_a_table_touches_its_file(finished: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread of Arrow's that still held a piece of a Python file when Python ended aborted the process."""
    threads = set()

    class Watched(io.BufferedReader):
        def read(self, size: int | None = -1, /) -> bytes:
            threads.add(threading.get_ident())
            return super().read(size)

        def readinto(self, buffer: Buffer, /) -> int:
            threads.add(threading.get_ident())
            return super().readinto(buffer)

    def watched(path: Path, most_bytes: int) -> Watched:
        return Watched(cast("io.BufferedReader", open_regular(path, most_bytes)).detach())

    monkeypatch.setattr("glowtool.store.tables.parquet.open_regular", watched)
    read_table(finished / "samples.parquet")
    assert threads == {threading.get_ident()}

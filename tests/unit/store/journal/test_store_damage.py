"""A damaged journal gives its undamaged part, nothing else, and says what is missing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glowtool.errors import LogDamagedError
from glowtool.store.journal import journal as journal_module
from glowtool.store.journal import salvage as salvage_module
from glowtool.store.journal.message import Head, head_at
from glowtool.store.journal.recover import recover
from glowtool.store.logs.damage import damage_told
from glowtool.store.logs.log import SessionLog
from glowtool.store.names import ASIDE, EVENTS_NAME, SAMPLES_NAME
from glowtool.store.tables.manifest import Manifest
from glowtool.store.tables.state import LogState
from support.logs.damage import KINDS, batches_of, make_old
from support.logs.damaged import FILES, check_damaged, check_kept, overwrite, recording, samples_before
from support.logs.sessions import record


@pytest.mark.parametrize("old", [False, True])
def test_what_lies_behind_a_block_of_zeros_is_kept(folder: Path, *, old: bool) -> None:
    if old:
        make_old(folder)
    path = folder / SAMPLES_NAME
    content = path.read_bytes()
    messages = batches_of(content)
    start = content.find(messages[2][0])
    overwrite(path, start, bytes(64))
    manifest = recover(folder)
    after = SessionLog.open(folder).samples_table()
    assert manifest.state is LogState.RECOVERED
    assert manifest.damage is not None
    assert manifest.damage.samples == len(messages[2][1])
    assert len(after) == len(samples_before()) - len(messages[2][1])
    check_kept(after)
    assert (folder / f"{ASIDE}{SAMPLES_NAME}").read_bytes()[start : start + 64] == bytes(64)
    assert not path.exists()


@pytest.mark.parametrize("old", [False, True])
@pytest.mark.parametrize("place", range(10))
def test_zeros_are_not_taken_for_readings(folder: Path, place: int, *, old: bool) -> None:
    if old:
        make_old(folder)
    path = folder / SAMPLES_NAME
    size = path.stat().st_size
    before = path.read_bytes()
    overwrite(path, 4000 + (size - 8000) * place // 10, bytes(512))
    log = SessionLog.open(folder)
    check_kept(log.samples_table())
    if path.read_bytes() == before:  # where nothing but zeros was, in columns of what was off
        return
    assert log.manifest.damage is not None
    assert damage_told(log.manifest)[0].startswith("The recording was damaged")


@settings(deadline=None, max_examples=25)
@given(kind=st.sampled_from(sorted(KINDS)), name=st.sampled_from(FILES), seed=st.integers(0, 10**9))
def test_every_whole_batch_is_kept_none_is_wrong_and_the_loss_is_told(kind: str, name: str, seed: int) -> None:
    check_damaged(kind, name, seed)


@pytest.mark.long
@settings(deadline=None, max_examples=1000)
@given(kind=st.sampled_from(sorted(KINDS)), name=st.sampled_from(FILES), seed=st.integers(0, 10**9))
def test_a_thousand_times_every_whole_batch_is_kept(kind: str, name: str, seed: int) -> None:
    check_damaged(kind, name, seed)


def test_a_stream_whose_schema_is_damaged_keeps_its_batches(folder: Path) -> None:
    for name in FILES:
        overwrite(folder / name, 0, bytes(600))
    manifest = recover(folder)
    log = SessionLog.open(folder)
    assert len(log.samples_table()) == len(samples_before())
    assert manifest.damage is not None
    assert (manifest.damage.samples, manifest.damage.events) == (0, 0)
    assert manifest.steps[0].index == 0


def test_blocks_of_another_journal_are_not_taken_for_this_ones(folder: Path, tmp_path: Path) -> None:
    other, _ = record(tmp_path / "other", 9, session_id="20261122T160000Z-000000")
    other.close()
    stray = batches_of((other.folder / SAMPLES_NAME).read_bytes())[-1][0]
    path = folder / SAMPLES_NAME
    path.write_bytes(path.read_bytes() + stray)
    log = SessionLog.open(folder)
    assert len(log.samples_table()) == len(samples_before())
    assert log.manifest.damage is not None
    shutil.copy(other.folder / SAMPLES_NAME, path)
    with pytest.raises(LogDamagedError, match="belong to two massages"):
        SessionLog.open(folder)
    shutil.copy(other.folder / EVENTS_NAME, folder)
    with pytest.raises(LogDamagedError, match="belongs to another massage than the manifest"):
        recover(folder)
    assert (path.exists(), (folder / EVENTS_NAME).exists()) == (True, True)


def test_what_was_cut_off_an_old_journal_is_missing_and_not_damaged(folder: Path) -> None:
    make_old(folder)
    path = folder / SAMPLES_NAME
    content = path.read_bytes()
    path.write_bytes(content[: content.find(batches_of(content)[-3][0])])
    damage = SessionLog.open(folder).manifest.damage
    assert damage is not None
    assert damage.cut
    assert damage.samples > 0


def test_what_was_cut_off_is_missing_and_not_damaged(folder: Path) -> None:
    path = folder / SAMPLES_NAME
    content = path.read_bytes()
    last, batch = batches_of(content)[-1]
    path.write_bytes(content[: -len(last)])
    short = SessionLog.open(folder).manifest
    assert short.damage is not None
    assert (short.damage.samples, short.damage.cut) == (len(batch), True)
    assert damage_told(short)[0].startswith(f"The end of the recording is missing: {len(batch)} samples")
    for torn in (1, 5, 20, 400, len(last) - 1):
        path.write_bytes(content[: torn - len(last)])
        damage = SessionLog.open(folder).manifest.damage
        assert damage is not None
        assert (damage.samples, damage.bytes, damage.unknown, damage.cut) == (len(batch), torn, True, True), torn
    for strange in (bytes(len(last)), bytes([*last[:200], *bytes(len(last) - 200)])):
        path.write_bytes(content[: -len(last)] + strange)
        damage = SessionLog.open(folder).manifest.damage
        assert damage is not None
        assert not damage.cut, "a disk's zeros are damage"


def test_an_end_that_was_not_written_whole_is_left_out_and_said_so(folder: Path) -> None:
    path = folder / EVENTS_NAME
    path.write_bytes(path.read_bytes() + batches_of(path.read_bytes())[-1][0][:100])
    assert damage_told(SessionLog.open(folder).manifest)[0] == (
        "The recording ends with an incomplete record (100 bytes), which is left out."
    )


def test_a_recording_that_was_killed_between_any_two_writes_lacks_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Samples are on disk before the events that know of them; so `kill -9` alone never makes samples missing."""
    states: list[Path] = []
    append = journal_module._Stream._append

    def appended(stream: journal_module._Stream, message: bytes) -> None:
        append(stream, message)
        states.append(Path(shutil.copytree(tmp_path / "logs", tmp_path / f"{len(states)}")))

    monkeypatch.setattr(journal_module._Stream, "_append", appended)
    journal, _ = record(tmp_path / "logs", 2)
    journal.close()
    assert len(states) > 6
    for state in states[2:]:
        assert recover(state / journal.folder.name).damage is None, state


def test_a_file_of_nothing_but_beginnings_comes_to_an_end(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each says that it is a megabyte long: to look at all of them took a second for every 250 kB."""
    looks: list[int] = []

    def counted(data: bytes, start: int) -> Head | None:
        looks.append(start)
        return head_at(data, start)

    monkeypatch.setattr(salvage_module, "head_at", counted)
    (folder / SAMPLES_NAME).write_bytes(bytes.fromhex("ffffffffffff0f00") * (1 << 18))
    assert len(SessionLog.open(folder).samples_table()) == 0
    assert len(looks) < 30_000


def test_a_block_that_is_there_twice_is_taken_once_and_told(folder: Path) -> None:
    path = folder / SAMPLES_NAME
    path.write_bytes(path.read_bytes() + batches_of(path.read_bytes())[1][0])
    log = SessionLog.open(folder)
    assert len(log.samples_table()) == len(samples_before())
    assert log.manifest.damage is not None
    assert (log.manifest.damage.samples, log.manifest.damage.events) == (0, 0)


def test_a_journal_is_kept_that_is_not_in_the_finished_files(folder: Path) -> None:
    """The files of a finished log were put back from a backup of another one."""
    journal = (folder / SAMPLES_NAME).read_bytes()
    recover(folder)
    (folder / SAMPLES_NAME).write_bytes(journal[:20_000])
    recover(folder)
    assert (folder / f"{ASIDE}{SAMPLES_NAME}").exists() or not (folder / SAMPLES_NAME).exists()
    shutil.copy(recording() / EVENTS_NAME, folder)
    (folder / SAMPLES_NAME).write_bytes(journal[:9000] + bytes(64) + journal[9064:])
    recover(folder)
    assert (folder / f"{ASIDE}{SAMPLES_NAME}").exists()
    assert len(SessionLog.open(folder).samples_table()) == len(samples_before())


def test_any_arrow_reader_reads_a_journal(folder: Path) -> None:
    for name in FILES:
        table = pa.ipc.open_stream((folder / name).read_bytes()).read_all()
        assert len(table) > 10
        assert b"glowtool.seal" in table.schema.metadata


def test_nothing_of_the_roller_is_in_a_journal(folder: Path) -> None:
    for name in FILES:
        assert b"F0:00" not in (folder / name).read_bytes()


def test_a_whole_journal_is_told_as_whole(folder: Path) -> None:
    assert SessionLog.open(folder).manifest.damage is None
    assert recover(folder).damage is None
    assert not list(folder.glob(f"{ASIDE}*"))
    assert Manifest.model_validate_json((folder / "manifest.json").read_bytes()).sha256

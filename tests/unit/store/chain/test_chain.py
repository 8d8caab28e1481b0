"""A chain keeps what was added to it: through crashes, full disks, damage, and two who write at once."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from glowtool.errors import LogDamagedError, StoreError
from glowtool.store.chain import chain as chain_module
from glowtool.store.chain.chain import Chain
from glowtool.store.chain.database import add_lines
from glowtool.store.chain.head import write_head
from support.logs.full_disk import full_disk

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from glowtool.store.chain.chain import Addition

WRITER = """
import sys
from pathlib import Path
from glowtool.store.chain.chain import Chain
from glowtool.store.chain.database import add_lines
from glowtool.store.chain.head import write_head
chain, name, count = Chain(Path(sys.argv[1]), "the trial"), sys.argv[2], int(sys.argv[3])
print("there", flush=True)
sys.stdin.readline()
for number in range(count):
    with chain.adding(number) as addition:
        addition.add("said", number, {"by": name, "number": number})
        addition.add("said", number, {"by": name, "number": number, "twice": True})
    print(number, flush=True)
"""


def writer(chain: Chain, name: str, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", WRITER, str(chain.path), name, str(count)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def add(addition: Addition, *said: object) -> None:
    for word in said:
        addition.add("said", 7, {"word": word})


def words(chain: Chain) -> list[object]:
    proof = chain.prove()
    assert proof.fault is None
    return [line.data["word"] for line in proof.lines]


def test_what_was_added_is_there(chain: Chain) -> None:
    assert words(chain) == [f"line {number}" for number in range(1, 7)]
    assert Chain(chain.path, "the trial").prove().lines == chain.prove().lines


def test_nothing_is_there_before_anything_was_added(tmp_path: Path) -> None:
    assert Chain(tmp_path / "none" / "trial.sqlite", "the trial").prove().lines == ()
    assert not (tmp_path / "none").exists(), "to look changes nothing"


def test_a_block_that_raises_adds_nothing(chain: Chain) -> None:
    with pytest.raises(ValueError, match="JSON"), chain.adding(7) as addition:
        add(addition, "line 7", float("nan"))
    assert len(words(chain)) == 6


def test_whoever_adds_sees_what_was_there_with_nobody_between(chain: Chain) -> None:
    with chain.adding(7) as addition:
        assert [line.number for line in addition.before] == [1, 2, 3, 4, 5, 6]
        addition.add("said", 7, {"word": "line 7"})
    assert words(chain)[-1] == "line 7"


def test_only_its_owner_can_read_it(chain: Chain) -> None:
    assert stat.S_IMODE(chain.path.parent.stat().st_mode) == 0o700
    for path in chain.path.parent.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_two_processes_write_one_chain(tmp_path: Path) -> None:
    chain = Chain(tmp_path / "trial.sqlite", "the trial")
    with writer(chain, "a", 12) as one, writer(chain, "b", 12) as other:
        for each in (one, other):
            assert each.stdout is not None
            assert each.stdin is not None
            assert each.stdout.readline() == "there\n"
        for each in (one, other):
            assert each.stdin is not None
            each.stdin.write("\n")
            each.stdin.flush()
        for each in (one, other):
            each.communicate()
    proof = chain.prove()
    assert proof.fault is None
    assert [line.data["number"] for line in proof.lines if line.data["by"] == "a"][::2] == list(range(12))
    assert len(proof.lines) == 48


def test_a_writer_that_is_killed_leaves_a_whole_chain_with_all_that_it_said_to_have_written(tmp_path: Path) -> None:
    chain = Chain(tmp_path / "trial.sqlite", "the trial")
    with writer(chain, "a", 100_000) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stdout.readline() == "there\n"
        child.stdin.write("\n")
        child.stdin.flush()
        said = [int(child.stdout.readline()) for _ in range(7)][-1]
        child.send_signal(signal.SIGKILL)
    with chain.adding(1) as addition:
        addition.add("said", 1, {"by": "b", "number": -1})
    proof = chain.prove()
    assert proof.fault is None
    assert len(proof.lines) >= 2 * (said + 1) + 1
    assert len(proof.lines) % 2 == 1, "both lines of a block, or none"


@pytest.mark.parametrize("step", ["write_head", "add_lines"])
def test_a_crash_at_any_step_leaves_a_chain_that_goes_on(
    chain: Chain, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as crashing:
        crashing.setattr(chain_module, step, crash)
        with pytest.raises(KeyboardInterrupt), chain.adding(7) as addition:
            addition.add("said", 7, {"word": "line 7"})
    assert len(words(chain)) == 6
    with chain.adding(8) as addition:
        addition.add("said", 8, {"word": "line 8"})
    assert words(chain)[-1] == "line 8"


def test_a_crash_after_the_lines_leaves_them_and_their_note(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[object] = []

    def crash_second(*arguments: object) -> None:
        written.append(arguments)
        if len(written) == 2:
            raise KeyboardInterrupt
        write_head(*arguments)  # type: ignore[arg-type]

    with monkeypatch.context() as crashing:
        crashing.setattr(chain_module, "write_head", crash_second)
        with pytest.raises(KeyboardInterrupt), chain.adding(7) as addition:
            add(addition, "line 7", "line 8")
    assert words(chain)[-2:] == ["line 7", "line 8"]
    with chain.adding(8) as addition:
        addition.add("said", 8, {"word": "line 9"})
    assert words(chain)[-1] == "line 9"


def test_a_full_disk_is_said_and_loses_nothing(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as full:
        full.setattr(os, "fsync", full_disk)
        with pytest.raises(StoreError, match="free some space"), chain.adding(7) as addition:
            addition.add("said", 7, {"word": "line 7"})
    assert len(words(chain)) == 6
    with chain.adding(8) as addition:
        addition.add("said", 8, {"word": "line 7"})
    assert len(words(chain)) == 7


def test_a_full_database_is_said_and_loses_nothing(chain: Chain, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(connection: object, lines: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]  # type: ignore[attr-defined]
        connection.execute(f"PRAGMA max_page_count = {pages}")  # type: ignore[attr-defined]
        add_lines(connection, lines)  # type: ignore[arg-type]

    with monkeypatch.context() as crashing:
        crashing.setattr(chain_module, "add_lines", full)
        with pytest.raises(StoreError, match="free some space on the disk"), chain.adding(7) as addition:
            addition.add("said", 7, {"word": "x" * 100_000})
    assert len(words(chain)) == 6
    with chain.adding(8) as addition:
        addition.add("said", 8, {"word": "line 7"})
    assert len(words(chain)) == 7


def damages() -> Sequence[bytes]:
    return b"", b"SQLite format 3\0" + b"\xff" * 4000, b"\0" * 8192, b"not a database" * 500


@pytest.mark.parametrize("content", damages())
def test_a_damaged_file_is_refused_set_aside_and_never_taken_for_an_empty_one(chain: Chain, content: bytes) -> None:
    chain.path.write_bytes(content)
    if content:
        with pytest.raises(LogDamagedError, match=r"damaged|not a file"):
            chain.prove()
    else:
        assert str(chain.prove().fault) == "lines 1 to 6 are cut off at the end"
    with pytest.raises(LogDamagedError, match=r"set aside as trial\.sqlite\.damaged-1"), chain.adding(7):
        pass
    assert (chain.path.parent / "trial.sqlite.damaged-1").read_bytes() == content
    with chain.adding(8) as addition:
        addition.add("said", 8, {"word": "line 1"})
    assert [line.kind for line in chain.prove().lines] == ["broken", "said"]


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    chain = Chain(tmp_path / "trial.sqlite", "the trial")
    chain.path.symlink_to(victim)
    with pytest.raises(StoreError, match="not a regular file"), chain.adding(1) as addition:
        addition.add("said", 1, {})
    assert not victim.exists()


def test_a_file_of_a_later_glowtool_is_left_alone(chain: Chain) -> None:
    import sqlite3

    with sqlite3.connect(chain.path) as connection:
        connection.execute("PRAGMA user_version = 2")
    with pytest.raises(StoreError, match=r"format version 2, .* update glowtool"), chain.adding(7):
        pass
    assert not list(chain.path.parent.glob("*damaged*"))


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="an administrator may write everywhere")
def test_in_a_folder_that_cannot_be_written_it_can_be_read(chain: Chain) -> None:
    chain.path.with_suffix(".lock").unlink()
    chain.path.parent.chmod(0o500)
    try:
        assert len(words(chain)) == 6
        with pytest.raises(StoreError, match="readable and writable for you"), chain.adding(7):
            pass
    finally:
        chain.path.parent.chmod(0o700)


def test_erased_it_is_gone(chain: Chain) -> None:
    chain.path.write_bytes(b"damage" * 1000)
    with pytest.raises(LogDamagedError), chain.adding(7):
        pass
    chain.erase()
    assert list(chain.path.parent.iterdir()) == []

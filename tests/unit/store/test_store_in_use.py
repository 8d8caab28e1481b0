"""One glowtool holds a roller: the second is told at once, and a process that dies leaves nothing."""

from __future__ import annotations

import errno
import json
import os
import signal
import stat
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from glowtool.errors import InUseError, StoreError
from glowtool.store.rollers.in_use import Holder, hold, holder_of, holders, lock_path, run_folder
from support.logs.full_disk import full_disk

if TYPE_CHECKING:
    from pathlib import Path

ADDRESS = "F0:F1:00:00:00:01"
NOON = datetime(2026, 11, 22, 12, 30).astimezone()

#: Notes that are whole, but for one thing each.
STRANGE = [
    json.dumps({**Holder("run", 4711, NOON, ADDRESS).to_json(), **wrong}).encode()
    for wrong in ({"pid": -1}, {"pid": 2**70}, {"pid": True}, {"since_utc": "2026-11-22T12:30:00"})
]

CHILD = """
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from glowtool.store.rollers.in_use import Holder, hold
import os
holder = Holder(command="run", pid=os.getpid(), since_utc=datetime.now(UTC), address=sys.argv[2])
with hold(Path(sys.argv[1]), holder):
    print("held", flush=True)
    sys.stdin.read()
"""


def holder(command: str = "run", address: str = ADDRESS, since: datetime = NOON) -> Holder:
    return Holder(command=command, pid=4711, since_utc=since, address=address, roller="Desk")


def test_the_second_one_hears_who_the_first_is(tmp_path: Path) -> None:
    with hold(tmp_path, holder()):
        with pytest.raises(InUseError) as refused, hold(tmp_path, holder("info")):
            pass
        assert holder_of(tmp_path, ADDRESS) == holder()
    assert str(refused.value).startswith("Desk is in use by run, process 4711, since 12:30; ")
    assert refused.value.exit_code == 20
    with hold(tmp_path, holder("info")):
        assert [held.command for held in holders(tmp_path)] == ["info"]
    assert holder_of(tmp_path, ADDRESS) is None
    assert holders(tmp_path) == ()


def test_the_date_is_said_when_it_is_not_todays() -> None:
    assert holder().spoken(NOON + timedelta(days=1)) == "run, process 4711, since 2026-11-22 12:30"


def test_other_rollers_are_free(tmp_path: Path) -> None:
    other = holder("info", "F0:F1:00:00:00:02", NOON - timedelta(hours=1))
    with hold(tmp_path, holder()), hold(tmp_path, other):
        assert holders(tmp_path) == (other, holder())


def test_a_holder_can_say_more_later(tmp_path: Path) -> None:
    with hold(tmp_path, holder()) as note:
        more = replace(holder(), control=tmp_path / "x")
        note(more)
        assert holder_of(tmp_path, ADDRESS) == more


def test_nobody_else_can_look_in(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir(mode=0o755)
    with hold(tmp_path, holder()):
        assert stat.S_IMODE((tmp_path / "run").stat().st_mode) == 0o700
        assert stat.S_IMODE(lock_path(tmp_path, ADDRESS).stat().st_mode) == 0o600


def test_a_process_that_is_killed_holds_nothing(tmp_path: Path) -> None:
    with subprocess.Popen(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", CHILD, str(tmp_path), ADDRESS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "held\n"
        found = holder_of(tmp_path, ADDRESS)
        assert found is not None
        assert found.pid == child.pid
        with pytest.raises(InUseError, match=f"process {child.pid}"), hold(tmp_path, holder()):
            pass
        child.send_signal(signal.SIGKILL)
    assert lock_path(tmp_path, ADDRESS).read_bytes(), "its note is still there"
    assert holder_of(tmp_path, ADDRESS) is None
    with hold(tmp_path, holder()):
        assert holders(tmp_path) == (holder(),)


@pytest.mark.parametrize("note", [b"", b"{", b'{"command": "run"}', *STRANGE, b"\xff\xfe", b"[]"])
def test_a_note_that_says_nothing_is_another_glowtool(tmp_path: Path, note: bytes) -> None:
    with hold(tmp_path, holder()):
        lock_path(tmp_path, ADDRESS).write_bytes(note)
        with pytest.raises(InUseError, match="in use by another glowtool"), hold(tmp_path, holder("info")):
            pass
        assert holders(tmp_path) == ()


def test_somebody_who_only_looks_is_waited_for(tmp_path: Path) -> None:
    fcntl = pytest.importorskip("fcntl")
    run_folder(tmp_path)
    looking = os.open(lock_path(tmp_path, ADDRESS), os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(looking, fcntl.LOCK_SH)
    pauses: list[float] = []

    def pause(duration_s: float) -> None:
        pauses.append(duration_s)
        if len(pauses) == 2:
            os.close(looking)

    with hold(tmp_path, holder(), sleep=pause):
        assert len(pauses) == 2


def test_two_who_look_do_not_see_each_other(tmp_path: Path) -> None:
    fcntl = pytest.importorskip("fcntl")
    with hold(tmp_path, holder()):
        pass
    looking = os.open(lock_path(tmp_path, ADDRESS), os.O_RDONLY)
    try:
        fcntl.flock(looking, fcntl.LOCK_SH)
        assert holder_of(tmp_path, ADDRESS) is None
    finally:
        os.close(looking)


def test_a_link_in_the_place_of_the_lock_is_not_followed(tmp_path: Path) -> None:
    run_folder(tmp_path)
    victim = tmp_path / "victim"
    victim.write_text("mine")
    lock_path(tmp_path, ADDRESS).symlink_to(victim)
    with pytest.raises(StoreError), hold(tmp_path, holder()):
        pass
    assert victim.read_text() == "mine"


def test_a_lock_of_another_user_is_said_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_folder(tmp_path)

    def refuse(*arguments: object) -> int:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(StoreError, match="Permission denied; make the folder readable and writable for you"):
        hold(tmp_path, holder()).__enter__()


def test_where_the_file_system_has_no_locks_everything_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fcntl = pytest.importorskip("fcntl")

    def refuse(*arguments: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with hold(tmp_path, holder()), hold(tmp_path, holder("info")):
        assert holder_of(tmp_path, ADDRESS) is None


def test_addresses_of_every_platform_make_file_names(tmp_path: Path) -> None:
    identifier = "B1B2C3D4-0000-1111-2222-333344445555"
    assert lock_path(tmp_path, identifier).name == f"{identifier.lower()}.lock"
    assert lock_path(tmp_path, "../../etc/x").parent == tmp_path / "run"


def test_a_full_disk_keeps_nobody_from_holding_a_roller(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as full:
        full.setattr(os, "write", full_disk)
        with hold(tmp_path, holder()), pytest.raises(InUseError, match="another glowtool"), hold(tmp_path, holder()):
            pass

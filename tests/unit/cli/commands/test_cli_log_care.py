"""`glowtool logs recover` goes on past a bad log, and tells of each loss."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from support.logs.sessions import record
from support.processes.console import Host

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

BAD, DAMAGED, WHOLE = "20261120T080000Z-aaaaaa", "20261121T080000Z-bbbbbb", "20261122T080000Z-cccccc"


def test_a_bad_log_stops_none_of_the_others_and_what_is_lost_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for session_id in (BAD, DAMAGED, WHOLE):
        journal, checkpoint = record(tmp_path / "logs", 2, session_id=session_id)
        journal.close(checkpoint)
    (tmp_path / "logs" / BAD / "events.arrows").unlink()
    os.mkfifo(tmp_path / "logs" / BAD / "events.arrows")
    events = tmp_path / "logs" / DAMAGED / "events.arrows"
    content = events.read_bytes()
    at = content.find(b'{"index"')
    events.write_bytes(content[:at] + bytes(64) + content[at + 64 :])
    said = Host(tmp_path).call_here(capsys, "logs", "recover", "--json")
    assert said.status == 18
    assert "internal error" not in said.err
    done, error = said.documents()
    assert done["recovered"] == [DAMAGED, WHOLE]
    failed, damaged = done["failed"], done["damaged"]
    assert isinstance(failed, list)
    assert isinstance(damaged, list)
    assert [each["session_id"] for each in failed] == [BAD]
    assert [(each["session_id"], each["events"] > 0) for each in damaged] == [(DAMAGED, True)]
    assert "1 of 3 logs could not be recovered" in str(error)


def test_a_list_is_narrowed_and_made_anew_and_tells_the_room_that_logs_take(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for session_id in (BAD, WHOLE):
        journal, checkpoint = record(tmp_path / "logs", 2, session_id=session_id)
        journal.close(checkpoint)
    host = Host(tmp_path)
    (done,) = host.call_here(capsys, "logs", "reindex", "--json").documents()
    assert (done["logs"], done["unreadable"]) == (2, 0)
    listed = host.call_here(capsys, "logs", "list", "--last", "1", "--device", "F0:00")
    assert (BAD in listed.out, WHOLE in listed.out) == (False, True)
    assert f" kB in {tmp_path / 'logs'}" in listed.err
    assert "There is no log of nobody" in host.call_here(capsys, "logs", "list", "--device", "nobody").err

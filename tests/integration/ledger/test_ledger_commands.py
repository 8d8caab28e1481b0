"""The commands about ledger and audit, on a massage that was killed and on files that somebody touched."""

from __future__ import annotations

import json
import signal
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from glowtool.app.ledger.auditing import audit
from glowtool.app.place import Place
from glowtool.store.audit.kinds import AuditKind
from support.people import screened
from support.processes.console import Host
from support.processes.routine_file import IN_CONTACT
from support.processes.short_massage import pair_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


COPY = "INSERT INTO line SELECT 7, at_us, kind, content, previous, seal FROM line WHERE number = 6"


def number(document: Mapping[str, object], *keys: str) -> float:
    found: object = document
    for key in keys:
        assert isinstance(found, dict)
        found = found[key]
    assert isinstance(found, int | float)
    return float(found)


@pytest.mark.slow
def test_a_massage_that_is_killed_counts_by_what_it_left(tmp_path: Path) -> None:
    with pair_of(tmp_path) as (host, _):
        with host.running("run", str(tmp_path / "short.toml"), "--json") as running:
            running.wait_for(IN_CONTACT)
            for _ in range(5):
                running.wait_for('"type": "meter"')
            running.process.send_signal(signal.SIGKILL)
        today = host.call("safety", "status", "--json").document()
        (massage,) = _list(host.call("safety", "ledger", "--json").document()["massages"])
        assert massage["source"] == "samples"
        assert 0.5 < number(today, "today", "vibration_s") < 6.0
        verified = host.call("safety", "audit", "verify", "--json")
        assert verified.status == 0
        assert [file["whole"] for file in _list(verified.document()["files"])] == [True, True]


def _list(found: object) -> list[dict[str, object]]:
    assert isinstance(found, list)
    return found


def forge(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for name in ("only_at_the_end", "never_altered", "never_removed"):
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement)


@pytest.mark.parametrize(
    ("statement", "first", "why"),
    [
        ("UPDATE line SET content = replace(content, 'x3', 'x9') WHERE number = 3", 3, "line 3 was altered"),
        ("DELETE FROM line WHERE number = 4", 4, "line 4 is missing"),
        (COPY, 7, "line 7 was inserted: it is a copy of another one"),
    ],
)
def test_verify_names_the_first_line_that_was_touched(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], statement: str, first: int, why: str
) -> None:
    host, place = Host(tmp_path), Place("none", tmp_path)
    for count in range(1, 7):
        audit(place, AuditKind.ORDERED, {"order": f"x{count}"})
    assert host.call_here(capsys, "safety", "audit", "verify").status == 0
    forge(place.audit_dir / "audit.sqlite", statement)
    said = host.call_here(capsys, "safety", "audit", "verify", "--json")
    assert said.status == 18
    (file,) = _list(json.loads(said.out.splitlines()[0])["files"])
    assert (file["whole"], file["first"], file["why"]) == (False, first, why)


def test_the_audit_lists_its_lines_and_takes_what_it_cannot_name_for_nobody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    host, place = Host(tmp_path), Place("none", tmp_path)
    assert "no line yet" in host.call_here(capsys, "safety", "audit").err
    ann = screened(tmp_path)
    audit(place, AuditKind.REFUSED, {"order": "start", "why": "too \x1b[31mmuch"}, person=ann.id)
    (line,) = _list(host.call_here(capsys, "safety", "audit", "--json").document()["lines"])
    assert (line["kind"], line["person"], line["roller"]) == ("refused", "Ann", None)
    shown = host.call_here(capsys, "safety", "audit").out
    assert "\x1b[31m" not in shown
    assert "Ann" in shown
    raw = (place.audit_dir / "audit.sqlite").read_bytes()
    assert ann.id.encode() not in raw
    assert b"Ann" not in raw

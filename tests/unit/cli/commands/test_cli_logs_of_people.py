"""Logs know whose they are, and are listed for one person alone where asked."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import pytest

from glowtool.app.ledger.clock import reading_now
from glowtool.app.ledger.owners import Owners
from glowtool.app.place import Place
from glowtool.store.ledger.book import Book
from glowtool.store.ledger.lines import DoseEntry, Recorded
from glowtool.store.people.people import People
from glowtool.store.tables.manifest import manifest_of, read_manifest
from support.logs.plain_logs import keep_log
from support.people import screened
from support.processes.console import call_here

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.processes.console import Said


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place("sim", tmp_path)


@pytest.fixture
def glowtool(place: Place, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    return partial(call_here, capsys, "--data-dir", str(place.root))


def at(hour: int) -> datetime:
    return datetime(2026, 11, 30, hour, tzinfo=UTC)


def owners_by(said: Said) -> dict[str, str | None]:
    return {each["session_id"]: each["person"] for each in json.loads(said.out)["sessions"]}


def test_logs_are_listed_with_their_person_and_of_one_alone(place: Place, glowtool: Callable[..., Said]) -> None:
    ann, ben = screened(place.root, "Ann"), screened(place.root, "Ben")
    hers, his, older = (
        keep_log(place, at(8), person=ann.id),
        keep_log(place, at(9), person=ben.id),
        keep_log(place, at(7)),
    )
    assert owners_by(glowtool("logs", "list", "--json")) == {hers: "Ann", his: "Ben", older: None}
    assert owners_by(glowtool("logs", "list", "--json", "--person", "ben")) == {his: "Ben"}
    everybody = glowtool("logs", "list")
    assert [line.split()[-1] for line in everybody.out.splitlines() if "─" not in line] == ["Person", "–", "Ann", "Ben"]
    alone = glowtool("logs", "list", "--person", "Ann")
    assert hers in alone.out
    assert his not in alone.out
    assert "Only those of Ann; 2 of others, or of nobody known." in alone.err
    assert "Person   Ben" in glowtool("logs", "show", his).out
    wrong = glowtool("logs", "list", "--person", "Bem")
    assert wrong.status == 3
    assert "did you mean 'Ben'?" in wrong.err


def test_a_log_is_believed_before_the_ledger_and_an_older_one_is_looked_up_there(place: Place) -> None:
    ann, ben = screened(place.root, "Ann"), screened(place.root, "Ben")
    hers, older = keep_log(place, at(8), person=ann.id), keep_log(place, at(9))
    for massage in (hers, older):
        had = Recorded(massage=massage, roller="r", dose=DoseEntry(current_s=1.0), started_us=None, ended_us=None)
        Book(place.ledger_dir, ben.id).record(had, reading_now())
    owners = Owners(place)
    assert owners.of_log(read_manifest(place.logs_dir / hers)) == ann.id
    assert owners.of_log(read_manifest(place.logs_dir / older)) == ben.id


def test_a_log_of_before_there_were_people_is_read_and_is_the_only_persons(place: Place) -> None:
    path = place.logs_dir / keep_log(place, at(8)) / "manifest.json"
    content = json.loads(path.read_text("utf-8"))
    del content["person"], content["manifest_crc32"]
    old = manifest_of(json.dumps(content).encode(), path)
    assert (old.person, old.altered) == (None, False)
    assert Owners(place).of_log(old) is None
    ann = screened(place.root)
    assert Owners(place).of_log(old) == ann.id


def test_logs_are_listed_although_the_list_of_people_is_damaged(place: Place, glowtool: Callable[..., Said]) -> None:
    kept = keep_log(place, at(8), person=screened(place.root).id)
    (path,) = [each for each in place.root.rglob("*.json") if "people" in f"{each}" and '"name"' in each.read_text()]
    path.write_text("{", encoding="utf-8")
    with pytest.raises(Exception, match="damaged"):
        People(place.root).all()
    assert owners_by(glowtool("logs", "list", "--json")) == {kept: None}

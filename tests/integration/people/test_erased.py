"""A person takes everything away, is erased, and nothing of them is left in any byte of the data folder."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from glowtool import app
from glowtool.app.ledger.clock import reading_now
from glowtool.app.running import Wish
from glowtool.errors import StoreError
from glowtool.model.event import Event
from glowtool.safety.dose import NO_DOSE
from glowtool.safety.screening import Flag
from glowtool.store.ledger.book import Book
from glowtool.store.ledger.lines import DoseEntry, Recorded, Settled, Source
from glowtool.store.people.people import People
from glowtool.store.routines.load import load_routine
from support.host.virtual_time import in_virtual_time
from support.people import screened
from support.processes.console import Host
from support.stack.full_stack import known_roller

if TYPE_CHECKING:
    from pathlib import Path

SEED = 11
NAME = "Wilhelmina Q."


@in_virtual_time
async def massaged(data: Path, *names: str) -> list[str]:
    """Massage people, one after the other, and return the logs."""
    async with known_roller(data, SEED):
        pass
    routine = load_routine("first-glow")
    short = routine.model_copy(
        update={"steps": tuple(step.model_copy(update={"duration_s": 2.0}) for step in routine.steps[:1])}
    )
    logs = []
    for name in names:
        place = app.place.Place("sim", data, name)
        result = await app.running.run(place, app.finding.known_roller(place), Wish(short))
        logs.append(result.session_id)
    return logs


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def files_with(folder: Path, word: str) -> list[str]:
    """Return the files that have a word in them; the audit keeps pseudonyms, and is looked at apart."""
    files = [path for path in folder.rglob("*") if path.is_file() and "audit" not in path.parts]
    return [path.name for path in files if word.encode() in path.read_bytes()]


def test_all_of_a_person_can_be_taken_away_and_erased_and_nobody_else_is_touched(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine, other = screened(data, NAME), screened(data, "Ann")
    host = Host(data, "bumble:none")
    first, hers, second = massaged(data, NAME, "Ann", NAME)
    assert host.call_here(capsys, "--person", NAME, "person", "cleaned").status == 0

    told = host.call_here(capsys, "person", "export", NAME, "--json").document()
    assert (told["name"], told["id"]) == (NAME, mine.id)
    assert [log["session_id"] for log in told["logs"]] == [first, second]  # type: ignore[attr-defined]  # JSON
    assert {answer["flag"] for answer in told["screening"]} == set(Flag)  # type: ignore[attr-defined]  # JSON
    assert len(told["profile"]["cleaned"]) == 1  # type: ignore[index]  # JSON
    assert {line["kind"] for line in told["doses"]} >= {"begun", "settled"}  # type: ignore[attr-defined]  # JSON
    file = data.parent / "mine.json"
    assert host.call_here(capsys, "person", "export", NAME, "-o", str(file)).status == 0
    assert json.loads(file.read_text("utf-8")) == told
    assert file.stat().st_mode & 0o077 == 0

    assert files_with(data, mine.id)
    assert "so nothing" not in host.call_here(capsys, "person", "erase", NAME).err, "nobody answers, nothing is done"
    assert files_with(data, mine.id)
    done = host.call_here(capsys, "person", "erase", NAME, "--yes", "--json").document()
    assert done == {"name": NAME, "erased": True, "logs": [first, second], "problems": [], "left": []}
    assert files_with(data, mine.id) == files_with(data, NAME) == []
    assert not [path for path in data.rglob("*") if mine.id in path.name]
    assert not [path for path in data.rglob("*") if path.is_file() and NAME.encode() in path.read_bytes()]
    assert People(data).all() == (other,)
    assert hers in {path.name for path in (data / "logs").iterdir()}
    assert host.call_here(capsys, "person", "show", NAME).status == 3


def test_to_be_erased_and_entered_anew_gives_no_second_dose_on_that_day(data: Path) -> None:
    mine, other, place, now = screened(data, NAME), screened(data, "Ann"), app.place.Place("sim", data), reading_now()
    massaged(data, NAME)
    record = Recorded(massage="r", roller="x", dose=DoseEntry(vibration_s=60), started_us=None, ended_us=None)
    Book(place.ledger_dir, mine.id).record(record, now)
    had = app.doses.dose_today(place, mine.id)
    assert had.vibration_s > 61.0
    assert app.erasing.erase(place, mine).left == ()
    again = screened(data, NAME)
    for known in (again, other):
        assert app.doses.dose_today(place, known.id).vibration_s == pytest.approx(had.vibration_s)
        assert app.doses.dose_today(place, known.id).current_s == pytest.approx(had.current_s)
    nobody = Book(place.ledger_dir)
    assert nobody.mentions("r"), "a record that is still in the roller counts once"
    tomorrow = replace(now, unix_s=now.unix_s + 86_400, steady_s=now.steady_s + 86_400)
    assert app.doses.dose_today(place, again.id, tomorrow) == NO_DOSE
    assert files_with(data, mine.id) == []
    assert {each.started_us for each in nobody.reckoning(now).massages} == {None}, "only the day is left"


def test_a_log_with_a_damaged_manifest_is_still_known_as_theirs(data: Path) -> None:
    mine = screened(data, NAME)
    (log,) = massaged(data, NAME)
    manifest = data / "logs" / log / "manifest.json"
    manifest.write_bytes(manifest.read_bytes()[:-40])
    place = app.place.Place("sim", data)
    assert app.erasing.logs_of_person(place, mine).sessions == (log,)
    assert app.erasing.erase(place, mine).left == ()
    assert files_with(data, mine.id) == []


def test_nobody_is_erased_in_mid_massage_which_would_leave_something(data: Path) -> None:
    mine = screened(data, NAME)
    place = app.place.Place("sim", data)

    @in_virtual_time
    async def massage() -> None:
        async with known_roller(data, SEED):
            pass
        routine = load_routine("first-glow")
        refused = list[StoreError]()

        def hear(news: object) -> None:
            if isinstance(news, Event) and not refused:
                with pytest.raises(StoreError, match="being massaged right now") as error:
                    app.erasing.erase(place, mine)
                refused.append(error.value)

        short = routine.model_copy(update={"steps": (routine.steps[0].model_copy(update={"duration_s": 2.0}),)})
        await app.running.run(place, app.finding.known_roller(place), Wish(short), hear)
        assert refused

    massage()
    assert len(People(data).profile(mine).days) > 10, "nothing was erased"
    assert app.erasing.erase(place, mine).left == ()


def test_what_a_crash_left_half_written_is_erased_too(data: Path) -> None:
    mine, place = screened(data, NAME), app.place.Place("sim", data)
    for folder in (place.ledger_dir, place.plans_dir, data / "people"):
        folder.mkdir(exist_ok=True)
        (folder / f".{mine.id}.json.abc.part").write_text("{}")
    assert app.erasing.erase(place, mine).left == ()
    assert not [path for path in data.rglob("*") if mine.id in path.name]


def test_a_ledger_that_cannot_be_read_keeps_nobody_from_being_erased(data: Path) -> None:
    mine, place = screened(data, NAME), app.place.Place("sim", data)
    place.ledger_dir.mkdir()
    (place.ledger_dir / f"{mine.id}.sqlite").symlink_to(data / "elsewhere")
    assert app.erasing.erase(place, mine).left == ()
    assert not list(place.ledger_dir.glob(f"{mine.id}*"))


def test_a_book_does_not_come_back_after_its_person_was_erased(tmp_path: Path) -> None:
    settled = Settled(massage="one", dose=DoseEntry(), source=Source.PLAN, started_us=0, ended_us=0)
    assert not Book(tmp_path, "a" * 16).settle(settled, reading_now())
    assert not list(tmp_path.iterdir())


def test_a_word_across_the_border_of_two_pieces_is_found(data: Path) -> None:
    mine = screened(data, NAME)
    for at in (0, (1 << 20) - 8, 2 << 20):
        (data / "odd.bin").write_bytes(b"." * at + mine.id.encode() + b".")
        assert str(data / "odd.bin") in app.erasing.erase(app.place.Place("sim", data), mine).left


def test_a_massage_counts_for_the_gentle_start_and_for_the_heads(data: Path) -> None:
    screened(data, NAME, new=True)
    massaged(data, NAME, NAME)
    profile = People(data).profile(People(data).find(NAME))
    assert (len(profile.days), profile.massages_since) == (1, 2)
    who = app.who.meant(app.place.Place("sim", data))
    assert app.who.starts_gently(who)
    assert app.cleaning.reminder(who) == "After 2 massages, no cleaning of the heads is noted."
    assert who.known is not None
    app.cleaning.note_cleaning(app.place.Place("sim", data), who.known)
    assert app.cleaning.reminder(app.who.meant(app.place.Place("sim", data))) == ""

"""The plan that a person follows: kept whole and private, one at a time, each person's apart, erased without a rest."""

from __future__ import annotations

import stat
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from glowtool.errors import StoreError
from glowtool.store.plans.kept import BegunPlan, KeptPlans
from glowtool.store.plans.load import load_plan
from support.logs.full_disk import full_disk

if TYPE_CHECKING:
    from pathlib import Path

TODAY = date(2027, 3, 1)


def begun(plan_id: str = "0011223344556677") -> BegunPlan:
    return BegunPlan(
        plan_id=plan_id, plan=load_plan("gentle-start"), begins=TODAY, zone="Europe/Berlin",
        made_utc=datetime(2027, 3, 1, 9, tzinfo=UTC),
    )  # fmt: skip


def test_a_plan_is_read_as_it_was_begun_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    kept = KeptPlans(tmp_path / "plans", None)
    assert kept.current() is None
    kept.begin(begun(), today=TODAY)
    assert KeptPlans(tmp_path / "plans", None).current() == begun()
    assert stat.S_IMODE(kept.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.path.parent.stat().st_mode) == 0o700


def test_another_plan_ends_the_one_before_and_giving_up_keeps_it_as_an_earlier_one(tmp_path: Path) -> None:
    kept = KeptPlans(tmp_path, None)
    kept.begin(begun(), today=TODAY)
    kept.begin(begun("8899aabbccddeeff"), today=date(2027, 3, 9))
    assert [(each.plan_id, each.ended) for each in kept.earlier()] == [("0011223344556677", date(2027, 3, 9))]
    assert kept.end(date(2027, 3, 20)) == begun("8899aabbccddeeff")
    assert kept.current() is None
    assert len(kept.earlier()) == 2
    assert kept.end(TODAY) is None


def test_each_person_has_a_plan_of_their_own_whatever_their_name(tmp_path: Path) -> None:
    names = [None, "Ada", "ada/../x", "Zoë", "everyone", "Ada ", "_61_", "a"]
    files = {KeptPlans(tmp_path, name).path for name in names}
    assert len(files) == len(names)
    assert {path.parent for path in files} == {tmp_path}
    KeptPlans(tmp_path, "Ada").begin(begun(), today=TODAY)
    assert KeptPlans(tmp_path, "Zoë").current() is None


def test_erasing_leaves_nothing(tmp_path: Path) -> None:
    kept = KeptPlans(tmp_path, "Ada")
    kept.begin(begun(), today=TODAY)
    assert kept.erase()
    assert not kept.erase()
    assert not [path for path in tmp_path.iterdir() if path.stat().st_size]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format_version": 0}', '{"current": {"plan": {}}}'])
def test_a_damaged_file_is_said_and_never_taken_for_no_plan(tmp_path: Path, content: str) -> None:
    kept = KeptPlans(tmp_path, None)
    kept.path.write_text(content)
    with pytest.raises(StoreError, match="is damaged at"):
        kept.current()
    assert kept.path.read_text() == content


def test_a_later_format_is_not_overwritten(tmp_path: Path) -> None:
    kept = KeptPlans(tmp_path, None)
    kept.path.write_text('{"format_version": 2}')
    with pytest.raises(StoreError, match="update glowtool"):
        kept.begin(begun(), today=TODAY)


def test_a_full_disk_keeps_the_plan_that_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = KeptPlans(tmp_path, None)
    kept.begin(begun(), today=TODAY)
    monkeypatch.setattr("glowtool.store.plans.kept.write_atomic", full_disk)
    with pytest.raises(StoreError, match="No space left"):
        kept.begin(begun("8899aabbccddeeff"), today=TODAY)
    assert kept.current() == begun()


def test_a_plan_of_nobody_becomes_that_of_the_first_person_once(tmp_path: Path) -> None:
    nobody, ada = KeptPlans(tmp_path, None), KeptPlans(tmp_path, "ada")
    ada.take_over(nobody)
    assert ada.current() is None
    nobody.begin(begun(), today=TODAY)
    ada.take_over(nobody)
    assert (ada.current(), nobody.current()) == (begun(), None)
    nobody.begin(begun("8899aabbccddeeff"), today=TODAY)
    ada.take_over(nobody)
    assert ada.current() == begun(), "a plan of one's own stays"

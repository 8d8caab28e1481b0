"""Names of people: one that looks the same is the same person, and nothing of somebody who was erased comes back."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from glowtool.errors import InputError
from glowtool.store.people.people import NoSuchPersonError, People

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
COMPOSED, DECOMPOSED = "Zo\u00e9", "Zoe\u0301"


@pytest.mark.parametrize("other", [DECOMPOSED, DECOMPOSED.upper(), "\uff3a\uff4f\u00e9", f" {COMPOSED} "])
def test_a_name_finds_its_person_however_it_was_typed(tmp_path: Path, other: str) -> None:
    people = People(tmp_path)
    known = people.add(COMPOSED, NOW)
    assert people.find(other) == known
    with pytest.raises(InputError):
        people.add(other, NOW)
    assert people.all() == (known,)


def test_a_name_is_kept_in_one_form(tmp_path: Path) -> None:
    assert People(tmp_path).add(DECOMPOSED, NOW).name == COMPOSED


def test_a_profile_does_not_come_back_after_its_person_was_erased(tmp_path: Path) -> None:
    people = People(tmp_path)
    known = people.add("Ann", NOW)
    people.remove(known)
    with pytest.raises(NoSuchPersonError, match="Ann was erased"):
        people.change(known, lambda profile: profile.massaged(date(2026, 3, 1)))
    assert not [path for path in people.folder.iterdir() if known.id in path.name]


def test_encryption_removes_what_a_crash_left_readable(tmp_path: Path) -> None:
    people = People(tmp_path)
    known = people.add("Ann", NOW)
    left = people.folder / f".{known.id}.json.abc.part"
    left.write_bytes(b'{"answers"')
    people.seal(known, "four words long enough")
    assert not left.exists()

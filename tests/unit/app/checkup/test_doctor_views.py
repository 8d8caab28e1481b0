"""The doctor looks at damaged places and missing adapters without making or raising anything."""

from __future__ import annotations

import asyncio
import pwd
from typing import TYPE_CHECKING

import pytest

from glowtool.app.checkup import examinations as looking
from glowtool.app.checkup.examinations import adapter_to_examine, look_at_roller
from glowtool.app.checkup.storage import look_at_storage
from glowtool.app.place import Place
from glowtool.errors import UsageError
from glowtool.link.radio import Obstacle, RadioFacts
from glowtool.link.system import SystemAdapter

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def homeless(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Place]:
    """The place of a user whom the system does not know: there is no home, and what stands for it is no path."""
    monkeypatch.delenv("HOME")
    monkeypatch.setattr(pwd, "getpwuid", _no_such_user)
    monkeypatch.chdir(tmp_path)
    yield Place(adapter="tcp:127.0.0.1:1")
    assert list(tmp_path.iterdir()) == []


def _no_such_user(uid: int) -> object:
    raise KeyError(uid)


async def test_without_a_home_nothing_is_made_and_the_adapter_is_looked_at_all_the_same(homeless: Place) -> None:
    storage = await look_at_storage(homeless)
    async with adapter_to_examine(homeless, storable=storage.anywhere) as (adapter, facts):
        roller = await look_at_roller(homeless, adapter, None)

    assert not storage.anywhere
    assert facts.trouble is not None
    assert facts.trouble.obstacle is Obstacle.CANNOT_OPEN
    assert roller.none_because is not None


async def test_a_data_directory_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    storage = await look_at_storage(Place(data_dir=tmp_path / "a" / "b"))

    assert (storage.exists, storage.writable, storage.free_bytes is not None) == (False, True, True)
    assert not (tmp_path / "a").exists()


async def test_a_file_where_the_data_directory_should_be_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    storage = await look_at_storage(Place(data_dir=tmp_path / "file" / "data"))

    assert not storage.exists


def test_bonds_are_read_as_carefully_as_by_who_uses_them(tmp_path: Path) -> None:
    """A pipe in their place held the doctor up for ever; a link stands for it here, so that a fault ends the test."""
    tmp_path.chmod(0o700)
    (tmp_path / "bonds").mkdir(mode=0o700)
    (tmp_path / "elsewhere.json").write_text("{}")
    (tmp_path / "bonds" / "bonds.json").symlink_to(tmp_path / "elsewhere.json")

    storage = asyncio.run(look_at_storage(Place(data_dir=tmp_path)))

    assert "bonds.json is not a regular file" in str(storage.problems[0])


async def test_a_service_that_never_answers_is_waited_for_only_so_long(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class Mute(SystemAdapter):
        async def radio(self) -> RadioFacts:
            await asyncio.Event().wait()
            raise AssertionError

    monkeypatch.setattr(looking, "_LOOK_S", 0.01)

    facts = await looking._radio(Mute(None))

    assert facts.trouble is not None
    assert facts.trouble.obstacle is Obstacle.NO_SERVICE


async def test_an_adapter_that_does_not_exist_is_a_mistake_in_the_command(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        async with adapter_to_examine(Place(adapter="tcp:", data_dir=tmp_path), storable=True):
            pass

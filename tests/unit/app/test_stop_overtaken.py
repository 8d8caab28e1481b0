"""A `glowtool stop` that is overtaken by another is answered by it, and a face that fails cancels no stop."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from glowtool.app import stopping
from glowtool.app.errands import halting
from glowtool.app.hold.control import Stopped
from glowtool.app.news import NotStopped, Zeroed, untold
from glowtool.app.place import Place
from glowtool.errors import InUseError, LinkError, MissingExtraError
from glowtool.store.rollers.in_use import Holder

if TYPE_CHECKING:
    from pathlib import Path

ADDRESS = "F0:F1:00:00:00:01"


async def test_who_is_overtaken_by_another_stop_is_answered_by_that_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quicker = Holder(
        address=ADDRESS, roller="Desk", command="stop", pid=7, since_utc=datetime(2026, 11, 29, tzinfo=UTC)
    )
    looks: list[Holder | None] = [None, quicker]

    async def taken(*_: object) -> Zeroed:
        raise InUseError("Desk is in use by stop, process 7")

    async def answered(*_: object) -> Stopped:
        return Stopped(confirmed=True, stop_ms=12.0)

    monkeypatch.setattr(stopping, "holder_of", lambda *_: looks.pop(0))
    monkeypatch.setattr(stopping, "_stop_directly", taken)
    monkeypatch.setattr(stopping, "_stop_through", answered)
    zeroed = await stopping._stop_one(Place(data_dir=tmp_path), stopping.Target(ADDRESS, "Desk"), untold)
    assert zeroed == Zeroed(ADDRESS, "Desk", 12.0, quicker)


async def test_a_face_that_fails_cancels_the_stop_of_no_other_roller(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped: list[str] = []

    async def stop_one(_place: Place, target: stopping.Target, _tell: object) -> Zeroed:
        for _turn in range(len(stopped) + 3 * (target.name == "slow")):
            await asyncio.sleep(0)
        stopped.append(target.name)
        return Zeroed(target.address, target.name, 12.0)

    def tell(_news: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr(stopping, "_stop_one", stop_one)
    targets = [stopping.Target(name, name) for name in ("quick", "slow")]
    with pytest.raises(BrokenPipeError):
        await stopping.stop(Place(data_dir=tmp_path), targets, tell)
    assert stopped == ["quick", "slow"]


@pytest.mark.parametrize("error", [LinkError("no answer"), KeyError("zero")])
async def test_each_of_several_rollers_that_is_not_stopped_is_named_however_it_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    async def stop_one(_place: Place, _target: stopping.Target, _tell: object) -> Zeroed:
        raise error

    told: list[object] = []
    monkeypatch.setattr(stopping, "_stop_one", stop_one)
    targets = [stopping.Target(name, name) for name in ("ours", "another maker's")]
    with pytest.raises(type(error)):
        await stopping.stop(Place(data_dir=tmp_path), targets, told.append)
    assert [news.roller for news in told if isinstance(news, NotStopped)] == ["ours", "another maker's"]


async def test_whatever_keeps_a_stop_from_a_roller_it_says_how_to_stop_it_by_hand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object) -> Zeroed:
        raise MissingExtraError("the driver 'comb' cannot be loaded", advice="reinstall the package that brings it")

    monkeypatch.setattr(halting, "halt", fails)
    with pytest.raises(MissingExtraError, match="brings it; if it moves, stop it with its button"):
        await stopping._stop_directly(Place(data_dir=tmp_path), stopping.Target(ADDRESS, "Desk"), untold)

"""Two `glowtool stop` at once: the one that comes second asks the first, and fails no more than that."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from glowtool.app.hold.control import Stopped
from glowtool.cli.commands import stop
from glowtool.cli.options import Options
from glowtool.cli.terminal.output import Output
from glowtool.errors import InUseError
from glowtool.store.rollers import in_use
from glowtool.store.rollers.in_use import Holder

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

ADDRESS = "F0:F1:00:00:00:01"


async def test_who_is_overtaken_by_another_stop_is_answered_by_that_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quicker = Holder(
        address=ADDRESS, roller="Desk", command="stop", pid=7, since_utc=datetime(2026, 11, 29, tzinfo=UTC)
    )
    looks: list[Holder | None] = [None, quicker]

    async def taken(*_: object) -> stop.Outcome:
        raise InUseError("Desk is in use by stop, process 7")

    async def answered(*_: object) -> Stopped:
        return Stopped(confirmed=True, stop_ms=12.0)

    monkeypatch.setattr(in_use, "holder_of", lambda *_: looks.pop(0))
    monkeypatch.setattr(stop, "_stop_directly", taken)
    monkeypatch.setattr(stop, "_stop_through", answered)
    options = Options(data_dir=tmp_path)
    outcome = await stop._stop_one(options, Output(options), stop._Target(ADDRESS, "Desk"))
    assert outcome == stop.Outcome(ADDRESS, "Desk", "stop", 7, 12.0)

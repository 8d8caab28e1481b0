"""A pacemaker that is said in mid-massage: whatever runs is stopped at that answer, not after the last question."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from glowtool import app
from support.people import screened
from support.processes.console import Host

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.app.news import Zeroed


@pytest.mark.parametrize(("typed", "stops"), [("y\nn\n", 1), ("y\ny\n", 1), ("n\nn\n", 0)])
def test_what_runs_is_stopped_at_the_first_answer_against_it(
    tmp_path: Path, typed: str, stops: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped = list[object]()

    async def stop(_place: object, _wanted: object, _tell: object) -> list[Zeroed]:
        stopped.append(_place)
        return []

    screened(tmp_path)
    monkeypatch.setattr(app.holding, "holders", lambda _place: (object(),))
    monkeypatch.setattr(app.stopping, "targets", lambda _place: [])
    monkeypatch.setattr(app.stopping, "stop", stop)
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))  # and then nothing: the terminal was closed
    said = Host(tmp_path, "bumble:none").call_here(capsys, "safety", "screening", "--again")
    assert said.status != 0
    assert len(stopped) == stops

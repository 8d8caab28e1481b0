"""A replay tells what a massage told while it ran: the same readings, to the bit, whatever the speed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from glowtool.app.logs.replaying import news_of, replay
from glowtool.model.event import Event
from glowtool.model.status import Status
from glowtool.session.do.runner import Session
from glowtool.session.listening.recording import FreeRecording
from glowtool.session.news import Began, Ends, StepBegan
from glowtool.store.logs.log import SessionLog
from glowtool.stream.live.meter import MeterReading
from support.host.masseur import Masseur, Watcher, plan
from support.host.telling import Heard, Teller, listening_plan
from support.host.virtual_time import in_virtual_time

if TYPE_CHECKING:
    from pathlib import Path


@in_virtual_time
async def test_a_recording_gives_the_readings_that_it_gave_live(tmp_path: Path) -> None:
    live, again = Heard(), Watcher()
    result = await FreeRecording(listening_plan(Teller(), tmp_path, 5.0)).run(live.publish)
    assert result.path is not None
    log, loop = SessionLog.open(result.path), asyncio.get_running_loop()
    for speed, lasts_s in ((1.0, 5.0), (2.0, 2.5), (0.0, 0.0)):
        again.heard.clear()
        began_s = loop.time()
        await replay(log, speed, again.publish)
        assert loop.time() - began_s == pytest.approx(lasts_s, abs=0.3)
        assert [each for each in again.heard if isinstance(each, MeterReading)] == live.of(MeterReading)


@in_virtual_time
async def test_a_massage_is_told_again_from_its_beginning_to_its_end(tmp_path: Path) -> None:
    watcher = Watcher()
    result = await Session(plan(Masseur().perform(), tmp_path)).run(watcher.publish)
    told = [news for _, news in news_of(SessionLog.open(result.path))]
    assert isinstance(told[0], Began)
    assert isinstance(told[-1], Ends)
    assert told[-1].ending is result.ending
    steps = [each.index for each in watcher.heard if isinstance(each, StepBegan)]
    assert [each.index for each in told if isinstance(each, StepBegan)] == steps
    assert [each for each in told if isinstance(each, MeterReading)] == [
        each for each in watcher.heard if isinstance(each, MeterReading)
    ]
    kinds = [each.kind for each in told if isinstance(each, Event)]
    assert kinds == [each.kind for each in watcher.events]
    assert any(isinstance(each, Status) for each in told)

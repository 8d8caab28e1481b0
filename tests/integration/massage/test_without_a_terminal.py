"""A program runs a whole massage with the use cases alone, and is told everything it needs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from glowtool import PersonalMax, app, run
from glowtool.app.asks import Nobody
from glowtool.app.news import Displayed, Looking
from glowtool.app.place import Place
from glowtool.app.running import Wish
from glowtool.model.ending import Ending
from glowtool.model.event import Event
from glowtool.model.status import Status
from glowtool.routine.models import Vibration
from glowtool.session.news import Began, Ends, OutputsZero, StepBegan
from glowtool.store.logs.log import SessionLog
from glowtool.store.routines.load import load_routine
from glowtool.stream.live.meter import MeterReading
from support.host.virtual_time import in_virtual_time
from support.people import screened

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.app.news import News
    from glowtool.routine import Routine


@dataclass(frozen=True)
class Reader(Nobody):
    """Reads the passkey from the lines of the roller's display, which are among the news."""

    heard: list[News]

    async def passkey(self) -> int:
        shown = [re.sub(r"\D", "", news.line) for news in self.heard if isinstance(news, Displayed)]
        return int(next(digits for digits in reversed(shown) if len(digits) == 6))


def short() -> Routine:
    """Two steps, as short as a program's steps may be."""
    routine = load_routine("first-glow")
    steps = tuple(step.model_copy(update={"duration_s": 1.0}) for step in routine.steps[:2])
    return routine.model_copy(update={"steps": steps})


@in_virtual_time
async def test_a_whole_massage_is_told_to_a_plain_list(tmp_path: Path) -> None:
    place, heard = Place("sim", tmp_path / "data"), list["News"]()
    bonded = await app.pairing.pair(place, Reader(heard), tell=heard.append)
    screened(place.root)

    heard.clear()
    result = await app.running.run(place, bonded.known, Wish(short()), heard.append)

    assert (result.ending, result.problem, result.confirmed) == (Ending.COMPLETED, None, True)
    kinds = [type(news) for news in heard if not isinstance(news, Status | MeterReading | Displayed)]
    assert kinds[:2] == [Looking, Began]
    assert kinds[-2:] == [Ends, OutputsZero]
    assert [news.index for news in heard if isinstance(news, StepBegan)] == [0, 1]
    assert [type(news) for news in heard].count(MeterReading) >= 10
    began = next(news for news in heard if isinstance(news, Began))
    log = SessionLog.open(began.path)
    told = [news for news in heard if isinstance(news, Event)]
    assert log.manifest.ending is Ending.COMPLETED
    assert [event for event in log.events() if event in told] == told


@in_virtual_time
async def test_a_persons_maximum_holds_whatever_the_routine_asks_for(tmp_path: Path) -> None:
    place, heard = Place("sim", tmp_path / "data"), list["News"]()
    await app.pairing.pair(place, Reader(heard), tell=heard.append)
    screened(place.root)
    (first, *_) = load_routine("first-glow").steps
    full = first.model_copy(update={"duration_s": 8.0, "vibration": Vibration(amplitude_percent=100, frequency_hz=75)})
    routine = load_routine("first-glow").model_copy(update={"steps": (full,)})

    async def greatest(personal: PersonalMax | None) -> float:
        result = await run(place, routine, personal=personal)
        assert result.ending is Ending.COMPLETED
        return float(SessionLog.open(result.path).samples("amplitude")["amplitude"].max())

    assert await greatest(PersonalMax(amplitude=0.3)) == pytest.approx(0.3, abs=0.005)
    assert await greatest(None) == pytest.approx(1.0, abs=0.005)

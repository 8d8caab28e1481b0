"""The roller beeps before the next step over the whole stack; whatever becomes of a beep, the massage goes on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

import pytest

from glowtool.app.coaching.buzzer import Buzzer
from glowtool.device.refusals import CommandLackingError
from glowtool.errors import ConnectionLostError
from glowtool.session.news import Advised, Cue, CueKind
from glowtool.stream.coach.tips import Tip

if TYPE_CHECKING:
    from glowtool.device.driver import Driver


class Beeping:
    """A device that beeps, or fails at it."""

    def __init__(self, error: Exception | None = None) -> None:
        self.beeps = 0
        self._error = error

    async def signal(self) -> None:
        self.beeps += 1
        if self._error is not None:
            raise self._error


async def _turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_it_beeps_for_what_comes_and_not_for_what_is_wrong() -> None:
    roller, buzzer = Beeping(), Buzzer()
    buzzer.roller = cast("Driver", roller)
    async with buzzer.ready():
        for kind in CueKind:
            buzzer.hear(Cue(kind, "words", 0))
            await _turns()
        buzzer.hear(Advised(Tip.PRESS_LESS))
        await _turns()
    assert roller.beeps == len([CueKind.NEXT, CueKind.LAST, CueKind.MOMENT])


@pytest.mark.parametrize("error", [CommandLackingError("too old"), ConnectionLostError("gone"), ValueError("a defect")])
async def test_a_beep_that_fails_ends_nothing(error: Exception) -> None:
    roller, buzzer = Beeping(error), Buzzer()
    buzzer.roller = cast("Driver", roller)
    async with buzzer.ready():
        buzzer.hear(Cue(CueKind.NEXT, "words", 0))
        await _turns()
    assert roller.beeps == 1
    assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []


async def test_before_there_is_a_roller_nothing_beeps() -> None:
    buzzer = Buzzer()
    async with buzzer.ready():
        buzzer.hear(Cue(CueKind.NEXT, "words", 0))
        await _turns()

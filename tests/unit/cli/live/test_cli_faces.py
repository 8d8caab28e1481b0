"""Every face of a massage handles every kind of news, and refuses everything else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from glowtool.cli.live.json_lines import JsonLines
from glowtool.cli.live.lines import Lines
from glowtool.cli.live.picture import LiveView
from glowtool.cli.options import Options
from glowtool.cli.terminal.output import Printer
from glowtool.device import attempts
from glowtool.device.attempts import FailedAttempt, NextAttempt
from glowtool.device.identity import Identity
from glowtool.errors import ConnectFailedError
from glowtool.model.ending import Ending
from glowtool.model.event import Event, EventKind
from glowtool.model.program import Program
from glowtool.model.state import Interlock
from glowtool.routine.stepped import Stepped
from glowtool.session import news
from glowtool.session.decide.questions import Question
from glowtool.session.wishes import Ask, Wish
from glowtool.store.routines.load import load_routine
from glowtool.stream.coach.tips import Tip
from glowtool.stream.heads import Head
from glowtool.stream.live.meter import Band, HeadMeter, MeterReading
from glowtool.stream.quality.kinds import CellFaultKind
from glowtool.stream.quality.watch import FailedCell
from support.host.statuses import IDLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from glowtool.session.news import MassageNews, Publish

HEAD = HeadMeter(3.0, contact=True, band=Band.IN, direction=0)

EVERY: tuple[MassageNews, ...] = (
    news.Began("id", Path("log"), Identity("", "", "", "", ""), 80, Program()),
    IDLE,
    MeterReading(0, 0, {Head.LEFT: HEAD, Head.RIGHT: HEAD}, 3, 30.0, skin_dry=True),
    Event(0, EventKind.PAUSE, {}),
    news.StepBegan(0),
    news.InForce(Interlock.NO_CONTACT),
    FailedAttempt(1, 8, ConnectFailedError("the roller did not answer"), 1.0),
    NextAttempt(2, 8, 25.0),
    news.Lost("it went out of reach"),
    news.Restored(4.2),
    news.Asked(Question("it went out of reach", 4.2, 1, 5, 23.4, 125.0, 120.0)),
    news.Replied(yes=True),
    news.Resuming(1, 23.4),
    news.Steered(Ask(Wish.EXTEND), done=True, why="", vibration_percent=90, current_percent=90, step=0, step_s=75.0),
    news.Ends(Ending.COMPLETED, "the program ran to its end"),
    news.OutputsZero(120.0),
    news.Cue(news.CueKind.NEXT, "Right cheek in 5 seconds.", 0),
    news.Advised(Tip.PRESS_LESS),
    Stepped(load_routine("first-glow"), (1,), 0.04),
    FailedCell("pressure_lf", "left front", CellFaultKind.STUCK, 200, 1_000_000, 2_000_000),
)

FACES: dict[str, Callable[[], Publish]] = {
    "lines": lambda: Lines(Printer(Options()), load_routine("first-glow")).publish,
    "live": lambda: LiveView(load_routine("first-glow"), "GR-1").publish,
    "json": lambda: JsonLines(Printer(Options(json=True))).publish,
}


def kinds(alias: object) -> set[str]:
    """Return the names of the classes in a union; those of the massage's news are written as strings."""
    named: dict[str, object] = {"LinkNews": news.LinkNews, "Attempt": attempts.Attempt}
    found: set[str] = set()
    for name in str(alias).split(" | "):
        found |= kinds(named[name]) if name in named else {name.rpartition(".")[2]}
    return found


def test_the_list_has_one_of_every_kind() -> None:
    every: object = news.MassageNews
    assert {type(item).__name__ for item in EVERY} == kinds(every)


@pytest.mark.parametrize("face", FACES)
async def test_a_face_takes_every_kind_of_news(face: str, capsys: pytest.CaptureFixture[str]) -> None:
    publish = FACES[face]()
    for item in EVERY:
        publish(item)
    told = capsys.readouterr()
    if face == "json":
        assert {json.loads(line)["type"] for line in told.out.splitlines()} == {
            "stepped", "began", "meter", "event", "link", "cue", "advice", "steered", "cell", "ending",
        }  # fmt: skip
        assert told.err == ""
    else:
        assert told.out == ""


@pytest.mark.parametrize("face", FACES)
def test_a_face_refuses_what_is_no_news(face: str) -> None:
    with pytest.raises(AssertionError, match="unreachable"):
        FACES[face]()(object())  # type: ignore[arg-type]  # on purpose

"""Before there is a reading, the live view speaks of the heads in the roller's own table of channels."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from glowtool.app.news import Taring
from glowtool.app.watching.state import LiveState
from glowtool.cli.live.link_news import link_sentence
from glowtool.cli.live.screen import screen
from glowtool.cli.options import Options
from glowtool.cli.terminal.news_words import shown_by
from glowtool.cli.terminal.output import Printer
from glowtool.device.identity import Identity
from glowtool.model.ceilings import CeilingId
from glowtool.model.program import Program
from glowtool.session.decide.questions import ZeroQuestion
from glowtool.session.news import Asked, Began, Lost
from glowtool.store.routines.load import load_routine
from glowtool.stream.heads import Head
from glowtool.stream.live.zero import Zero

TWO = (Head.LEFT, Head.RIGHT)
WORDS = [(TWO, "both heads"), ((Head.ONLY,), "its head"), ((), "its cells")]


def heads_drawn(state: LiveState) -> list[str]:
    console = Console(file=StringIO(), width=80, no_color=True, markup=False)
    with console.capture() as printed:
        console.print(screen(state, 0.0, 80, 24))
    lines = printed.get().splitlines()
    return [line[:10].rstrip() for line in lines if line.startswith(("Head ", "Left head", "Right head"))]


@pytest.mark.parametrize(("heads", "shown"), [((Head.ONLY,), ["Head"]), (TWO, ["Left head", "Right head"]), ((), [])])
def test_the_live_view_has_the_heads_of_this_roller_before_the_first_reading_and_after_a_loss(
    heads: tuple[Head, ...], shown: list[str]
) -> None:
    start = Began("id", Path("log"), Identity("", "", "", "", ""), 80, Program(), heads)
    state = LiveState(load_routine("evening-calm"), "GR-mini 0042", start)

    assert heads_drawn(state) == heads_drawn(state.with_link(Lost())) == shown


def test_the_live_view_has_no_head_before_the_roller_has_told_of_any() -> None:
    assert heads_drawn(LiveState(load_routine("evening-calm"), "GR-mini 0042")) == []


@pytest.mark.parametrize(("heads", "words"), WORDS)
def test_the_question_about_the_zero_speaks_of_the_heads_that_there_are(heads: tuple[Head, ...], words: str) -> None:
    asked = Asked(ZeroQuestion(Zero({"tool": 0.35}, heads)))

    assert f"Keep {words} free in the air" in link_sentence(asked)


@pytest.mark.parametrize(("heads", "words"), WORDS)
def test_a_tare_speaks_of_the_heads_that_there_are(
    heads: tuple[Head, ...], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shown_by(Printer(Options()))(Taring("GR-mini 0042", heads))

    assert capsys.readouterr().err == f"Hold GR-mini 0042 in the air, still, with {words} free …\n"


@pytest.mark.parametrize(("zero_kpa", "marks"), [(13.3, ["0", "5", "10"]), (8.0, ["0", "5"]), (30.0, ["0", "5", "10"])])
def test_the_scale_ends_where_this_roller_puts_its_outputs_to_zero(zero_kpa: float, marks: list[str]) -> None:
    ceilings = {CeilingId.PRESSURE_ZERO: zero_kpa}
    start = Began("id", Path("log"), Identity("", "", "", "", ""), 80, Program(), (Head.ONLY,), ceilings)
    console = Console(file=StringIO(), width=80, no_color=True, markup=False)
    with console.capture() as printed:
        console.print(screen(LiveState(load_routine("evening-calm"), "GR-mini 0042", start), 0.0, 80, 24))
    scale = next(line for line in printed.get().splitlines() if line.rstrip().endswith("kPa"))

    assert scale.split() == [*marks, "kPa"]

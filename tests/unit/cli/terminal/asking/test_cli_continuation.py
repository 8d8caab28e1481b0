"""The question whether to go on takes a yes only with Enter, and it can be withdrawn."""

from __future__ import annotations

import asyncio
import io
import json
import os
import select
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from glowtool.app.watching.state import LiveState
from glowtool.cli.commands.run import policy_on_loss
from glowtool.cli.live.json_lines import JsonLines
from glowtool.cli.live.lines import Lines
from glowtool.cli.live.link_news import link_object, link_sentence, question_text
from glowtool.cli.live.screen import screen
from glowtool.cli.options import Options
from glowtool.cli.terminal.asking.continuation import Answer, Asker
from glowtool.cli.terminal.keyboard import Keyboard
from glowtool.cli.terminal.output import Printer
from glowtool.device.attempts import FailedAttempt, NextAttempt
from glowtool.errors import ConnectFailedError, UsageError
from glowtool.session.decide.questions import Question
from glowtool.session.decide.resumption import OnLoss
from glowtool.session.news import Asked, Lost, Replied, Restored, Resuming, StepBegan
from glowtool.store.routines.load import load_routine

if TYPE_CHECKING:
    from collections.abc import Iterator

QUESTION = Question("it went out of reach", 4.2, 1, 5, 23.4, 125.0, 120.0)
ATTEMPT = FailedAttempt(2, 8, ConnectFailedError("the roller did not answer", advice="bring it near"), 1.23)
NEWS = (
    ATTEMPT,
    Lost("it went out of reach"),
    Restored(4.2),
    Asked(QUESTION),
    Replied(yes=True),
    Resuming(1, 23.4),
    NextAttempt(3, 8, 25.0),
)


@pytest.fixture
def keyboard(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A terminal as standard input; yields the end at which a person types."""
    person, terminal = os.openpty()
    with os.fdopen(terminal, "r", encoding="utf-8") as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        yield person
    os.close(person)


ANSWERS = {
    "y\n": True,
    "Y\r": True,
    " yes \n": True,
    "yx\x7f\n": True,
    "nope\x15y\n": True,
    "y": None,
    "yyyy": None,
    "maybe\n": None,
    "maybe\ny\n": True,
    "\n": False,
    "n\n": False,
    "y\x7f\n": False,
    "y\x1b": False,
    "y\x04": False,
    "": False,
}


@pytest.mark.parametrize(("keys", "answer"), ANSWERS.items())
def test_only_a_yes_with_enter_is_one(keys: str, answer: bool | None) -> None:
    assert Answer().take(keys) is answer


@given(st.text(st.characters(exclude_characters="\r\n")))
def test_no_keys_whatever_start_anything_without_enter(keys: str) -> None:
    assert not Answer().take(keys)


@pytest.fixture
def asker(keyboard: int) -> Iterator[Asker]:
    held = Keyboard(sys.stdin.fileno())
    with held.held():
        yield Asker(held, echo=False)


async def test_what_was_typed_before_the_question_is_no_answer_nor_is_a_lone_key(keyboard: int, asker: Asker) -> None:
    for keys, answer in ((b"n\n", False), (b"qy\ny\n", True)):
        os.write(keyboard, b"y\n")
        assert select.select([sys.stdin.fileno()], [], [], 2)[0], "the terminal has it before the question"
        asking = asyncio.create_task(asker.ask(QUESTION))
        await asyncio.sleep(0)  # it waits for keys by then
        os.write(keyboard, b"y")
        while asker.typed != "y":
            assert not asking.done()
            await asyncio.sleep(0)
        os.write(keyboard, b"\x7f" + keys)
        assert await asyncio.wait_for(asking, 2) is answer


async def test_a_question_that_is_taken_back_leaves_nobody_who_reads(asker: Asker) -> None:
    asking = asyncio.create_task(asker.ask(QUESTION))
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert not asyncio.get_running_loop().remove_reader(sys.stdin.fileno())


async def test_a_process_in_the_background_is_not_halted_by_asking(
    asker: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "tcgetpgrp", lambda _descriptor: os.getpgrp() + 1)
    assert await asker.ask(QUESTION) is False


def test_the_live_view_shows_what_is_typed() -> None:
    state = LiveState(load_routine("first-glow"), "Desk", link=NEWS[3], typed="ye")
    printed = io.StringIO()
    Console(file=printed, width=80).print(screen(state, 0.0, 80, 24))
    assert "[y/N] ye" in " ".join(printed.getvalue().split())


def test_a_person_hears_what_happens_in_words() -> None:
    assert [link_sentence(news).strip() for news in NEWS] == [
        "attempt 2 of 8 failed: the roller did not answer; again in 1.2 s",
        "The connection was lost: it went out of reach. The roller stops by itself. Connecting again …",
        "Connected again after 4.2 s; outputs are off.",
        "Go on softly with step 2 of 5 (23 s left, 2:05 min to the end)? [y/N]",
        "Yes.",
        "Going on with step 2, 23 s of it left, from a soft start.",
        "attempt 3 of 8: connecting, for at most 25 s …",
    ]
    assert question_text(QUESTION) == link_sentence(NEWS[3])


def test_what_is_shown_of_an_attempt_is_true_at_each_moment() -> None:
    state = LiveState(load_routine("first-glow"), "Desk")
    waiting, trying = state.with_link(NEWS[0], 10.0), state.with_link(NEWS[-1], 11.3)
    assert "again in 1.2 s" in shown(waiting, 10.0)
    assert "again in 0.2 s" in shown(waiting, 11.0)
    assert "connecting, for at most 25 s" in shown(trying, 11.3)
    assert "connecting, for at most 15 s" in shown(trying, 21.3)
    assert "again in" not in shown(trying, 21.3)


def shown(state: LiveState, now_s: float) -> str:
    printed = io.StringIO()
    Console(file=printed, width=80).print(screen(state, now_s, 80, 24))
    return " ".join(printed.getvalue().split())


def test_a_program_gets_the_same_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    view = JsonLines(Printer(Options(json=True)))
    for news in NEWS:
        view.publish(news)
    documents = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert documents == [link_object(news) for news in NEWS]
    assert {document["type"] for document in documents} == {"link"}
    changes = ["attempt", "lost", "restored", "asking", "answered", "resuming", "trying"]
    assert [document["change"] for document in documents] == changes
    assert documents[0]["pause_s"] == 1.23
    assert documents[3]["step_left_s"] == 23.4


def test_a_quiet_terminal_still_shows_the_question(capsys: pytest.CaptureFixture[str]) -> None:
    view = Lines(Printer(Options(quiet=True)), load_routine("first-glow"))
    for news in NEWS:
        view.publish(news)
    assert capsys.readouterr().err.splitlines() == [question_text(QUESTION)]


def test_the_line_of_a_resumed_step_says_what_is_left_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    routine = load_routine("first-glow")
    view = Lines(Printer(Options()), routine)
    view.publish(NEWS[5])
    view.publish(StepBegan(1))
    view.publish(StepBegan(2))
    _, second, third = capsys.readouterr().err.splitlines()
    assert ", 23.4 s." in second
    assert f", {routine.steps[2].duration_s:g} s." in third


def test_nobody_is_asked_where_nobody_sits() -> None:
    assert policy_on_loss(None, someone=True) is OnLoss.ASK
    assert policy_on_loss(None, someone=False) is OnLoss.STOP
    assert policy_on_loss("resume", someone=False) is OnLoss.RESUME
    assert policy_on_loss("stop", someone=True) is OnLoss.STOP
    with pytest.raises(UsageError, match="at a terminal"):
        policy_on_loss("ask", someone=False)

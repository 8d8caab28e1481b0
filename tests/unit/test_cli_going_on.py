"""The question whether to go on, at a terminal: one key, yes only when it is meant, and it can be taken back."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import termios
from typing import TYPE_CHECKING

import pytest

from glowtool.cli.going_on import answer_of, ask_to_go_on
from glowtool.cli.link_news import link_document, link_sentence, question_text
from glowtool.cli.live import JsonView, LineView
from glowtool.cli.options import Options
from glowtool.cli.output import Output
from glowtool.cli.run import policy_on_loss
from glowtool.device.retrying import FailedAttempt
from glowtool.errors import ConnectFailedError, UsageError
from glowtool.routine import load_routine
from glowtool.session.plan import LinkChange, LinkNews
from glowtool.session.resuming import OnLoss, Question
from glowtool.store.events import Event, EventKind

if TYPE_CHECKING:
    from collections.abc import Iterator

QUESTION = Question("it went out of reach", 4.2, 1, 5, 23.4, 125.0, 120.0)
ATTEMPT = FailedAttempt(2, 8, ConnectFailedError("the roller did not answer; bring it near"), 1.23)
NEWS = (
    LinkNews(LinkChange.ATTEMPT, attempt=ATTEMPT),
    LinkNews(LinkChange.LOST, because="it went out of reach"),
    LinkNews(LinkChange.RESTORED, away_s=4.2),
    LinkNews(LinkChange.ASKING, question=QUESTION),
    LinkNews(LinkChange.ANSWERED, go_on=True),
    LinkNews(LinkChange.RESUMING, step=1, step_left_s=23.4),
)


@pytest.fixture
def keyboard(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A terminal as standard input; yields the end at which a person types."""
    person, terminal = os.openpty()
    with os.fdopen(terminal, "r", encoding="utf-8") as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        yield person
    os.close(person)


ANSWERS = {b"y": True, b"Y": True, b"n": False, b"\n": False, b"\x1b": False, b"xx": None, b"xy": True, b"": False}


@pytest.mark.parametrize(("keys", "answer"), ANSWERS.items())
def test_only_a_plain_yes_is_one(keys: bytes, answer: bool | None) -> None:
    assert answer_of(keys) is answer


async def test_a_key_answers_at_once_and_the_terminal_is_as_before(keyboard: int) -> None:
    before = termios.tcgetattr(sys.stdin.fileno())
    os.write(keyboard, b"y")  # typed before the question: it is no answer
    assert os.read(keyboard, 1) == b"y", "the echo, without which the terminal may not have it yet"
    for keys, answer in ((b"n", False), (b"qy", True)):
        asking = asyncio.create_task(ask_to_go_on(QUESTION))
        await asyncio.sleep(0)  # it waits for a key by then
        assert termios.tcgetattr(sys.stdin.fileno()) != before
        os.write(keyboard, keys)
        assert await asyncio.wait_for(asking, 2) is answer
    assert termios.tcgetattr(sys.stdin.fileno()) == before


async def test_a_question_that_is_taken_back_leaves_the_terminal_as_it_was(keyboard: int) -> None:
    before = termios.tcgetattr(sys.stdin.fileno())
    asking = asyncio.create_task(ask_to_go_on(QUESTION))
    await asyncio.sleep(0)
    assert termios.tcgetattr(sys.stdin.fileno()) != before
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert termios.tcgetattr(sys.stdin.fileno()) == before
    assert not asyncio.get_running_loop().remove_reader(sys.stdin.fileno())


async def test_a_process_in_the_background_is_not_halted_by_asking(
    keyboard: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "tcgetpgrp", lambda _descriptor: os.getpgrp() + 1)
    before = termios.tcgetattr(sys.stdin.fileno())
    assert await ask_to_go_on(QUESTION) is False
    assert termios.tcgetattr(sys.stdin.fileno()) == before


def test_a_person_hears_what_happens_in_words() -> None:
    assert [link_sentence(news).strip() for news in NEWS] == [
        "attempt 2 of 8: the roller did not answer; next in 1.2 s",
        "The connection was lost: it went out of reach. The roller stops by itself. Connecting again …",
        "Connected again after 4.2 s; outputs are zero.",
        "Go on with step 2 of 5 (23 s of it left, 2:05 min in all), from a soft start? [y/N]",
        "Yes.",
        "Going on with step 2, 23 s of it left, from a soft start.",
    ]
    assert question_text(QUESTION) == link_sentence(NEWS[3])


def test_a_program_gets_the_same_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    view = JsonView(Output(Options(json=True)))
    for news in NEWS:
        view.link(news)
    documents = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert documents == [link_document(news) for news in NEWS]
    assert {document["type"] for document in documents} == {"link"}
    assert [document["change"] for document in documents] == [news.change.value for news in NEWS]
    assert documents[0]["pause_s"] == 1.23
    assert documents[3]["step_left_s"] == 23.4


def test_a_quiet_terminal_still_shows_the_question(capsys: pytest.CaptureFixture[str]) -> None:
    view = LineView(Output(Options(quiet=True)), load_routine("first-glow"))
    for news in NEWS:
        view.link(news)
    assert capsys.readouterr().err.splitlines() == [question_text(QUESTION)]


def test_the_line_of_a_resumed_step_says_what_is_left_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    routine = load_routine("first-glow")
    view = LineView(Output(Options()), routine)
    view.link(NEWS[-1])
    view.event(Event(0, EventKind.STEP, {"index": 1}))
    view.event(Event(0, EventKind.STEP, {"index": 2}))
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

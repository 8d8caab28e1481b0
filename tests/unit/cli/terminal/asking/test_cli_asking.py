"""Commands take the answers of people and of scripts, and a signal ends them."""

from __future__ import annotations

import asyncio
import io
import os
import select
import signal

import pytest

from glowtool.app.hold.interruption import STOPPER
from glowtool.cli.signals import listening, stoppable
from glowtool.cli.terminal.asking.questions import Terminal, confirm, remind
from glowtool.errors import InterruptedSessionError, PairingCancelledError, UsageError
from support.processes.typed import Typed

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP]


def answering(monkeypatch: pytest.MonkeyPatch, text: str, *, terminal: bool = False) -> None:
    monkeypatch.setattr("sys.stdin", Typed(text) if terminal else io.StringIO(text))


async def test_a_piped_passkey_is_read_as_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, "123 456\n")
    assert await Terminal().passkey() == 123456


@pytest.mark.parametrize(
    ("text", "error"), [("", PairingCancelledError), ("\n", PairingCancelledError), ("hello\n", UsageError)]
)
async def test_a_pipe_gets_no_second_chance(monkeypatch: pytest.MonkeyPatch, text: str, error: type[Exception]) -> None:
    answering(monkeypatch, text)
    with pytest.raises(error):
        await Terminal().passkey()


async def test_a_person_is_asked_again(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    answering(monkeypatch, "hello\n12345\n000042\n", terminal=True)
    assert await Terminal().passkey() == 42
    assert capsys.readouterr().err.count("the six digits on") == 2


@pytest.mark.parametrize(("text", "default"), [("y\n", False), ("YES\n", False), ("\n", True), ("what?\ny\n", False)])
def test_yes_goes_on(monkeypatch: pytest.MonkeyPatch, text: str, default: bool) -> None:
    answering(monkeypatch, text)
    confirm("Really?", default=default)


@pytest.mark.parametrize(("text", "default"), [("n\n", True), ("no\n", True), ("\n", False)])
def test_no_does_nothing(monkeypatch: pytest.MonkeyPatch, text: str, default: bool) -> None:
    answering(monkeypatch, text)
    with pytest.raises(InterruptedSessionError, match="nothing was done"):
        confirm("Really?", default=default)


def test_what_was_typed_before_the_question_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    person, terminal = os.openpty()
    with os.fdopen(terminal, "r", encoding="utf-8") as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        os.write(person, b"\n\ny\n")
        assert select.select([stdin.fileno()], [], [], 2)[0], "the terminal has it before the question"
        monkeypatch.setattr("glowtool.cli.terminal.asking.questions.show", lambda *_, **__: os.write(person, b"n\n"))
        with pytest.raises(InterruptedSessionError, match="the answer was no"):
            confirm("Start", default=True)
    os.close(person)


def test_no_answer_is_not_a_yes(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, "")
    with pytest.raises(UsageError, match="--yes"):
        confirm("Really?", default=True)


@pytest.mark.parametrize("text", ["", "n\n"])
def test_a_reminder_is_for_a_person_at_a_terminal(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    answering(monkeypatch, text)
    monkeypatch.setattr("sys.stderr", Typed())
    remind("Start")
    answering(monkeypatch, "n\n", terminal=True)
    with pytest.raises(InterruptedSessionError, match="nothing was done"):
        remind("Start")


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_cancels_a_command_and_lets_it_clean_up(number: signal.Signals) -> None:
    cleaned = []

    async def work() -> None:
        try:
            os.kill(os.getpid(), number)
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            cleaned.append(number)

    with pytest.raises(InterruptedSessionError):
        asyncio.run(stoppable(work()))
    assert cleaned == [number]


@pytest.mark.parametrize("number", SIGNALS)
def test_a_block_can_ask_for_something_else(number: signal.Signals) -> None:
    async def work() -> str:
        asked = asyncio.Event()
        with STOPPER.get().does_instead(asked.set):
            os.kill(os.getpid(), number)
            await asked.wait()
        return "in order"

    assert asyncio.run(stoppable(work())) == "in order"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGQUIT])
def test_what_a_shell_has_its_background_jobs_ignore_stops_a_command_all_the_same(number: signal.Signals) -> None:
    before = signal.signal(number, signal.SIG_IGN)

    async def work() -> None:
        os.kill(os.getpid(), number)
        async with asyncio.timeout(5):
            await asyncio.Event().wait()

    try:
        with pytest.raises(InterruptedSessionError):
            asyncio.run(stoppable(work()))
        assert signal.getsignal(number) is signal.SIG_IGN
    finally:
        signal.signal(number, before)


def test_a_signal_that_comes_before_the_event_loop_is_not_lost() -> None:
    async def work() -> None:
        async with asyncio.timeout(5):
            await asyncio.Event().wait()

    with listening():
        os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(InterruptedSessionError):
            asyncio.run(stoppable(work()))


def test_a_hang_up_that_nohup_ignores_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)

    async def work() -> str:
        os.kill(os.getpid(), signal.SIGHUP)
        await asyncio.sleep(0)
        return "not disturbed"

    try:
        assert asyncio.run(stoppable(work())) == "not disturbed"
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_cancellation_that_is_not_the_persons_stays_one() -> None:
    async def main() -> None:
        async with asyncio.timeout(0):
            await stoppable(asyncio.sleep(3600))

    with pytest.raises(TimeoutError):
        asyncio.run(main())


def test_a_closed_terminal_counts_once_however_often_it_is_told_and_a_second_ctrl_c_twice() -> None:
    async def asked_by(number: signal.Signals) -> int:
        asked: list[None] = []
        with STOPPER.get().does_instead(lambda: asked.append(None)):
            for _ in range(2):
                os.kill(os.getpid(), number)
                for _ in range(3):  # the loop hears of it, schedules the handler, and runs it
                    await asyncio.sleep(0)
        return len(asked)

    assert asyncio.run(stoppable(asked_by(signal.SIGHUP))) == 1
    assert asyncio.run(stoppable(asked_by(signal.SIGINT))) == 2

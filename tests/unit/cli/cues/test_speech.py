"""Speech never holds up a massage, says the newest, and falls silent when the massage ends."""

from __future__ import annotations

import os
import select
import subprocess
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from glowtool.cli.cues.options import Senses
from glowtool.cli.cues.speech import COMMANDS, Command, Voice, find_command
from glowtool.cli.cues.spoken import MANNERS, spoken_of
from glowtool.errors import UsageError
from glowtool.model.ending import Ending
from glowtool.session.decide.questions import Question
from glowtool.session.news import Advised, Asked, Cue, CueKind, Ends, StepBegan
from glowtool.stream.coach.tips import Tip

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

SOON_S = 10.0
SPEAKS = Command("speak", ("--wait",))


@dataclass
class Saying:
    """A process that speaks until it is let go, or killed."""

    arguments: list[str]
    over: threading.Event = field(default_factory=threading.Event)
    killed: bool = False

    def wait(self, timeout: float | None = None) -> int:
        if not self.over.wait(SOON_S if timeout is None else min(timeout, SOON_S)):
            raise subprocess.TimeoutExpired(self.arguments, SOON_S)
        return 0

    def kill(self) -> None:
        self.killed = True
        self.over.set()


class Mouth:
    """Starts the processes, and lets a test wait for the next one."""

    def __init__(self) -> None:
        self.said: list[Saying] = []
        self._begun = threading.Condition()

    def start(self, arguments: list[str]) -> Saying:
        with self._begun:
            self.said.append(Saying(arguments))
            self._begun.notify_all()
            return self.said[-1]

    def after(self, number: int) -> Saying:
        with self._begun:
            assert self._begun.wait_for(lambda: len(self.said) >= number, SOON_S)
            return self.said[number - 1]

    @property
    def words(self) -> list[str]:
        return [saying.arguments[-1] for saying in self.said]


def cue(words: str, kind: CueKind = CueKind.NEXT) -> Cue:
    return Cue(kind, words, 0)


def test_of_the_sentences_that_wait_the_newest_is_said_and_nobody_waits_for_one() -> None:
    mouth = Mouth()
    voice = Voice(SPEAKS, mouth.start)
    voice.hear(cue("one"))
    first = mouth.after(1)
    for words in ("two", "three", "four"):
        voice.hear(cue(words))
    assert mouth.words == ["one"]
    first.over.set()
    mouth.after(2).over.set()
    assert mouth.words == ["one", "four"]
    assert not first.killed
    voice.hush()


def test_what_must_be_heard_at_once_cuts_the_sentence_off() -> None:
    mouth = Mouth()
    voice = Voice(SPEAKS, mouth.start)
    voice.hear(cue("Left cheek. Roll slowly.", CueKind.BEGINS))
    first = mouth.after(1)
    voice.hear(cue("Press less.", CueKind.ALERT))
    assert mouth.after(2).arguments[-1] == "Press less."
    assert first.killed
    voice.hush()


def test_the_end_silences_it_and_nothing_is_said_after_that() -> None:
    mouth = Mouth()
    voice = Voice(Command("speak", (), ("--cancel",)), mouth.start)
    voice.hear(cue("one"))
    first = mouth.after(1)
    voice.hear(Ends(Ending.STOPPED, "it was asked for here"))
    assert first.killed
    hush = mouth.after(2)
    assert hush.arguments == ["speak", "--cancel"], "what a service speaks is ended, too"
    hush.over.set()
    voice.hear(cue("two"))
    assert len(mouth.said) == 2


def test_a_command_that_cannot_begin_ends_speech_and_nothing_else() -> None:
    tried = threading.Event()

    def fail(_arguments: list[str]) -> Saying:
        tried.set()
        raise FileNotFoundError

    voice = Voice(SPEAKS, fail)
    voice.hear(cue("one"))
    assert tried.wait(SOON_S)
    voice.hear(cue("two"))


def test_words_from_a_file_are_no_options_of_the_command() -> None:
    assert SPEAKS.saying("--output=/etc/passwd  now\x1b[2J")[2] == "output=/etc/passwd now\\x1b[2J"
    assert len(SPEAKS.saying("a" * 1000)[2]) == 300


@contextmanager
def speaking(folder: Path) -> Iterator[tuple[Command, Callable[[], str]]]:
    """Give a real command, and what returns the sentence that it got, and fails when there is none for long."""
    script, pipe = folder / "speak", folder / "heard"
    os.mkfifo(pipe)
    script.write_text(f'#!/bin/sh\nprintf "%s" "$2" > "{pipe}"\n')
    script.chmod(0o755)
    # Opened for writing, too: opening waits for no writer then, and between two sentences there is no end of file.
    ear = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)

    def heard() -> str:
        assert select.select([ear], [], [], SOON_S)[0], "nothing was spoken"
        return os.read(ear, 1000).decode()

    try:
        yield Command(str(script), ("--wait",)), heard
    finally:
        os.close(ear)


def test_the_real_command_gets_the_sentence(tmp_path: Path) -> None:
    with speaking(tmp_path) as (command, heard):
        voice = Voice(command)
        voice.hear(cue("Right cheek in 5 seconds."))
        assert heard() == "Right cheek in 5 seconds."
        voice.hush()


def test_each_massage_of_a_row_has_a_voice(tmp_path: Path) -> None:
    with speaking(tmp_path) as (command, heard):
        senses = Senses(bell=False, buzz=False, speech=command)
        for massage in ("Left cheek.", "Right cheek."):
            with senses.beside(lambda _news: None, silent=False) as publish:
                publish(cue(massage))
                assert heard() == massage
                publish(Ends(Ending.COMPLETED, ""))


def test_without_a_command_it_says_which_ones_would_do() -> None:
    with pytest.raises(UsageError, match="none of say, spd-say, espeak-ng, espeak"):
        find_command(lambda _program: None)
    assert find_command(lambda program: "/usr/bin/x" if program == "espeak-ng" else None) is COMMANDS[2]


def test_each_kind_of_cue_has_its_manner_and_a_question_is_said_without_its_letters() -> None:
    assert set(MANNERS) == set(CueKind)
    asked = spoken_of(Asked(Question("", 12.3, 1, 3, 7.0, 67.0, 120.0)))
    assert asked is not None
    assert asked.words.endswith("to the end)?")
    assert spoken_of(Advised(None)) is None
    assert spoken_of(StepBegan(0)) is None
    advised = spoken_of(Advised(Tip.PRESS_LESS))
    assert advised is not None
    assert advised.words == "Press less."

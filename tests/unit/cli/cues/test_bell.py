"""The bell rings on a terminal before the next step and when something needs the person, and nowhere else."""

from __future__ import annotations

import sys
from io import StringIO

import pytest

from glowtool.cli.cues.bell import Bell
from glowtool.cli.cues.options import Senses
from glowtool.session.news import Advised, Cue, CueKind, MassageNews, StepBegan
from glowtool.stream.coach.tips import Tip


class Terminal(StringIO):
    """A stream that is a terminal, or not, and may be gone."""

    def __init__(self, *, there: bool = True, gone: bool = False) -> None:
        super().__init__()
        self._there, self._gone = there, gone

    def isatty(self) -> bool:
        return self._there

    def write(self, text: str) -> int:
        if self._gone:
            raise OSError
        return super().write(text)


def heard(monkeypatch: pytest.MonkeyPatch, stream: Terminal, *news: MassageNews) -> str:
    for name in ("stdout", "__stdout__"):
        monkeypatch.setattr(sys, name, stream)
    bell = Bell()
    for each in news:
        bell.hear(each)
    return stream.getvalue()


RINGING = (CueKind.NEXT, CueKind.LAST, CueKind.MOMENT, CueKind.ALERT, CueKind.HELD)


@pytest.mark.parametrize("kind", CueKind)
def test_it_rings_for_what_a_person_must_not_miss(monkeypatch: pytest.MonkeyPatch, kind: CueKind) -> None:
    assert heard(monkeypatch, Terminal(), Cue(kind, "words", 0)) == ("\a" if kind in RINGING else "")


def test_it_is_silent_for_advice_and_in_a_pipe_and_survives_a_terminal_that_is_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ring = Cue(CueKind.NEXT, "words", 0)
    assert heard(monkeypatch, Terminal(), Advised(Tip.PRESS_LESS), StepBegan(0)) == ""
    monkeypatch.setattr(sys, "__stderr__", Terminal(there=False))
    assert heard(monkeypatch, Terminal(there=False), ring) == ""
    assert heard(monkeypatch, Terminal(gone=True), ring) == ""


def test_the_face_hears_first_and_a_silent_one_does_not_ring(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[MassageNews] = []
    terminal = Terminal()
    for name in ("stdout", "__stdout__"):
        monkeypatch.setattr(sys, name, terminal)
    ring = Cue(CueKind.NEXT, "words", 0)
    for silent in (True, False):
        with Senses(bell=True, buzz=True, speech=None).beside(shown.append, silent=silent) as publish:
            publish(ring)
    assert shown == [ring, ring]
    assert terminal.getvalue() == "\a"

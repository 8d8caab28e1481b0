"""What of a massage is said aloud, and what rings: one table for each kind of cue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.cli.live.link_news import question_text
from glowtool.session.news import Advised, Asked, Cue, CueKind, Ends
from glowtool.stream.quality.watch import FailedCell

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glowtool.session.news import MassageNews


@dataclass(frozen=True, slots=True)
class Manner:
    """`rings`: the bell announces it. `at_once`: it does not wait for the sentence that is being spoken."""

    rings: bool
    at_once: bool


MANNERS: Final[Mapping[CueKind, Manner]] = {
    CueKind.BEGINS: Manner(rings=False, at_once=False),
    CueKind.NEXT: Manner(rings=True, at_once=False),
    CueKind.LAST: Manner(rings=True, at_once=False),
    CueKind.MOMENT: Manner(rings=True, at_once=False),
    CueKind.ALERT: Manner(rings=True, at_once=True),
    CueKind.HELD: Manner(rings=True, at_once=True),
    CueKind.GOES_ON: Manner(rings=False, at_once=False),
}

_QUESTION: Final = Manner(rings=True, at_once=True)
_ADVICE: Final = Manner(rings=False, at_once=False)

#: How a question shows which letters answer it: for eyes only.
_LETTERS: Final = " [y/N]"


@dataclass(frozen=True, slots=True)
class Spoken:
    """A sentence, and how it is said."""

    words: str
    manner: Manner


def spoken_of(news: MassageNews) -> Spoken | None:
    """Return what a piece of news says aloud; None: nothing."""
    match news:
        case Cue(kind=kind, words=words):
            return Spoken(words, MANNERS[kind])
        case Advised(tip=tip):
            return None if tip is None else Spoken(tip.words, _ADVICE)
        case FailedCell(words=words):
            return Spoken(words, _ADVICE)
        case Asked(question=question):
            return Spoken(question_text(question).removesuffix(_LETTERS), _QUESTION)
        case _:
            return None


def ends(news: MassageNews) -> bool:
    """Return whether nothing more is said after this."""
    return isinstance(news, Ends)

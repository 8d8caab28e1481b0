"""News of the connection in words for a person, and as JSON for a program."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, assert_never

from glowtool.cli.terminal.text import capitalised, duration_text
from glowtool.device.attempts import FailedAttempt, NextAttempt
from glowtool.session.decide.questions import ZeroQuestion
from glowtool.session.do.zeroing import zero_words
from glowtool.session.news import Asked, Lost, Replied, Restored, Resuming
from glowtool.stream.heads import all_of_them

if TYPE_CHECKING:
    from glowtool.session.decide.questions import Question
    from glowtool.session.news import LinkNews

#: What a controller's log says of a loss means nothing to a person; the log of the massage keeps it.
_HCI_REASON: Final = re.compile(r" \(HCI reason 0x[0-9A-Fa-f]+\)")

#: A wait that is longer than this is said in seconds.
_LONG_S: Final = 2.0


def link_sentence(news: LinkNews, age_s: float = 0.0) -> str:
    """Return the sentence for a person, `age_s` after the event; a lasting state is described as of then."""
    match news:
        case FailedAttempt() | NextAttempt():
            return f"  {news.after(age_s)}"
        case Lost(because=because):
            why = f": {without_codes(because)}" if because else ""
            since = f", for {age_s:.0f} s" if age_s >= _LONG_S else ""
            return f"The connection was lost{why}. The roller stops by itself. Connecting again{since} …"
        case Restored(away_s=away_s):
            return f"Connected again after {away_s:.1f} s; outputs are off."
        case Asked(question=question):
            return question_text(question)
        case Replied(yes=yes):
            return "Yes." if yes else "No."
        case Resuming(step=step, step_left_s=left_s):
            return f"Going on with step {step + 1}, {duration_text(left_s)} of it left, from a soft start."
        case _:
            assert_never(news)


def without_codes(reason: str) -> str:
    """Return the reason of an ending for a person."""
    return _HCI_REASON.sub("", reason)


def question_text(question: Question | ZeroQuestion) -> str:
    """Return the words of a question."""
    if isinstance(question, ZeroQuestion):
        seen, free = zero_words(question.zero), all_of_them(question.zero.heads)
        return f"{capitalised(seen)}. Keep {free} free in the air. Take that as its zero? [y/N]"
    left = f"{duration_text(question.step_left_s)} left, {duration_text(question.massage_left_s)} to the end"
    return f"Go on softly with step {question.step + 1} of {question.steps} ({left})? [y/N]"


def link_object(news: LinkNews) -> dict[str, object]:
    """Return the JSON object of the news: "type": "link", its "change", and the fields of that change."""
    change, more = _change_of(news)
    return {"type": "link", "change": change, **more}


def _change_of(news: LinkNews) -> tuple[str, dict[str, object]]:
    match news:
        case FailedAttempt(number=number, of=of, error=error, pause_s=pause_s):
            return "attempt", {
                "attempt": number,
                "of": of,
                "kind": type(error).__name__,
                "message": str(error),
                "pause_s": None if pause_s is None else round(pause_s, 3),
            }
        case NextAttempt(number=number, of=of, limit_s=limit_s):
            return "trying", {"attempt": number, "of": of, "within_s": round(limit_s, 3)}
        case Lost(because=because):
            return "lost", {"because": because}
        case Restored(away_s=away_s):
            return "restored", {"away_s": round(away_s, 3)}
        case Asked(question=question):
            return "asking", _question_object(question)
        case Replied(yes=yes):
            return "answered", {"go_on": yes}
        case Resuming(step=step, step_left_s=left_s):
            return "resuming", {"step": step, "step_left_s": round(left_s, 3)}
        case _:
            assert_never(news)


def _question_object(question: Question | ZeroQuestion) -> dict[str, object]:
    if isinstance(question, ZeroQuestion):
        return {"zero_kpa": dict(question.zero.cells_kpa)}
    return {
        "step": question.step,
        "step_left_s": round(question.step_left_s, 3),
        "massage_left_s": round(question.massage_left_s, 3),
        "answer_within_s": question.answer_within_s,
    }

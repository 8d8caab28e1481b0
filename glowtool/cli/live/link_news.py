"""News of the connection in words for a person, and as JSON for a program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowtool.cli.terminal.text import duration_text
from glowtool.session.decide.plan import LinkChange
from glowtool.session.do.zeroing import ZeroQuestion, zero_words

if TYPE_CHECKING:
    from glowtool.session.decide.plan import LinkNews
    from glowtool.session.decide.resumption import Question


def link_sentence(news: LinkNews, age_s: float = 0.0) -> str:
    """Return what a person is told, `age_s` after it happened: what lasts is told as it is then."""
    match news.change:
        case LinkChange.ATTEMPT:
            return "" if news.attempt is None else f"  {news.attempt.after(age_s)}"
        case LinkChange.TRYING:
            return "" if news.trying is None else f"  {news.trying.after(age_s)}"
        case LinkChange.LOST:
            why = f": {news.because}" if news.because else ""
            return f"The connection was lost{why}. The roller stops by itself. Connecting again …"
        case LinkChange.RESTORED:
            return f"Connected again after {news.away_s:.1f} s; outputs are zero."
        case LinkChange.ASKING:
            return "" if news.question is None else question_text(news.question)
        case LinkChange.ANSWERED:
            return "Yes." if news.go_on else "No."
        case LinkChange.RESUMING:
            return (
                f"Going on with step {news.step + 1}, {duration_text(news.step_left_s)} of it left, from a soft start."
            )


def question_text(question: Question | ZeroQuestion) -> str:
    """Return the question as it is asked."""
    if isinstance(question, ZeroQuestion):
        seen = zero_words(question.zero)
        return f"{seen[0].upper()}{seen[1:]}. Take that as its zero? Keep both heads free in the air. [y/N]"
    left = f"{duration_text(question.step_left_s)} of it left, {duration_text(question.massage_left_s)} of the massage"
    return f"Go on with step {question.step + 1} of {question.steps} ({left}), from a soft start? [y/N]"


def link_document(news: LinkNews) -> dict[str, object]:
    """Return the JSON object of the news: "type": "link", its "change", and what belongs to that."""
    document: dict[str, object] = {"type": "link", "change": news.change.value}
    match news.change:
        case LinkChange.ATTEMPT if news.attempt is not None:
            attempt = news.attempt
            document |= {
                "attempt": attempt.number,
                "of": attempt.of,
                "kind": type(attempt.error).__name__,
                "message": str(attempt.error),
                "pause_s": None if attempt.pause_s is None else round(attempt.pause_s, 3),
            }
        case LinkChange.TRYING if news.trying is not None:
            trying = news.trying
            document |= {"attempt": trying.number, "of": trying.of, "within_s": round(trying.limit_s, 3)}
        case LinkChange.LOST:
            document |= {"because": news.because}
        case LinkChange.RESTORED:
            document |= {"away_s": round(news.away_s, 3)}
        case LinkChange.ASKING if news.question is not None:
            document |= _question_document(news.question)
        case LinkChange.ANSWERED:
            document |= {"go_on": news.go_on}
        case LinkChange.RESUMING:
            document |= {"step": news.step, "step_left_s": round(news.step_left_s, 3)}
        case _:
            pass
    return document


def _question_document(question: Question | ZeroQuestion) -> dict[str, object]:
    if isinstance(question, ZeroQuestion):
        return {"zero_kpa": dict(question.zero.cells_kpa)}
    return {
        "step": question.step,
        "step_left_s": round(question.step_left_s, 3),
        "massage_left_s": round(question.massage_left_s, 3),
        "answer_within_s": question.answer_within_s,
    }

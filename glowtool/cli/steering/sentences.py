"""What became of a wish during a massage, in words for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowtool.cli.steering.table import BY_WISH
from glowtool.cli.terminal.text import duration_text
from glowtool.session.wishes import Wish

if TYPE_CHECKING:
    from glowtool.app.hold.requests import Told
    from glowtool.session.news import Steered
    from glowtool.session.wishes import Ask


def steered_sentence(steered: Steered) -> str:
    """Return what became of a wish, as one sentence."""
    return told_sentence(steered.ask, steered)


def told_sentence(ask: Ask, became: Steered | Told) -> str:
    """Return what became of a wish here or in another process, as one sentence."""
    row = BY_WISH[ask.wish]
    if not became.done:
        return f"{row.undone}: {became.why}."
    match ask.wish:
        case Wish.EXTEND:
            return f"Longer by {ask.extra_s:g} s: the step lasts {duration_text(became.step_s)}."
        case Wish.QUIETER | Wish.STRONGER:
            return f"{row.word.capitalize()}: {_level(became)} of the routine's level."
        case Wish.MARK if ask.text:
            return f"Marked: {ask.text}."
        case _:
            return row.done


def _level(became: Steered | Told) -> str:
    vibration, current = became.vibration_percent, became.current_percent
    return f"{vibration} %" if current in {0, vibration} else f"vibration {vibration} %, current {current} %"

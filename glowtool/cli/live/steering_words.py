"""What became of a wish during a massage, in words for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    if not became.done:
        return f"{_NOT[ask.wish]}: {became.why}."
    match ask.wish:
        case Wish.EXTEND:
            return f"Longer by {ask.extra_s:g} s: the step lasts {duration_text(became.step_s)}."
        case Wish.QUIETER | Wish.STRONGER:
            return f"{ask.wish.value.capitalize()}: {_level(became)} of the routine's level."
        case Wish.NO_CURRENT:
            return "The microcurrent is off for the rest of the massage."
        case Wish.MARK:
            return f"Marked: {ask.text}." if ask.text else "Marked."
        case _:
            return _DONE[ask.wish]


_DONE = {Wish.PAUSE: "Paused here.", Wish.RESUME: "Going on.", Wish.SKIP: "On to the next step."}

_NOT = {
    Wish.PAUSE: "Not paused",
    Wish.RESUME: "Not gone on",
    Wish.SKIP: "Not skipped",
    Wish.EXTEND: "Not longer",
    Wish.QUIETER: "Not quieter",
    Wish.STRONGER: "Not stronger",
    Wish.NO_CURRENT: "The current was not switched off",
    Wish.MARK: "Not marked",
}


def _level(became: Steered | Told) -> str:
    vibration, current = became.vibration_percent, became.current_percent
    return f"{vibration} %" if current in {0, vibration} else f"vibration {vibration} %, current {current} %"

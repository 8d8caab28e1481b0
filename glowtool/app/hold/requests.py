"""What a control socket is asked besides a stop, and what it answers: one JSON object each way.

How it grows. `do` names what is asked. A field that the listener does not know is ignored; a word that it does not know
is answered by `{"unknown": word}`, and changes nothing. A listener of an older version answers nothing at all. A stop
is taken whatever stands beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.kit.text.visible import visible
from glowtool.model.ceilings import CeilingId, limit
from glowtool.session.wishes import EXTRA_S, MARK_CHARACTERS, Ask, By, Wish

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glowtool.session.news import Steered

STOP: Final = "stop"
EMERGENCY: Final = "emergency-stop"

_EXTRA_MOST_S: Final = limit(CeilingId.STEP_DURATION)


@dataclass(frozen=True, slots=True)
class Told:
    """What a massage in another process answered to a wish."""

    done: bool
    why: str
    vibration_percent: int
    current_percent: int
    step: int
    step_s: float


def request_of(ask: Ask) -> dict[str, object]:
    """Return the request for a wish."""
    said: dict[str, object] = {"do": ask.wish.value}
    if ask.wish is Wish.MARK and ask.text:
        said["text"] = ask.text[:MARK_CHARACTERS]
    if ask.wish is Wish.EXTEND:
        said["extra_s"] = ask.extra_s
    return said


def ask_of(said: Mapping[str, object]) -> Ask | None:
    """Return the wish in a request; None for a word that is not known here. Raises `ValueError` and `TypeError`."""
    word = said.get("do")
    wish = next((each for each in Wish if each.value == word), None)
    if wish is None:
        return None
    text, extra_s = said.get("text", ""), _number(said, "extra_s", EXTRA_S)
    if not isinstance(text, str):
        raise TypeError("the text of a mark is not a text")
    if not 0 < extra_s <= _EXTRA_MOST_S:
        raise ValueError(f"a step is lengthened by more than 0 and at most {_EXTRA_MOST_S:g} s")
    return Ask(wish, By.TERMINAL, visible(text)[:MARK_CHARACTERS], extra_s)


def reply_of(steered: Steered) -> dict[str, object]:
    """Return the answer that says what became of a wish."""
    return {
        "done": steered.done,
        "why": steered.why,
        "vibration_percent": steered.vibration_percent,
        "current_percent": steered.current_percent,
        "step": steered.step,
        "step_s": steered.step_s,
    }


def told_in(said: Mapping[str, object]) -> Told | None:
    """Return what an answer says became of a wish; None: the listener does not know it. Raises `TypeError`."""
    if "unknown" in said:
        return None
    done, why = said.get("done"), said.get("why", "")
    if not isinstance(done, bool) or not isinstance(why, str):
        raise TypeError("the answer does not say what became of it")
    return Told(
        done,
        visible(why),
        _whole(said, "vibration_percent"),
        _whole(said, "current_percent"),
        _whole(said, "step"),
        _number(said, "step_s"),
    )


def _whole(said: Mapping[str, object], name: str) -> int:
    return int(_number(said, name))


def _number(said: Mapping[str, object], name: str, default: float = 0.0) -> float:
    value = said.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name} is no number")
    return float(value)

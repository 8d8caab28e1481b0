"""Words for the end of a massage, for people; files and JSON keep the names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_WORDS: Final[Mapping[str, str]] = {
    "completed": "completed",
    "stopped": "stopped",
    "link_lost": "connection lost",
    "interlock": "ended by the roller",
    "refused": "not begun",
    "crashed": "cut off",
    "recording": "still recording",
    "recovered": "cut off, recovered",
    "finished": "finished",
    # Of massages by the button.
    "program_end": "completed",
    "button": "stopped with the button",
    "host": "stopped by a computer",
    "power_lost": "power lost",
}


def ending_words(ending: str) -> str:
    """Return an ending in words; an unknown one of a later version as its name, with spaces."""
    return _WORDS.get(ending) or ending.replace("_", " ")

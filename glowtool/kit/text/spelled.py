"""Places in a file, and quoted texts, as people write them."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from glowtool.kit.text.toml_lines import Place

#: Keys that TOML writes without quotes.
_BARE: Final = re.compile(r"^[\w-]+\Z", re.ASCII)

#: A longer word is no name, and hides the message around it. Paths may be long.
_MOST: Final = 200


def spell(place: Place) -> str:
    """Return a place in people's notation: `steps[2].microcurrent.peak_ua`."""
    words = "".join(
        f"[{part}]" if isinstance(part, int) else f".{part if _BARE.match(part) else quoted(part)}" for part in place
    )
    return words.removeprefix(".")


def quoted(text: str) -> str:
    """Return a text in quotes, with control characters escaped so that they cannot steer a terminal."""
    return json.dumps(text, ensure_ascii=not text.isprintable())


def shortened(word: str) -> str:
    """Return a word as messages name it: of one that is far too long, the beginning."""
    return word if len(word) <= _MOST else f"{word[: _MOST - 1]}…"

"""The known word that is nearest to a wrong one."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def closest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that a person who typed `word` most likely meant, if any is near."""
    tidy = word[:80].strip().lower().replace("_", "-").replace(" ", "-")
    by_tidy = {name.replace("_", "-"): name for name in known}
    near = difflib.get_close_matches(tidy, by_tidy, n=1)
    return by_tidy[near[0]] if near else None

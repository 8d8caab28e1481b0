"""A stream of text that claims to be a terminal, for commands that run in a test's own process."""

from __future__ import annotations

import io


class Typed(io.StringIO):
    """The keys that a person types, or the screen that they see."""

    def isatty(self) -> bool:
        return True

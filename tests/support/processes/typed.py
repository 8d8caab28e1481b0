"""A stream of text that says it is a terminal, for commands that run in a test's own process."""

from __future__ import annotations

import io


class Typed(io.StringIO):
    """What a person types, or what a terminal shows to them."""

    def isatty(self) -> bool:
        return True

"""The choice of what becomes of a forgotten roller's logs; it is light, since the help of a command names it."""

from __future__ import annotations

import enum


class Fate(enum.StrEnum):
    """The fate of the logs of a roller that is forgotten."""

    KEEP = "keep"
    UNLINK = "unlink"
    ERASE = "erase"

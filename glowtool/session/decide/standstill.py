"""The standstill after a massage: the evidence about the roller's outputs. It is reported before any other error."""

from __future__ import annotations

import enum
from typing import TypeVar

E = TypeVar("E", bound=BaseException)


class Standstill(enum.StrEnum):
    """The evidence that the outputs are off, in words."""

    CONFIRMED = "the roller has stopped: it confirmed that its outputs are zero"
    """It answered STOP, or said so in its status."""
    LINK_GONE = "the connection is gone, and the roller stops by itself within a second"
    """It could no longer be asked; its watchdog acts."""
    UNKNOWN = (
        "the roller did not confirm that it stopped; without this computer it stops by itself within a second. Check "
        "it, and switch it off if it still runs"
    )
    """It was connected, but did not report that its outputs are zero."""


def standstill_of(*, confirmed: bool, connected: bool) -> Standstill:
    """Return the evidence; `connected`: there was a connection when the roller had to confirm."""
    if confirmed:
        return Standstill.CONFIRMED
    return Standstill.UNKNOWN if connected else Standstill.LINK_GONE


def said_first(known: Standstill, error: E) -> E:
    """Return the error with the evidence about the outputs before its own message."""
    text = str(error)
    error.args = (f"{known}. {text[:1].upper()}{text[1:]}",)
    return error

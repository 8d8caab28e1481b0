"""The standstill after a massage: what is known of the roller's outputs, and how. Reported before any other error."""

from __future__ import annotations

import enum
from typing import TypeVar

E = TypeVar("E", bound=BaseException)


class Standstill(enum.StrEnum):
    """The evidence that the outputs are off, in words."""

    CONFIRMED = "the roller has stopped: it confirmed that its outputs are zero"
    """It answered STOP, or said so in its status."""
    LINK_GONE = "the connection is gone, and the roller stops by itself within a second"
    """It could not be asked any more, and its watchdog acts."""
    UNKNOWN = (
        "the roller did not confirm that it stopped; without this computer it stops by itself within a second. Look at "
        "it, and switch it off if it still runs"
    )
    """It was there, and did not say that its outputs are zero."""


def standstill_of(*, confirmed: bool, connected: bool) -> Standstill:
    """Return what is known; `connected` says whether there was a connection when it was to confirm."""
    if confirmed:
        return Standstill.CONFIRMED
    return Standstill.UNKNOWN if connected else Standstill.LINK_GONE


def said_first(known: Standstill, error: E) -> E:
    """Return the error with what is known of the outputs before its own words."""
    text = str(error)
    error.args = (f"{known}. {text[:1].upper()}{text[1:]}",)
    return error

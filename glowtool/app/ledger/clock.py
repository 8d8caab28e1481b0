"""The clocks by which doses are dated: the calendar in the person's own time zone, and one that nobody sets."""

from __future__ import annotations

import time
from datetime import datetime

from glowtool.kit.system.steady import steady_now
from glowtool.safety.day import Reading


def reading_now() -> Reading:
    """Return this moment by both clocks."""
    steady = steady_now()
    return Reading(time.time(), steady.boot, steady.time_s)


def day_of(unix_s: float) -> int:
    """Return the calendar day of a moment in the time zone of this computer, as the ordinal of its date."""
    return datetime.fromtimestamp(unix_s).astimezone().date().toordinal()

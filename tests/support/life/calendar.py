"""The calendar of a test: wall clock and time zone of everything in this process, moved on by virtual loops."""

from __future__ import annotations

import asyncio
import importlib
import os
import pkgutil
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime as real_datetime
from typing import TYPE_CHECKING, Final

import glowtool
from glowsim.time import virtual_time

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

_US: Final = 1_000_000
#: Where virtual loops take the begin of their calendar from.
_BEGIN: Final = "START_UNIX_US"


@dataclass
class Calendar:
    """The wall clock of everything in this process; while a virtual loop runs, that loop moves it on."""

    at: real_datetime

    def unix_us(self) -> int:
        """Return the time, in µs since 1970."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return round(self.at.timestamp() * _US)
        return loop.unix_us() if isinstance(loop, virtual_time.VirtualTimeLoop) else round(self.at.timestamp() * _US)

    def go_to(self, at: real_datetime) -> None:
        """Make it that time; the next virtual loop begins with it."""
        self.at = at
        setattr(virtual_time, _BEGIN, round(at.timestamp() * _US))


def _dated(calendar: Calendar) -> type[real_datetime]:
    """Return a class of moments whose `now` is that of the calendar."""

    class Kind(type):
        def __instancecheck__(cls, instance: object) -> bool:
            return isinstance(instance, real_datetime)

    class Dated(real_datetime, metaclass=Kind):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> real_datetime:  # type: ignore[override]  # a plain one is told
            return real_datetime.fromtimestamp(calendar.unix_us() / _US, tz)

    return Dated


@contextmanager
def living(calendar: Calendar, zone: str) -> Iterator[None]:
    """Let every module of glowtool have the calendar's time, in a time zone."""
    for found in pkgutil.walk_packages(glowtool.__path__, "glowtool."):
        if not found.name.endswith("__main__"):
            importlib.import_module(found.name)
    dated, changed = _dated(calendar), []
    for name, module in list(sys.modules.items()):
        if name.startswith("glowtool") and getattr(module, "datetime", None) is real_datetime:
            changed.append(module)
            module.datetime = dated  # type: ignore[attr-defined]  # it was found there
    before = os.environ.get("TZ"), time.time, time.time_ns, virtual_time.START_UNIX_US
    os.environ["TZ"] = zone
    time.tzset()
    time.time, time.time_ns = (lambda: calendar.unix_us() / _US), (lambda: calendar.unix_us() * 1000)
    try:
        yield
    finally:
        zone_before, time.time, time.time_ns, begin_before = before
        setattr(virtual_time, _BEGIN, begin_before)
        os.environ.pop("TZ")
        if zone_before is not None:
            os.environ["TZ"] = zone_before
        time.tzset()
        for module in changed:
            module.datetime = real_datetime  # type: ignore[attr-defined]  # as above

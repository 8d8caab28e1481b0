"""The frame account and the clock model that the checkpoints of a journal tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowtool.model.event import EventKind
from glowtool.store.bounds import CLOCK_LINES_MAX
from glowtool.store.tables.entries import ClockEntry, ClockLineEntry, CountersEntry
from glowtool.stream.clock.model import ClockLine, ClockModel

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from glowtool.model.event import Event

#: The device time from which a line of an older glowtool holds, which did not say.
_ALWAYS_US: Final = -(1 << 62)


def latest_checkpoint(events: Iterable[Event]) -> tuple[CountersEntry, ClockEntry | None]:
    """Return the account and the clock of the last whole checkpoint, the clock with the settled lines of all."""
    counters, clock = CountersEntry(), None
    settled: dict[int | None, ClockLineEntry] = {}
    for event in events:
        if event.kind is not EventKind.CHECKPOINT:
            continue
        try:
            data = event.data["clock"]
            found = None if data is None else ClockEntry.model_validate(data)
            counters, clock = CountersEntry.model_validate(event.data["counters"]), found
        except (KeyError, ValueError):
            continue
        if found is not None:
            settled |= {line.from_us: line for line in found.earlier}
    if clock is None:
        return counters, None
    earlier = [line for line in settled.values() if _from_us(line) < _from_us(clock)]
    ordered = sorted(earlier, key=_from_us)[-CLOCK_LINES_MAX:]
    return counters, clock.model_copy(update={"earlier": tuple(ordered)})


def model_of(entry: ClockEntry) -> ClockModel:
    """Return the clock model that an entry describes."""
    return ClockModel(
        tuple(
            ClockLine(_from_us(line), line.device_origin_us, line.host_origin_us, line.drift_ppm, line.error_us or 0)
            for line in (*entry.earlier, entry)
        )
    )


def clock_known_until_us(entry: ClockEntry, resets_us: Sequence[int]) -> int | None:
    """Return the time of the first restart of the device's clock that came after the last line; None if none did.

    A model of an older glowtool has one line, which holds only after the last restart: then nothing is known.
    """
    if entry.from_us is None and resets_us:
        return _ALWAYS_US
    return min((reset_us for reset_us in resets_us if _from_us(entry) <= reset_us), default=None)


def _from_us(line: ClockLineEntry) -> int:
    return _ALWAYS_US if line.from_us is None else line.from_us

"""The pauses of a massage, read from the log's events, or from its samples if the events do not tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from glowtool.model.event import EventKind
from glowtool.model.names import key_of
from glowtool.model.state import Interlock

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from glowtool.analysis.recordings.recording import Bools, Samples
    from glowtool.model.event import Event
    from glowtool.model.program import Step

Span = tuple[int, int]

#: A soft start, or the delay of a status, leaves the outputs at zero for less than this.
DARK_US: Final = 1_000_000

_ENDS_A_PAUSE: Final = frozenset({EventKind.RESUME, EventKind.STOP, EventKind.STEP})

#: While one of these holds the outputs back, outputs at zero do not show a pause; a soft start is over soon.
_HOLDING: Final = frozenset(map(key_of, Interlock)) - {"soft_start"}


def said_pauses(events: Sequence[Event], end_us: int) -> tuple[Span, ...]:
    """Return the times in which the roller reported a pause; a pause without an end lasts until `end_us`."""
    pauses, since_us = [], None
    for event in events:
        if event.kind is EventKind.PAUSE and since_us is None:
            since_us = event.device_time_us
        elif since_us is not None and event.kind in _ENDS_A_PAUSE:
            pauses.append((since_us, event.device_time_us))
            since_us = None
    if since_us is not None:
        pauses.append((since_us, max(since_us, end_us)))
    return tuple(pauses)


def ran_until_us(events: Sequence[Event]) -> Mapping[int, int]:
    """Return for each loss of the connection the time until which the massage ran, as the roller reported it later.

    The key is the time at which the host noted the loss. A host that slept notes it late; a host that was told at once
    notes it before the roller stops by itself. Older logs do not have this.
    """
    until: dict[int, int] = {}
    lost_us = None
    for event in events:
        if event.kind is not EventKind.LINK:
            continue
        if event.data.get("change") == "lost":
            lost_us = event.device_time_us
        elif lost_us is not None:
            ran_us = event.data.get("ran_until_us")
            if isinstance(ran_us, int):
                until[lost_us] = min(ran_us, max(lost_us, event.device_time_us))
            lost_us = None
    return until


def silent_pauses(
    events: Sequence[Event], samples: Samples, program: Sequence[Step], said: Mapping[int, int]
) -> Iterable[Span]:
    """Yield the pauses that no event reports: before the losses that are not in `said`, while all outputs were off."""
    for event in events:
        at_us = event.device_time_us
        if event.kind is EventKind.LINK and event.data.get("change") == "lost" and at_us not in said:
            dark = _dark_before(samples, at_us, program)
            if dark is not None and not _held_back(events, at_us):
                yield dark


def _dark_before(samples: Samples, at_us: int, program: Sequence[Step]) -> Span | None:
    """Return the time without output before a moment in a step that asks for output, if it is long enough to count."""
    outputs = [values for values in (samples.amplitude, samples.peak_ua) if values is not None]
    if not outputs:
        return None
    before = int(np.searchsorted(samples.device_time_us, at_us, side="right"))
    step = samples.step[:before]
    if not before or not 0 <= step[-1] < len(program) or not program[int(step[-1])].works:
        return None
    on: Bools = np.any([values[:before] > 0 for values in outputs], axis=0)
    lit = np.flatnonzero(on & (step == step[-1]))
    if not len(lit):
        return None
    last_us = int(samples.device_time_us[lit[-1]])
    return (last_us, at_us) if at_us - last_us > DARK_US else None


def _held_back(events: Sequence[Event], at_us: int) -> bool:
    """Return whether an interlock held outputs back, by the last status before a moment."""
    held = [
        event.data.get("in_force")
        for event in events
        if event.kind is EventKind.INTERLOCK and event.device_time_us <= at_us
    ]
    return bool(held) and isinstance(held[-1], list) and any(name in _HOLDING for name in held[-1])

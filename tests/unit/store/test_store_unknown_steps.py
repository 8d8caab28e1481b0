"""Samples belong to no step where lost events may have told of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from glowtool.model.event import Event, EventKind
from glowtool.store.journal.loss import restored_steps
from glowtool.store.journal.salvage import Salvage
from glowtool.store.journal.unknown_steps import known_spans, unknown_times
from glowtool.store.tables.arrow import events_table
from glowtool.store.tables.events import step_spans

if TYPE_CHECKING:
    from glowtool.model.event import JsonValue

END_US = 10_000


def began(at_us: int, index: int) -> Event:
    return Event(at_us, EventKind.STEP, {"index": index})


def checkpoint(at_us: int, step: Event) -> Event:
    told: dict[str, JsonValue] = {"kind": "step", "device_time_us": step.device_time_us, "data": dict(step.data)}
    return Event(at_us, EventKind.CHECKPOINT, {"counters": {}, "clock": None, "step": told})


NOTE = Event(1500, EventKind.NOTE, {"text": "nothing of a step"})
FIRST, THIRD = began(1000, 0), began(6000, 2)
STOP = Event(9000, EventKind.STOP, {"ending": "completed"})


@pytest.mark.parametrize(
    ("before", "after", "spans"),
    [
        ((FIRST, NOTE), (THIRD, STOP), [(0, 1000, 1500), (2, 6000, 9000)]),
        ((FIRST, NOTE), (checkpoint(7000, THIRD), STOP), [(0, 1000, 1500), (2, 6000, 9000)]),
        ((FIRST, NOTE), (checkpoint(7000, FIRST), STOP), [(0, 1000, 9000)]),
        ((FIRST, NOTE), (STOP,), [(0, 1000, 1500)]),
        ((FIRST, NOTE), (Event(8000, EventKind.NOTE, {}),), [(0, 1000, 1500)]),
        ((), (checkpoint(7000, FIRST), STOP), [(0, 1000, 9000)]),
    ],
    ids=["a later step", "a checkpoint of it", "the same step all the time", "the stop", "nothing", "the beginning"],
)
def test_no_step_is_known_from_the_lost_events_to_what_tells_of_one(
    before: tuple[Event, ...], after: tuple[Event, ...], spans: list[tuple[int, int, int]]
) -> None:
    batches = [batch for events in (before, after) if events for batch in events_table(list(events)).to_batches()]
    salvage = Salvage(events_table([]).schema, tuple(batches), "1234abcd", holes=(len(batches) - 1,))
    found = known_spans(step_spans(restored_steps((*before, *after)), END_US), unknown_times(salvage, END_US))
    assert [(span.index, span.start_us, span.end_us) for span in found] == spans


def test_without_holes_every_span_is_known() -> None:
    events = (FIRST, began(3000, 1), THIRD, STOP)
    salvage = Salvage(events_table([]).schema, tuple(events_table(list(events)).to_batches()), "1234abcd")
    assert unknown_times(salvage, END_US) == ()
    spans = step_spans(events, END_US)
    assert known_spans(spans, ()) == spans

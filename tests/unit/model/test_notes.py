"""A note in a log says what it is about, whoever wrote it; what is not known has its words all the same."""

from __future__ import annotations

from glowtool.model.event import Event, EventKind, Note, Topic, notes_in
from glowtool.session.decide.waking import clock_was_set


def test_each_note_has_a_topic_of_its_own_or_none() -> None:
    events = [
        Event(1, EventKind.NOTE, {"zero_kpa": {"left front": 0.35}, "tared": False, "remark": "it is off"}),
        Event(2, EventKind.NOTE, {"lasted_s": 3.0, "remark": "it stood still"}),
        Event(3, EventKind.PAUSE, {"zero_kpa": 1, "remark": "no note"}),
        Event(4, EventKind.NOTE, clock_was_set(-2.0)),
        Event(5, EventKind.NOTE, {"of_a_later_version": 1, "remark": "something else"}),
        Event(6, EventKind.NOTE, {"clock_step_s": 1.0}),
    ]
    assert list(notes_in(events)) == [
        Note(Topic.ZERO, "it is off"),
        Note(Topic.STANDSTILL, "it stood still"),
        Note(Topic.CLOCK, "the clock of this computer was set back"),
        Note(None, "something else"),
        Note(Topic.CLOCK, ""),
    ]

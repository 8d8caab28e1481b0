"""A plan as a calendar file (RFC 5545), with a reminder for each massage."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from glowtool.app.plans.following import command_for, routine_of
from glowtool.app.plans.zones import zone_of
from glowtool.errors import MissingExtraError
from glowtool.routine.plans.course import Fate
from glowtool.store.exports.target import write_to
from glowtool.version import __version__

if TYPE_CHECKING:
    from typing import BinaryIO

    from icalendar import Calendar, Event

    from glowtool.app.place import Place
    from glowtool.app.plans.following import Progress
    from glowtool.routine.plans.course import Day

__all__ = ["Reminders", "calendar_of", "send", "write_to"]

#: What a calendar shows for a routine whose duration is not known.
_SOME_TIME: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Reminders:
    """When the massages are, in the plan's local time, and how long before one the calendar reminds."""

    at: time = time(21)
    before: timedelta = timedelta(minutes=10)


def calendar_of(place: Place, progress: Progress, reminders: Reminders, now: datetime) -> bytes:
    """Return what is ahead of a plan as a calendar; each massage is an event that keeps its id from export to export.

    Raises `MissingExtraError` without the package that writes it.
    """
    calendar = _empty(progress)
    course = progress.course
    today = [course.now] if course.now is not None and course.now.fate in {Fate.DUE, Fate.PARTLY} else []
    for day in (*today, *course.ahead):
        if day.slot.routine is not None:
            calendar.add_component(_event(place, progress, day, reminders, now))
    if progress.begun.zone is not None:
        calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def send(calendar: bytes, stream: BinaryIO) -> None:
    """Write a calendar into a stream, byte for byte: its lines end as the format says."""
    stream.write(calendar)
    stream.flush()


def _empty(progress: Progress) -> Calendar:
    try:
        from icalendar import Calendar  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MissingExtraError(
            "a calendar needs the package icalendar", advice="`pip install 'glowtool[calendar]'` installs it"
        ) from error
    calendar = Calendar()
    calendar.add("prodid", f"-//glowtool//{__version__}//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", progress.plan.title)
    return calendar


def _event(place: Place, progress: Progress, day: Day, reminders: Reminders, now: datetime) -> Event:
    from icalendar import Alarm, Event  # noqa: PLC0415 - an extra

    name = day.slot.routine or ""
    routine = routine_of(place, name)
    begins = datetime.combine(day.on, reminders.at, zone_of(progress.begun.zone))
    summary = name if routine is None else routine.title
    event = Event()
    event.add("uid", f"{progress.begun.plan_id}-{day.slot.number}@glowtool")
    event.add("dtstamp", now.astimezone(UTC))
    # A day that was missed moves the others: the file with the higher number is the one to be believed.
    event.add("sequence", max((progress.course.today - progress.begun.begins).days, 0))
    event.add("dtstart", begins)
    event.add("duration", _SOME_TIME if routine is None else timedelta(seconds=round(routine.duration_s)))
    event.add("summary", summary)
    event.add(
        "description",
        f"{progress.plan.title}: day {day.slot.number} of {len(progress.plan.slots)}\n{command_for(place, name)}",
    )
    event.add("transp", "TRANSPARENT")
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", summary)
    alarm.add("trigger", -reminders.before)
    event.add_component(alarm)
    return event

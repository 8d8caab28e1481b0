"""A massage as JSON for a program, one object a line on standard output."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, assert_never

from glowtool.cli.live.link_news import link_object
from glowtool.device.attempts import FailedAttempt, NextAttempt
from glowtool.model.event import Event
from glowtool.model.names import key_of
from glowtool.model.status import Status
from glowtool.routine.stepped import Stepped
from glowtool.session.news import (
    Advised,
    Asked,
    Began,
    Cue,
    Ends,
    InForce,
    Lost,
    OutputsZero,
    Replied,
    Restored,
    Resuming,
    Steered,
    StepBegan,
)
from glowtool.stream.live.meter import MeterReading
from glowtool.stream.quality.watch import FailedCell

if TYPE_CHECKING:
    from glowtool.cli.terminal.output import Printer
    from glowtool.session.news import MassageNews
    from glowtool.stream.coach.tips import Tip

#: A program gets the meter this often; the log has every reading.
METER_LINES_PER_SECOND: Final = 2


class JsonLines:
    """Prints one JSON object a line: stepped, began, event, meter, link, cue, advice, steered, cell, ending."""

    def __init__(self, output: Printer) -> None:
        self._output = output
        self._next_meter_s = 0.0

    def publish(self, news: MassageNews) -> None:
        """Print the objects for a piece of news; events tell what changes, and the meter comes a few times a second."""
        match news:
            case Began() | Stepped():
                self._output.json_object(_began_object(news) if isinstance(news, Began) else _stepped_object(news))
            case MeterReading():
                self._print_meter(news)
            case Event():
                self._output.json_object(event_object(news))
            case FailedAttempt() | NextAttempt() | Lost() | Restored() | Asked() | Replied() | Resuming():
                self._output.json_object(link_object(news))
            case Ends(ending=ending, reason=reason):
                self._output.json_object({"type": "ending", "ending": ending.value, "reason": reason})
            case Cue():
                self._output.json_object(
                    {"type": "cue", "kind": key_of(news.kind), "words": news.words, "step": news.step}
                )
            case Advised() | FailedCell():
                said = _advice_object(news.tip) if isinstance(news, Advised) else _cell_object(news)
                self._output.json_object(said)
            case Steered():
                self._output.json_object(_steered_object(news))
            case Status() | StepBegan() | InForce() | OutputsZero():
                pass  # the events say the same, and the result says how long the stop took
            case _:
                assert_never(news)

    def _print_meter(self, reading: MeterReading) -> None:
        now_s = asyncio.get_running_loop().time()
        if now_s >= self._next_meter_s:
            self._next_meter_s = now_s + 1 / METER_LINES_PER_SECOND
            self._output.json_object(meter_object(reading))


def _began_object(began: Began) -> dict[str, object]:
    return {
        "type": "began",
        "session_id": began.session_id,
        "path": str(began.path),
        "serial": began.identity.serial,
        "battery_percent": began.battery_percent,
    }


def _stepped_object(stepped: Stepped) -> dict[str, object]:
    steps = [index + 1 for index in stepped.changed]
    return {"type": "stepped", "steps": steps, "off": round(stepped.off, 3), "words": stepped.words}


def meter_object(reading: MeterReading) -> dict[str, object]:
    """Return the JSON object of a reading of the meter."""
    heads, rate = {head.key: meter for head, meter in reading.heads.items()}, reading.stroke_rate_per_min
    return {
        "type": "meter",
        "device_time_us": reading.device_time_us,
        "pressure_kpa": {name: round(head.pressure_kpa, 3) for name, head in heads.items()},
        "contact": {name: head.contact for name, head in heads.items()},
        "band": {name: head.band.value for name, head in heads.items()},
        "strokes": reading.strokes,
        "stroke_rate_per_min": None if rate is None else round(rate, 1),
        "skin_dry": reading.skin_dry,
    }


def _advice_object(tip: Tip | None) -> dict[str, object]:
    said = {"tip": None, "words": None} if tip is None else {"tip": key_of(tip), "words": tip.words}
    return {"type": "advice", **said}


def _cell_object(failed: FailedCell) -> dict[str, object]:
    return {
        "type": "cell",
        "cell": failed.cell,
        "kind": failed.kind.value,
        "since_us": failed.since_us,
        "device_time_us": failed.known_us,
        "words": failed.words,
    }


def _steered_object(steered: Steered) -> dict[str, object]:
    return {
        "type": "steered",
        "asked": steered.ask.wish.value,
        "by": steered.ask.by.value,
        "done": steered.done,
        "why": steered.why,
        "vibration_percent": steered.vibration_percent,
        "current_percent": steered.current_percent,
        "step": steered.step,
        "step_s": steered.step_s,
    }


def event_object(event: Event) -> dict[str, object]:
    """Return the JSON object of an event."""
    return {
        "type": "event",
        "kind": event.kind.value,
        "device_time_us": event.device_time_us,
        "data": dict(event.data),
    }

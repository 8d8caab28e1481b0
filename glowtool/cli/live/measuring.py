"""The three ways to watch a free recording: a live view, lines for a pipe, JSON for a program."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, assert_never

from glowtool.cli.live.json_lines import METER_LINES_PER_SECOND, event_object, meter_object
from glowtool.cli.live.link_news import link_object, link_sentence
from glowtool.cli.live.views import is_live
from glowtool.device.attempts import FailedAttempt, NextAttempt
from glowtool.model.event import Event
from glowtool.model.status import Status
from glowtool.session.listening.plan import Closing, Opened
from glowtool.session.news import Began, Ends, Lost, Restored
from glowtool.stream.live.meter import MeterReading

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from glowtool.cli.terminal.output import Printer
    from glowtool.session.listening.plan import ListeningNews, Publish
    from glowtool.session.news import MassageNews
    from glowtool.session.news import Publish as PublishMassage

#: The meter in lines: this often where it is all there is to see, and so often beside a log.
_ALONE_S, _BESIDE_S = 1.0, 10.0

_US_PER_S: Final = 1_000_000


@contextmanager
def face(output: Printer, device_name: str, *, keeps: bool, plain: bool) -> Iterator[Publish]:
    """Yield the face that suits the output, for the time of the block; `plain` asks for none that is redrawn."""
    if is_live(output, plain=plain):
        with _drawn(output, device_name, keeps=keeps) as publish:
            yield publish
    else:
        yield FreeJson(output).publish if output.json else FreeLines(output, device_name, keeps=keeps).publish


@contextmanager
def again(output: Printer, device_name: str, rate_hz: int, *, plain: bool) -> Iterator[PublishMassage]:
    """Yield a face that shows a free recording again from its log, told as a massage without a routine is."""
    with face(output, device_name, keeps=False, plain=plain) as publish:

        def told(news: MassageNews) -> None:
            match news:
                case Began():
                    known = news.session_id, news.path, news.identity, news.battery_percent, rate_hz
                    publish(Opened(*known, news.heads, news.ceilings))
                case MeterReading() | Event():
                    publish(news)
                case Ends(ending=ending, reason=reason):
                    publish(Closing(ending, reason))
                case _:
                    pass  # nothing else stands in the log of one

        yield told


@contextmanager
def _drawn(output: Printer, device_name: str, *, keeps: bool) -> Iterator[Publish]:
    from glowtool.cli.live.free_screen import FreeState, free_screen  # noqa: PLC0415 - only where it is drawn
    from glowtool.cli.live.terminal import Stage  # noqa: PLC0415 - likewise
    from glowtool.cli.terminal.keyboard import keyboard_here  # noqa: PLC0415 - likewise

    state = FreeState(device_name, keeps)

    def publish(news: ListeningNews) -> None:
        nonlocal state
        state = state.after(news, time.monotonic())

    def draw(width: int, height: int) -> RenderableType:
        return free_screen(state, time.monotonic(), width, height)

    keyboard = keyboard_here(live=True)
    stage = Stage(draw, output.console(), lambda: keyboard.descriptor is None or keyboard.ours)
    with keyboard.held(), stage.shown(), keyboard.suspending(stage.away):
        yield publish


class FreeLines:
    """Prints the meter now and then, and every change of the connection."""

    def __init__(self, output: Printer, device_name: str, *, keeps: bool) -> None:
        self._output = output
        self._name = device_name
        self._keeps = keeps
        self._every_us = (_BESIDE_S if keeps else _ALONE_S) * _US_PER_S
        self._next_us = 0.0

    def publish(self, news: ListeningNews) -> None:
        """Print the line for a piece of news, if it has one."""
        match news:
            case Opened():
                what = "Recording" if self._keeps else "Measuring with"
                self._output.note(f"{what} {self._name}; nothing runs. Ctrl-C ends it.")
            case MeterReading():
                self._print_meter(news)
            case FailedAttempt() | NextAttempt() | Lost() | Restored():
                self._output.note(link_sentence(news))
            case Closing(reason=reason):
                if reason:
                    self._output.note(f"It ends: {reason}.")
            case Event() | Status():
                pass  # an event is for the log
            case _:
                assert_never(news)

    def _print_meter(self, reading: MeterReading) -> None:
        from glowtool.cli.live.free_screen import head_words, strokes_words  # noqa: PLC0415 - loads rich

        if reading.device_time_us < self._next_us:
            return
        self._next_us = reading.device_time_us + self._every_us
        heads = ", ".join(f"{head.words} {head_words(meter)}" for head, meter in reading.heads.items())
        line = f"{heads}; {strokes_words(reading)}"
        if self._keeps:
            self._output.note(line)
        else:
            self._output.result(line)


class FreeJson:
    """Prints one JSON object a line: began, meter, event, link, ending."""

    def __init__(self, output: Printer) -> None:
        self._output = output
        self._next_us = 0.0

    def publish(self, news: ListeningNews) -> None:
        """Print the object for a piece of news, if it has one."""
        match news:
            case Opened():
                self._output.json_object(_opened_object(news))
            case MeterReading():
                if news.device_time_us >= self._next_us:
                    self._next_us = news.device_time_us + _US_PER_S / METER_LINES_PER_SECOND
                    # Nobody asked for a band, so no pressure is below or above one.
                    said = meter_object(news).items()
                    self._output.json_object({key: value for key, value in said if key not in {"band", "skin_dry"}})
            case FailedAttempt() | NextAttempt() | Lost() | Restored():
                self._output.json_object(link_object(news))
            case Closing(ending=ending, reason=reason):
                self._output.json_object({"type": "ending", "ending": ending.value, "reason": reason})
            case Event():
                self._output.json_object(event_object(news))
            case Status():
                pass
            case _:
                assert_never(news)


def _opened_object(opened: Opened) -> dict[str, object]:
    return {
        "type": "began",
        "session_id": opened.session_id,
        "path": None if opened.path is None else str(opened.path),
        "serial": opened.identity.serial,
        "battery_percent": opened.battery_percent,
        "rate_hz": opened.rate_hz,
        "heads": [head.key for head in opened.heads],
    }

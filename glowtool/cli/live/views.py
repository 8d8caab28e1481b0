"""The three ways to watch a massage: a live view, lines for a pipe, JSON for a program."""

from __future__ import annotations

import asyncio
import time
from contextlib import contextmanager
from dataclasses import replace
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Final

from glowtool.cli.live.interlock_lines import DRY_SKIN, Advice, Teller
from glowtool.cli.live.link_news import link_document, link_sentence
from glowtool.cli.live.state import LiveState
from glowtool.cli.terminal.outlet import dropped
from glowtool.model.state import Interlock
from glowtool.session.decide.plan import LinkChange

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rich.console import RenderableType

    from glowtool.cli.terminal.continuation import Asker
    from glowtool.cli.terminal.output import Output
    from glowtool.model.ending import Ending
    from glowtool.protocol.status import Status
    from glowtool.routine import Routine
    from glowtool.session.decide.plan import LinkNews, SessionStart, View
    from glowtool.store.tables.events import Event, JsonValue
    from glowtool.stream.meter import MeterReading

#: A program that listens gets the meter this often; the log has all of it.
METER_LINES_PER_SECOND = 2


class LastingView:
    """Passes everything on to a view until it cannot write any more, and then asks once for the massage to be stopped.

    A massage that nobody can see is stopped in order, its log finished, like one that somebody stops. One that nobody
    looks at goes on: the log is told as soon as something was left out, and at the end how much.
    """

    def __init__(self, view: View) -> None:
        self._view = view
        self._unread = False
        self._stop: Callable[[], None] = _do_nothing
        self._remark: Callable[[dict[str, JsonValue]], None] = _say_nothing
        self._told = False

    def when_dropped(self, remark: Callable[[dict[str, JsonValue]], None]) -> None:
        """Set what is told that something was left out because nobody read it."""
        self._remark = remark

    def when_unread(self, stop: Callable[[], None]) -> None:
        """Set what is called when nobody reads any more."""
        self._stop = stop

    def began(self, start: SessionStart) -> None:
        """Pass it on."""
        self._pass(lambda: self._view.began(start))

    def status(self, status: Status) -> None:
        """Pass it on."""
        self._pass(lambda: self._view.status(status))

    def meter(self, reading: MeterReading) -> None:
        """Pass it on."""
        self._pass(lambda: self._view.meter(reading))

    def event(self, event: Event) -> None:
        """Pass it on."""
        if event.kind.value == "stop":
            self._stop = _do_nothing  # it ends already, and to stop twice would be to leave at once
        self._pass(lambda: self._view.event(event))

    def link(self, news: LinkNews) -> None:
        """Pass it on."""
        self._pass(lambda: self._view.link(news))

    def ending(self, ending: Ending, reason: str) -> None:
        """Pass it on."""
        self._stop = _do_nothing
        self._pass(lambda: self._view.ending(ending, reason))
        if dropped():
            self._remark({"remark": "not shown, since nobody read it", "lines": dropped()})

    def _pass(self, say: Callable[[], None]) -> None:
        if self._unread:
            return
        try:
            say()
        except OSError:
            self._unread = True
            self._stop()
        if not self._told and dropped():
            self._told = True
            self._remark({"remark": "nobody reads what is shown"})


def _do_nothing() -> None:
    pass


def _say_nothing(_remark: dict[str, JsonValue]) -> None:
    pass


class LiveView:
    """Keeps the state that the screen is drawn from; another thread draws it, so a slow terminal holds up nothing."""

    def __init__(self, routine: Routine, device_name: str, typed: Callable[[], str] = str) -> None:
        self._state = LiveState(routine, device_name)
        self._typed = typed

    def began(self, start: SessionStart) -> None:
        """Note that the roller is connected."""
        self._state = replace(self._state, start=start, link=None)

    def status(self, status: Status) -> None:
        """Note the status."""
        self._state = self._state.with_status(status, time.monotonic())

    def meter(self, reading: MeterReading) -> None:
        """Note the meter."""
        self._state = replace(self._state, meter=reading)

    def event(self, event: Event) -> None:
        """Take no notice: the status says the same."""

    def link(self, news: LinkNews) -> None:
        """Note what became of the connection."""
        self._state = self._state.with_link(news, time.monotonic())

    def ending(self, ending: Ending, reason: str) -> None:
        """Note that it ends."""
        self._state = replace(self._state, ending=reason or ending.value)

    def draw(self, width: int, height: int) -> RenderableType:
        """Return the view as it is now, for a terminal of that size; called from the drawing thread."""
        from glowtool.cli.live.screen import screen

        return screen(replace(self._state, typed=self._typed()), time.monotonic(), width, height)


#: What a line says of an event that has nothing else to tell; a lost link ends the massage, and the ending says it.
_SENTENCES: Final = {"pause": "Paused.", "resume": "Going on."}


class LineView:
    """Tells on standard error when something changes, a line each: for pipes and for plain terminals."""

    def __init__(self, output: Output, routine: Routine, clock: Callable[[], float] = time.monotonic) -> None:
        self._output = output
        self._routine = routine
        self._clock = clock
        self._teller = Teller()
        self._dry_skin = Advice(DRY_SKIN)
        self._resumed: LinkNews | None = None

    def began(self, start: SessionStart) -> None:
        """Say which roller it is."""
        identity = start.identity
        self._output.note(f"Connected: {identity.model} {identity.serial}, battery {start.battery_percent} %")

    def status(self, status: Status) -> None:
        """Say what has lasted; events tell what changes."""
        self._tell(self._teller.wait(self._clock()))

    def meter(self, reading: MeterReading) -> None:
        """Say that the skin gets dry, and nothing else: ten lines a second serve nobody."""
        self._tell(self._dry_skin.see(self._clock(), wanted=reading.skin_dry and self._routine.uses_microcurrent))

    def event(self, event: Event) -> None:
        """Say what was written to the log."""
        index = event.data.get("index")
        if event.kind.value == "step" and isinstance(index, int) and 0 <= index < len(self._routine.steps):
            step, resumed = self._routine.steps[index], self._resumed
            left_s = resumed.step_left_s if resumed is not None and resumed.step == index else step.duration_s
            self._output.note(
                f"Step {index + 1} of {len(self._routine.steps)}: {step.title}, {left_s:.3g} s. {step.cue}"
            )
        elif event.kind.value == "interlock":
            self._tell(self._teller.see(self._clock(), _in_force(event)))
        elif event.kind.value in _SENTENCES:
            self._output.note(_SENTENCES[event.kind.value])

    def _tell(self, sentences: Iterable[str]) -> None:
        for sentence in sentences:
            self._output.note(f"  {sentence}")

    def link(self, news: LinkNews) -> None:
        """Say what became of the connection."""
        say = self._output.problem if news.change is LinkChange.ASKING else self._output.note
        say(link_sentence(news))
        if news.change is LinkChange.RESUMING:
            self._resumed = news
        elif news.change is LinkChange.LOST:
            self._teller.see(self._clock(), Interlock(0))

    def ending(self, ending: Ending, reason: str) -> None:
        """Say why it ends; a refused start is said by the error, and at once."""
        if ending.value == "refused":
            return
        self._output.note(f"Ending: {reason or ending.value}")


def _in_force(event: Event) -> Interlock:
    """Return what an event of the log says is in force."""
    names = event.data.get("in_force")
    flags = (Interlock[str(name).upper()] for name in (names if isinstance(names, list) else []))
    return reduce(or_, flags, Interlock(0))


class JsonView:
    """Prints one JSON object a line: began, event, meter, link, ending."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._next_meter_s = 0.0

    def began(self, start: SessionStart) -> None:
        """Print the session's id, its folder and the roller."""
        identity = start.identity
        self._output.document(
            {
                "type": "began",
                "session_id": start.session_id,
                "path": str(start.path),
                "serial": identity.serial,
                "battery_percent": start.battery_percent,
            }
        )

    def status(self, status: Status) -> None:
        """Print nothing: events tell what changes."""

    def meter(self, reading: MeterReading) -> None:
        """Print the meter, a few times a second."""
        now_s = asyncio.get_running_loop().time()
        if now_s < self._next_meter_s:
            return
        self._next_meter_s = now_s + 1 / METER_LINES_PER_SECOND
        heads = {"left": reading.left, "right": reading.right}
        self._output.document(
            {
                "type": "meter",
                "device_time_us": reading.device_time_us,
                "pressure_kpa": {name: round(head.pressure_kpa, 3) for name, head in heads.items()},
                "contact": {name: head.contact for name, head in heads.items()},
                "band": {name: head.band.value for name, head in heads.items()},
                "strokes": reading.strokes,
                "stroke_rate_per_min": round(reading.stroke_rate_per_min, 1),
                "skin_dry": reading.skin_dry,
            }
        )

    def event(self, event: Event) -> None:
        """Print an event of the log."""
        self._output.document(
            {
                "type": "event",
                "kind": event.kind.value,
                "device_time_us": event.device_time_us,
                "data": dict(event.data),
            }
        )

    def link(self, news: LinkNews) -> None:
        """Print what became of the connection."""
        self._output.document(link_document(news))

    def ending(self, ending: Ending, reason: str) -> None:
        """Print why it ends."""
        self._output.document({"type": "ending", "ending": ending.value, "reason": reason})


def is_live(output: Output, *, plain: bool) -> bool:
    """Return whether a massage is watched by a live view; `plain` asks for none."""
    if output.json or plain:
        return False
    console = output.console()
    return console.is_terminal and not console.is_dumb_terminal and not console.legacy_windows


@contextmanager
def watching(output: Output, routine: Routine, device_name: str, asker: Asker, *, plain: bool) -> Iterator[LastingView]:
    """Yield the view that fits where standard output goes; a live one leaves the terminal as it was.

    `asker` knows what was typed so far to a question, and whose the terminal is at the moment.
    """
    if output.json:
        yield LastingView(JsonView(output))
        return
    if not is_live(output, plain=plain):
        yield LastingView(LineView(output, routine))
        return
    from glowtool.cli.live.terminal import Stage

    view = LiveView(routine, device_name, lambda: asker.typed)
    keyboard = asker.keyboard
    stage = Stage(view.draw, output.console(), lambda: keyboard.descriptor is None or keyboard.ours)
    with stage.shown(), keyboard.suspending(stage.away):
        yield LastingView(view)

"""The drawing of a free recording: pure, from a state and a time to something that rich can print."""

from __future__ import annotations

from dataclasses import dataclass, replace
from io import StringIO
from typing import TYPE_CHECKING, Final

from rich.console import Console, Group
from rich.text import Text

from glowtool.cli.live.link_news import link_sentence
from glowtool.cli.terminal.text import duration_text
from glowtool.device.attempts import FailedAttempt, NextAttempt
from glowtool.kit.text.visible import visible
from glowtool.model.ceilings import CeilingId, limit
from glowtool.model.status import Status
from glowtool.session.listening.plan import Closing, Opened
from glowtool.session.news import Lost, Restored
from glowtool.stream.live.meter import MeterReading

if TYPE_CHECKING:
    from rich.console import RenderableType

    from glowtool.session.listening.plan import ListeningNews
    from glowtool.stream.live.meter import HeadMeter

_HEAD_COLUMNS, _VALUE_COLUMNS, _WORD_COLUMNS = 11, 9, 11
_WIDEST, _NARROWEST = 50, 5

_ROLLING: Final = {1: "→", 0: " ", -1: "←"}

#: This console only breaks text into lines; it shows nothing.
_PAPER: Final = Console(file=StringIO())


@dataclass(frozen=True, slots=True)
class FreeState:
    """The state of a free recording as the person sees it; times on the clock of `now_s`."""

    device_name: str
    keeps: bool
    opened: Opened | None = None
    began_s: float | None = None
    meter: MeterReading | None = None
    battery_percent: int | None = None
    link: FailedAttempt | NextAttempt | Lost | Restored | None = None
    link_at_s: float = 0.0
    closing: Closing | None = None

    def after(self, news: ListeningNews, now_s: float) -> FreeState:
        """Return the state after news that came at `now_s`."""
        match news:
            case Opened():
                return replace(self, opened=news, battery_percent=news.battery_percent, link=None)
            case MeterReading():
                began_s = now_s if self.began_s is None else self.began_s
                return replace(self, meter=news, began_s=began_s, link=None)
            case Status():
                return replace(self, battery_percent=news.battery_percent)
            case FailedAttempt() | NextAttempt() | Lost() | Restored():
                return replace(self, link=news, link_at_s=now_s, meter=None)
            case Closing():
                return replace(self, closing=news)
            case _:
                return self  # an event is for the log

    @property
    def scale_kpa(self) -> float:
        """The end of the scale: the pressure at which a massage would put its outputs to zero."""
        stated = {} if self.opened is None else self.opened.ceilings
        return stated.get(CeilingId.PRESSURE_ZERO, limit(CeilingId.PRESSURE_ZERO))


def free_screen(state: FreeState, now_s: float, width: int, height: int) -> RenderableType:
    """Return the view for a terminal of `width` columns and `height` rows; no line of it is longer."""
    said = _said(state, now_s)
    hint = "Closing the log …" if state.closing and state.keeps else "Ctrl-C ends it; all outputs are off."
    parts = [_title(state, now_s), *([Text("")] if height > 8 else []), *_pressures(state, width), _strokes(state)]
    lines = [each for part in parts for each in _wrapped(part, width)]
    last = [*_wrapped(Text(said, style="bold yellow"), width), *_wrapped(Text(hint, style="dim"), width)]
    lines = [*lines[: max(0, height - len(last))], *last][:height]
    for line in lines:
        line.truncate(width)
    return Group(*lines)


def head_words(meter: HeadMeter) -> str:
    """Return what a head measures, in words."""
    return f"{meter.pressure_kpa:.1f} kPa" if meter.contact else "no contact"


def strokes_words(reading: MeterReading) -> str:
    """Return the strokes so far, in words."""
    if reading.strokes is None:
        return "strokes not measured by this roller"
    rate = "" if not reading.stroke_rate_per_min else f", {reading.stroke_rate_per_min:.0f} a minute"
    return f"{reading.strokes} stroke{'' if reading.strokes == 1 else 's'}{rate}"


def _title(state: FreeState, now_s: float) -> Text:
    what = "Recording" if state.keeps else "Meter"
    charge = "" if state.battery_percent is None else f"  battery {state.battery_percent} %"
    passed = "" if state.began_s is None else f"  {duration_text(now_s - state.began_s)}"
    return Text.assemble((f"{what} {visible(state.device_name)}", "bold"), f"{passed}{charge}")


def _pressures(state: FreeState, width: int) -> list[Text]:
    if state.opened is None:
        return [Text("Connecting …")]
    bar_width = max(0, min(_WIDEST, width - _HEAD_COLUMNS - _VALUE_COLUMNS - _WORD_COLUMNS - 2))
    lines = []
    for head in state.opened.heads:
        meter = None if state.meter is None else state.meter.heads.get(head)
        value = "–" if meter is None or not meter.contact else f"{meter.pressure_kpa:.1f} kPa"
        word = "" if meter is None else "no contact" if not meter.contact else _ROLLING[meter.direction]
        lead = f"{head.words.capitalize():<{_HEAD_COLUMNS}}{value:>{_VALUE_COLUMNS}} "
        lines.append(Text.assemble(lead, _bar(state, meter, bar_width), " ", (word, "dim")))
    return lines or [Text("This roller measures no pressure.")]


def _bar(state: FreeState, meter: HeadMeter | None, bar_width: int) -> Text:
    if bar_width < _NARROWEST:
        return Text("")
    share = 0.0 if meter is None or not meter.contact else min(1.0, meter.pressure_kpa / state.scale_kpa)
    done = round(max(0.0, share) * bar_width)
    return Text.assemble(("█" * done, "green"), ("·" * (bar_width - done), "dim"))


def _strokes(state: FreeState) -> Text:
    return Text("Strokes –" if state.meter is None else strokes_words(state.meter).capitalize())


def _said(state: FreeState, now_s: float) -> str:
    return "" if state.link is None else visible(link_sentence(state.link, max(0.0, now_s - state.link_at_s)).strip())


def _wrapped(text: Text, width: int) -> list[Text]:
    """Break a text at words; one empty line stays one."""
    return list(text.wrap(_PAPER, max(1, width))) if text.plain else [text] if text.style == "" else []

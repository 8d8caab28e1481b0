"""The live view as it is drawn: pure, from a state and a time to something that rich can print."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.console import Group
from rich.table import Table
from rich.text import Text

from glowtool.cli.link_news import link_sentence
from glowtool.cli.telling import DRY_SKIN, worth_telling
from glowtool.cli.text import duration_text
from glowtool.kit.visible import visible
from glowtool.protocol.ceilings import CeilingId, ceiling
from glowtool.protocol.meanings import INTERLOCKS
from glowtool.protocol.vocabulary import Direction, State
from glowtool.session.plan import LinkChange
from glowtool.stream.meter import Band

if TYPE_CHECKING:
    from rich.console import RenderableType

    from glowtool.cli.live_state import LiveState
    from glowtool.stream.meter import HeadMeter

#: The pressure scale ends where the roller puts its outputs to zero, so that danger is seen coming.
SCALE_KPA: Final = ceiling(CeilingId.PRESSURE_ZERO) / 100

_ARROWS: Final = {
    Direction.ANY: "any direction",
    Direction.UPWARD: "↑ upward",
    Direction.DOWNWARD: "↓ downward",
    Direction.OUTWARD: "⇠⇢ outward",
    Direction.INWARD: "⇢⇠ inward",
}

#: The bars, in columns, and what stands beside the longest of them: "  300 s left, 19:59 min in all".
_NARROWEST, _WIDEST, _BESIDE_BAR = 10, 50, 30

#: Words beside colours, so that nothing depends on colour alone.
_BAND_WORDS: Final = {
    Band.NO_CONTACT: ("no contact", "dim"),
    Band.BELOW: ("press more", "cyan"),
    Band.IN: ("in the band", "green"),
    Band.ABOVE: ("press less", "bold yellow"),
}


def screen(state: LiveState, now_s: float, width: int) -> RenderableType:
    """Return the live view for a terminal of `width` columns."""
    bar_width = max(_NARROWEST, min(_WIDEST, width - _BESIDE_BAR))
    return Group(
        _title(state),
        _step(state, now_s, bar_width),
        Text(""),
        _pressure(state, bar_width),
        Text(""),
        _outputs(state),
        _strokes(state),
        _held_back(state),
        Text(_last_line(state), style="dim"),
    )


def _title(state: LiveState) -> Text:
    battery = "" if state.status is None else f"  battery {state.status.battery_percent} %"
    return Text.assemble((visible(state.routine.title), "bold"), f"  on {visible(state.device_name)}{battery}")


def _step(state: LiveState, now_s: float, bar_width: int) -> Group:
    step, index = state.step, state.step_index
    if step is None or index is None:
        return Group(Text(_waiting(state)), Text(""), Text(""))
    left_s = state.step_left_s(now_s)
    done = round(bar_width * (1 - left_s / step.duration_s))
    head = Text.assemble(f"Step {index + 1} of {len(state.routine.steps)}  ", (visible(step.title), "bold"))
    bar = Text.assemble(
        ("━" * done, "green"),
        ("─" * (bar_width - done), "dim"),
        f"  {left_s:4.0f} s left, {duration_text(state.massage_left_s(now_s))} in all",
    )
    return Group(head, Text(f"{visible(step.cue)}  ({_ARROWS[step.direction]})"), bar)


def _waiting(state: LiveState) -> str:
    if state.ending is not None:
        return "Closing the log …"
    if state.asked_zero:
        return "Before it begins"
    if state.start is not None and state.link is not None and state.link.change is not LinkChange.RESUMING:
        return "Interrupted"
    return "Connecting …" if state.start is None else "Starting softly …"


def _pressure(state: LiveState, bar_width: int) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_column(width=5)
    table.add_column(justify="right", width=8)
    table.add_column(width=bar_width)
    table.add_column()
    heads = ("Left", "Right")
    meters = (None, None) if state.meter is None else (state.meter.left, state.meter.right)
    for name, meter in zip(heads, meters, strict=True):
        word, style = _BAND_WORDS[Band.NO_CONTACT if meter is None else meter.band]
        value = "–" if meter is None or not meter.contact else f"{meter.pressure_kpa:.1f} kPa"
        table.add_row(name, value, _gauge(state, meter, bar_width, style), Text(word, style=style))
    table.add_row("", "", _scale(bar_width), "kPa")
    return table


def _place(pressure_kpa: float, bar_width: int) -> int:
    return max(0, min(bar_width - 1, round(pressure_kpa / SCALE_KPA * (bar_width - 1))))


def _gauge(state: LiveState, meter: HeadMeter | None, bar_width: int, style: str) -> Text:
    cells = ["·"] * bar_width
    styles = ["dim"] * bar_width
    if state.step is not None:
        low, high = (_place(edge, bar_width) for edge in state.step.band_kpa)
        cells[low : high + 1] = ["["] + ["="] * (high - low - 1) + ["]"]
        styles[low : high + 1] = [""] * (high - low + 1)
    if meter is not None and meter.contact:
        at = _place(meter.pressure_kpa, bar_width)
        cells[at], styles[at] = "█", style
    return Text.assemble(*zip(cells, styles, strict=True))


def _scale(bar_width: int) -> Text:
    marks = [" "] * bar_width
    for value_kpa in (0, 5, 10):
        at = _place(value_kpa, bar_width)
        text = str(value_kpa)
        marks[at : at + len(text)] = list(text)
    return Text("".join(marks[:bar_width]), style="dim")


def _outputs(state: LiveState) -> Text:
    status = state.status
    if status is None and state.link is not None:
        return Text("Vibration –   Microcurrent –")
    if status is None or status.outputs.zero:
        return Text("Vibration off   Microcurrent off")
    vibration = (
        f"{status.amplitude_permille / 10:.0f} % at {status.vibration_dhz / 10:g} Hz"
        if status.amplitude_permille
        else "off"
    )
    current = f"{status.peak_ua} µA at {status.current_dhz / 10:g} Hz" if status.peak_ua else "off"
    return Text.assemble("Vibration ", (vibration, "bold"), "   Microcurrent ", (current, "bold"))


def _strokes(state: LiveState) -> Text:
    if state.meter is None:
        return Text("Strokes –")
    wanted = (
        "" if state.step is None or state.step.strokes_per_min is None else f" (asked: {state.step.strokes_per_min:g})"
    )
    rate = f"{state.meter.stroke_rate_per_min:.0f}" if state.meter.stroke_rate_per_min > 0 else "–"
    return Text(f"Strokes {state.meter.strokes}, {rate} a minute{wanted}")


def _held_back(state: LiveState) -> Text:
    status = state.status
    if state.link is not None:
        sentence = f"{link_sentence(state.link).strip()} {state.typed}".rstrip()
        return Text(visible(sentence), style="bold yellow")
    if status is None:
        return Text("")
    if status.state not in {State.RUNNING, State.PAUSED}:
        return Text("")
    serious = worth_telling(status.interlocks)
    if not serious and state.skin_dry:
        return Text(DRY_SKIN, style="bold yellow")
    text = "; ".join(INTERLOCKS[flag] for flag in serious or status.interlocks)
    return Text(text, style="bold yellow" if serious else "dim")


def _last_line(state: LiveState) -> str:
    return "Ctrl-C stops the roller at once." if state.ending is None else visible(f"{state.ending}; outputs are off.")

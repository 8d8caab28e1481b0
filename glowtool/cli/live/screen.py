"""The drawing of the live view: pure, from a state and a time to something that rich can print."""

from __future__ import annotations

from enum import Enum, auto
from io import StringIO
from typing import TYPE_CHECKING, Final

from rich.console import Console, Group
from rich.text import Text

from glowtool.app.watching.hints import DRY_SKIN, worth_telling
from glowtool.cli.live.keys import key_line
from glowtool.cli.live.link_news import link_sentence
from glowtool.cli.live.steering_words import steered_sentence
from glowtool.cli.terminal.text import duration_text
from glowtool.kit.text.visible import visible
from glowtool.model.face import Direction
from glowtool.model.output import SILENT
from glowtool.model.state import INTERLOCKS, State
from glowtool.session.news import Asked, Resuming
from glowtool.stream.live.meter import Band

if TYPE_CHECKING:
    from rich.console import RenderableType

    from glowtool.app.watching.state import LiveState
    from glowtool.stream.live.meter import HeadMeter

_ARROWS: Final = {
    Direction.ANY: "any direction",
    Direction.UPWARD: "↑ upward",
    Direction.DOWNWARD: "↓ downward",
    Direction.OUTWARD: "⇠⇢ outward",
    Direction.INWARD: "⇢⇠ inward",
}

#: This console only breaks text into lines; it shows nothing.
_PAPER: Final = Console(file=StringIO())

#: The bars, in columns.
_NARROWEST, _WIDEST = 10, 50
_NARROWEST_GAUGE: Final = 5

#: The columns around the pressure bar: the head, its pressure, and the longest word.
_HEAD_COLUMNS, _PRESSURE_COLUMNS, _WORD_COLUMNS = 10, 8, 11

#: The smallest terminal that shows all of the warning and of how to stop. The full view takes 80 × 14.
SMALLEST_COLUMNS: Final = 40
SMALLEST_ROWS: Final = 10

#: What became of a wish is shown for this long.
_STEERED_S: Final = 4.0

#: Words beside colours, so that nothing depends on colour alone.
_BAND_WORDS: Final = {
    Band.NO_CONTACT: ("no contact", "dim"),
    Band.BELOW: ("press more", "cyan"),
    Band.IN: ("in the band", "green"),
    Band.ABOVE: ("press less", "bold yellow"),
}


class Part(Enum):
    """The parts of the view, from top to bottom."""

    TITLE = auto()
    STEP = auto()
    CUE = auto()
    TIME = auto()
    SPACE_ABOVE = auto()
    PRESSURE = auto()
    SCALE = auto()
    SPACE_BELOW = auto()
    OUTPUTS = auto()
    STROKES = auto()
    WARNING = auto()
    KEYS = auto()
    HINT = auto()


#: The parts by importance, for few rows: how to stop, what is wrong, what to do, the progress.
RANKING: Final = (
    Part.HINT,
    Part.WARNING,
    Part.PRESSURE,
    Part.STEP,
    Part.TIME,
    Part.KEYS,
    Part.CUE,
    Part.OUTPUTS,
    Part.STROKES,
    Part.TITLE,
    Part.SCALE,
    Part.SPACE_BELOW,
    Part.SPACE_ABOVE,
)


def screen(state: LiveState, now_s: float, width: int, height: int) -> RenderableType:
    """Return the live view for a terminal of `width` columns and `height` rows; no line of it is longer.

    Parts that do not fit are left out whole, in the order of `RANKING`; texts are broken at words.
    """
    bar_width = max(0, min(_WIDEST, width - _HEAD_COLUMNS - _PRESSURE_COLUMNS - _WORD_COLUMNS - 2))
    hint = _wrapped(Text(_last_line(state), style="dim"), width)[:height]
    parts: dict[Part, list[Text]] = {
        Part.TITLE: _wrapped(_title(state), width),
        Part.STEP: _wrapped(_step(state), width),
        Part.CUE: _wrapped(_cue(state), width),
        Part.TIME: _time(state, now_s, width),
        Part.SPACE_ABOVE: [Text("")],
        Part.PRESSURE: _pressure(state, bar_width),
        Part.SCALE: [_scale(state, bar_width)],
        Part.SPACE_BELOW: [Text("")],
        Part.OUTPUTS: _wrapped(_outputs(state), width),
        Part.STROKES: _wrapped(_strokes(state), width),
        Part.WARNING: _cut(state, _wrapped(_held_back(state, now_s), width) or [Text("")], height - len(hint)),
        Part.KEYS: _keys(state, now_s, width),
        Part.HINT: hint,
    }
    shown = _with_room(parts, height)
    lines = [line for part in Part if part in shown for line in parts[part]]
    for line in lines:
        line.truncate(width)  # a terminal smaller than the smallest may be narrower than even a number
    return Group(*lines)


def _with_room(parts: dict[Part, list[Text]], height: int) -> set[Part]:
    shown: set[Part] = set()
    for part in RANKING:
        height -= len(parts[part])
        if height < 0:
            break
        shown.add(part)
    return shown


def _wrapped(text: Text, width: int) -> list[Text]:
    """Break a text at words; a word longer than a line has to be cut."""
    return list(text.wrap(_PAPER, max(1, width))) if text.plain else []


def _cut(state: LiveState, lines: list[Text], rows: int) -> list[Text]:
    """Cut lines that do not fit; a question loses its beginning, since the answer is typed at its end."""
    if len(lines) <= rows:
        return lines
    if rows <= 0:
        return []
    more = Text("…", style="bold yellow")
    if isinstance(state.link, Asked):
        return [more, *lines[len(lines) - rows + 1 :]]
    return [*lines[: rows - 1], more]


def _title(state: LiveState) -> Text:
    battery = "" if state.status is None else f"  battery {state.status.battery_percent} %"
    return Text.assemble((visible(state.routine.title), "bold"), f"  on {visible(state.device_name)}{battery}")


def _step(state: LiveState) -> Text:
    step, index = state.step, state.step_index
    if step is None or index is None:
        return Text(_waiting(state))
    return Text.assemble(f"Step {index + 1} of {len(state.routine.steps)}  ", (visible(step.title), "bold"))


def _cue(state: LiveState) -> Text:
    return Text("" if state.step is None else f"{visible(state.step.cue)}  ({_ARROWS[state.step.direction]})")


def _time(state: LiveState, now_s: float, width: int) -> list[Text]:
    """Return the progress of the step, with a bar if there is room for one beside the words."""
    if state.step is None:
        return []
    left_s = state.step_left_s(now_s)
    words = f"{left_s:4.0f} s left, {duration_text(state.massage_left_s(now_s))} to the end"
    bar_width = min(_WIDEST, width - len(words) - 2)
    if bar_width < _NARROWEST:
        return _wrapped(Text(words.lstrip()), width)
    done = round(bar_width * (1 - left_s / state.step_lasts_s))
    return [Text.assemble(("━" * done, "green"), ("─" * (bar_width - done), "dim"), f"  {words}")]


def _waiting(state: LiveState) -> str:
    if state.ending is not None:
        return "Closing the log …"
    if state.asked_zero:
        return "Before it begins"
    if state.start is not None and state.link is not None and not isinstance(state.link, Resuming):
        return "Interrupted"
    return "Connecting …" if state.start is None else "Starting softly …"


def _pressure(state: LiveState, bar_width: int) -> list[Text]:
    lines = []
    for head, meter in state.heads.items():
        word, style = _BAND_WORDS[Band.NO_CONTACT if meter is None else meter.band]
        value = "–" if meter is None or not meter.contact else f"{meter.pressure_kpa:.1f} kPa"
        beside = f"{head.words.capitalize():<{_HEAD_COLUMNS}}{value:>{_PRESSURE_COLUMNS}} "
        lines.append(Text.assemble(beside, _gauge(state, meter, bar_width, style), " ", (word, style)))
    return lines


def _place(state: LiveState, pressure_kpa: float, bar_width: int) -> int:
    """Return the column of a pressure; the scale ends where the roller stops its outputs, so that it is seen coming."""
    share = min(1.0, pressure_kpa / state.scale_kpa) if state.scale_kpa > 0 else 1.0
    return max(0, min(bar_width - 1, round(share * (bar_width - 1))))


def _gauge(state: LiveState, meter: HeadMeter | None, bar_width: int, style: str) -> Text:
    cells = ["·"] * bar_width
    styles = ["dim"] * bar_width
    if bar_width < _NARROWEST_GAUGE:
        return Text("")
    if state.step is not None and state.step.band_kpa is not None:
        low, high = (_place(state, edge, bar_width) for edge in state.step.band_kpa)
        cells[low : high + 1] = ["[", *"=" * (high - low - 1), "]"] if low < high else ["="]
        styles[low : high + 1] = [""] * (high - low + 1)
    if meter is not None and meter.contact:
        at = _place(state, meter.pressure_kpa, bar_width)
        cells[at], styles[at] = "█", style
    return Text.assemble(*zip(cells, styles, strict=True))


def _scale(state: LiveState, bar_width: int) -> Text:
    marks = [" "] * bar_width
    for value_kpa in (each for each in (0, 5, 10) if each <= state.scale_kpa):
        at = _place(state, value_kpa, bar_width)
        text = str(value_kpa)
        marks[at : at + len(text)] = list(text)
    return Text(" " * (_HEAD_COLUMNS + _PRESSURE_COLUMNS + 1) + "".join(marks[:bar_width]) + " kPa", style="dim")


def _outputs(state: LiveState) -> Text:
    status = state.status
    if status is None and state.link is not None:
        return Text("Vibration –   Microcurrent –")
    levels = SILENT if status is None else status.levels
    if levels.zero:
        return Text("Vibration off   Microcurrent off")
    vibration = f"{levels.amplitude * 100:.0f} % at {levels.vibration_hz:g} Hz" if levels.amplitude else "off"
    current = f"{levels.peak_ua} µA at {levels.current_hz:g} Hz" if levels.peak_ua else "off"
    return Text.assemble("Vibration ", (vibration, "bold"), "   Microcurrent ", (current, "bold"))


def _strokes(state: LiveState) -> Text:
    if state.meter is None:
        return Text("Strokes –")
    wanted = (
        "" if state.step is None or state.step.strokes_per_min is None else f" (asked: {state.step.strokes_per_min:g})"
    )
    strokes, per_min = state.meter.strokes, state.meter.stroke_rate_per_min
    if strokes is None or per_min is None:
        return Text(f"Strokes not measured by this roller{wanted}")
    rate = f"{per_min:.0f}" if per_min > 0 else "–"
    return Text(f"Strokes {strokes}, {rate} a minute{wanted}")


def _held_back(state: LiveState, now_s: float) -> Text:
    status = state.status
    if state.link is not None:
        sentence = f"{link_sentence(state.link, max(0.0, now_s - state.link_at_s)).strip()} {state.typed}".rstrip()
        return Text(visible(sentence), style="bold yellow")
    if status is None:
        return Text("")
    if status.state not in {State.RUNNING, State.PAUSED}:
        return Text("")
    serious = state.to_act_on(now_s)
    if not serious and state.skin_dry:
        return Text(DRY_SKIN, style="bold yellow")
    if not serious and state.tip is not None:
        return Text(state.tip.words, style="bold cyan")
    told = serious or worth_telling(status.interlocks) or status.interlocks
    return Text("; ".join(INTERLOCKS[flag] for flag in told), style="bold yellow" if serious else "dim")


def _keys(state: LiveState, now_s: float, width: int) -> list[Text]:
    """Return the keys in one line; for a moment, in their place, what Enter would do, or what became of a wish."""
    if not state.keyed or state.ending is not None or isinstance(state.link, Asked):
        return []
    if state.waiting:
        return [Text(state.waiting, style="bold yellow")]
    if state.steered is not None and now_s - state.steered_at_s <= _STEERED_S:
        return [Text(visible(steered_sentence(state.steered)), style="bold")]
    paused = state.status is not None and state.status.state is State.PAUSED
    return [Text(key_line(width, paused=paused, current=state.routine.uses_microcurrent), style="dim")]


def _last_line(state: LiveState) -> str:
    return "Ctrl-C stops the roller at once." if state.ending is None else visible(f"{state.ending}; outputs are off.")

"""The drawing of the live view: pure, from a state and a time to something that rich can print."""

from __future__ import annotations

from enum import Enum, auto
from io import StringIO
from typing import TYPE_CHECKING, Final

from rich.console import Console, Group
from rich.text import Text

from glowtool.app.coaching.cues import lead_s
from glowtool.cli.live.gauges import pressure, scale
from glowtool.cli.live.link_news import without_codes
from glowtool.cli.live.outline import LEAST, outline
from glowtool.cli.live.situation import situation_of
from glowtool.cli.steering.key_line import key_line, key_lines, keys_at
from glowtool.cli.steering.sentences import steered_sentence
from glowtool.cli.steering.table import While
from glowtool.cli.terminal.text import capitalised, duration_text
from glowtool.kit.text.visible import visible
from glowtool.model.face import Direction
from glowtool.session.news import Asked, Resuming

if TYPE_CHECKING:
    from rich.console import RenderableType

    from glowtool.app.watching.state import LiveState
    from glowtool.cli.steering.table import Row

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

#: The smallest terminal that shows all of the warning and of how to stop. The full view takes 80 × 14.
SMALLEST_COLUMNS: Final = 40
SMALLEST_ROWS: Final = 10

#: What became of a wish is shown for this long.
_STEERED_S: Final = 4.0


class Part(Enum):
    """The parts of the view, from top to bottom."""

    TITLE = auto()
    STEP = auto()
    CUE = auto()
    TIME = auto()
    NEXT = auto()
    SPACE_ABOVE = auto()
    PRESSURE = auto()
    SCALE = auto()
    SPACE_BELOW = auto()
    OUTPUTS = auto()
    STROKES = auto()
    SPACE_OUTLINE = auto()
    OUTLINE = auto()
    SPACE_WARNING = auto()
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
    Part.NEXT,
    Part.CUE,
    Part.KEYS,
    Part.OUTPUTS,
    Part.STROKES,
    Part.TITLE,
    Part.SCALE,
    Part.SPACE_WARNING,
    Part.SPACE_BELOW,
    Part.SPACE_ABOVE,
    Part.SPACE_OUTLINE,
    Part.OUTLINE,
)


def screen(state: LiveState, now_s: float, width: int, height: int) -> RenderableType:
    """Return the live view for a terminal of `width` columns and `height` rows; no line of it is longer.

    Parts that do not fit are left out whole, in the order of `RANKING`; texts are broken at words.
    """
    here = situation_of(state, now_s)
    hint = _wrapped(Text(_last_line(state), style="dim"), width)[:height]
    warning = _wrapped(Text(here.words, style=here.style), width) or [Text("")]
    parts: dict[Part, list[Text]] = {
        Part.TITLE: _wrapped(_title(state), width),
        Part.STEP: _wrapped(_step(state, now_s, here.title), width),
        Part.CUE: _cue(state, width),
        Part.TIME: _time(state, now_s, width),
        Part.NEXT: _wrapped(_next(state, now_s), width),
        Part.SPACE_ABOVE: [Text("")],
        Part.PRESSURE: pressure(state, width),
        Part.SCALE: scale(state, width),
        Part.SPACE_BELOW: [Text("")],
        Part.OUTPUTS: _outputs(state, width),
        Part.STROKES: _wrapped(_strokes(state), width),
        Part.SPACE_WARNING: [Text("")],
        Part.WARNING: _cut(state, warning, height - len(hint)),
        Part.KEYS: _keys(state, now_s, width),
        Part.HINT: hint,
    }
    _fit(parts, state, now_s, width, height)
    shown = _with_room(parts, height)
    lines = [line for part in Part if part in shown for line in parts[part]]
    for line in lines:
        line.truncate(width)  # a terminal smaller than the smallest may be narrower than even a number
    return Group(*lines)


def _fit(parts: dict[Part, list[Text]], state: LiveState, now_s: float, width: int, height: int) -> None:
    """Use the room that is left: for the keys that one line leaves out, and for the outline; or save an empty line."""
    left = height - sum(map(len, parts.values()))
    if left < 0 and not any(line.plain for line in parts[Part.WARNING]):
        parts[Part.WARNING] = []
    if parts[Part.KEYS] and _names_keys(state, now_s):
        every = [Text(line, style="dim") for line in key_lines(_keys_now(state), width)]
        outline_rows = min(LEAST, len(state.routine.steps)) + 1
        if left - (len(every) - 1) >= outline_rows:
            left -= len(every) - 1
            parts[Part.KEYS] = every
    parts[Part.OUTLINE] = outline(state, now_s, width, left - 1)
    parts[Part.SPACE_OUTLINE] = [Text("")] if parts[Part.OUTLINE] else []


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
    battery = "" if state.status is None or state.replayed else f"  battery {state.status.battery_percent} %"
    return Text.assemble((visible(state.routine.title), "bold"), f"  on {visible(state.device_name)}{battery}")


def _step(state: LiveState, now_s: float, title: str) -> Text:
    """Return the step in progress, or the one that is kept; before it, what is the matter, so that it is seen first."""
    place = state.place(now_s)
    said = Text(f" {title} ", style="reverse bold") + Text("  ", style="not reverse") if title else Text("")
    if place is None or (state.step is None and state.ending is not None):
        return Text.assemble(said, _waiting(state))
    steps = state.routine.steps
    return Text.assemble(said, f"Step {place.index + 1} of {len(steps)}  ", (visible(steps[place.index].title), "bold"))


def _cue(state: LiveState, width: int) -> list[Text]:
    """Return what to do; the direction stays in one piece."""
    if state.step is None:
        return []
    lines, way = _wrapped(Text(visible(state.step.cue)), width), f"({_ARROWS[state.step.direction]})"
    if lines and lines[-1].cell_len + len(way) + 2 <= width:
        return [*lines[:-1], Text(f"{lines[-1].plain.rstrip()}  {way}")]
    return [*lines, Text(way)]


def _time(state: LiveState, now_s: float, width: int) -> list[Text]:
    """Return the progress of the step, with a bar if there is room for one beside the words."""
    place = state.place(now_s)
    if place is None or (state.step is None and state.ending is not None):
        return []
    left_s, lasts_s = place.left_s, state.duration_s(place.index)
    words = f"{left_s:4.0f} s left, {duration_text(state.massage_left_s(now_s))} to the end"
    bar_width = min(_WIDEST, width - len(words) - 2)
    if bar_width < _NARROWEST:
        return _wrapped(Text(words.lstrip()), width)
    done = round(bar_width * (1 - left_s / lasts_s))
    return [Text.assemble(("━" * done, "green"), ("─" * (bar_width - done), "dim"), f"  {words}")]


def _next(state: LiveState, now_s: float) -> Text:
    """Return what comes next; shortly before it comes, in how long."""
    index, step = state.step_index, state.step
    if index is None or step is None:
        return Text("")
    left_s, lead = state.step_left_s(now_s), lead_s(state.duration_s(index))
    soon = lead is not None and left_s <= lead
    within = f" in {left_s:.0f} s" if soon else ""
    later = index + 1
    if later == len(state.routine.steps):
        return Text(f"Next{within}: the end", style="bold" if soon else "dim")
    coming = state.routine.steps[later]
    time = "" if soon else f", {duration_text(state.duration_s(later))}"
    return Text(f"Next{within}: {visible(coming.title)}{time}", style="bold" if soon else "dim")


def _waiting(state: LiveState) -> str:
    if state.ending is not None:
        return "Closing the log …"
    if state.asked_zero:
        return "Before it begins"
    if state.start is not None and state.link is not None and not isinstance(state.link, Resuming):
        return "Interrupted"
    return "Connecting …" if state.start is None else "Starting softly …"


def _outputs(state: LiveState, width: int) -> list[Text]:
    """Return both outputs, one below the other where they do not fit side by side."""
    status = state.status
    if status is None:
        vibration = current = "–"
    else:
        levels = status.levels
        vibration = f"{levels.amplitude * 100:.0f} % at {levels.vibration_hz:g} Hz" if levels.amplitude else "off"
        current = f"{levels.peak_ua} µA at {levels.current_hz:g} Hz" if levels.peak_ua else "off"
    parts = [Text.assemble("Vibration ", (vibration, "bold")), Text.assemble("Microcurrent ", (current, "bold"))]
    side_by_side = Text("   ").join(parts)
    return (
        [side_by_side] if side_by_side.cell_len <= width else [each for part in parts for each in _wrapped(part, width)]
    )


def _strokes(state: LiveState) -> Text:
    if state.meter is None:
        return Text("Strokes –")
    asked = None if state.step is None else state.step.strokes_per_min
    wanted = "" if asked is None else f" (asked: {asked:g})"
    strokes, per_min = state.meter.strokes, state.meter.stroke_rate_per_min
    if strokes is None or per_min is None:
        return Text(f"Strokes not measured by this roller{wanted}")
    if per_min <= 0:
        return Text(f"Strokes {strokes}" + ("" if asked is None else f" (asked: {asked:g} a minute)"))
    return Text(f"Strokes {strokes}, {per_min:.0f} a minute{wanted}")


def _keys(state: LiveState, now_s: float, width: int) -> list[Text]:
    """Return the keys in one line; for a moment, in their place, what Enter would do, or what became of a wish."""
    if not state.keyed or state.ending is not None or state.link is not None or state.status is None:
        return []
    if state.waiting:
        return [Text(state.waiting, style="bold yellow")]
    if state.steered is not None and not _names_keys(state, now_s):
        return [Text(visible(steered_sentence(state.steered)), style="bold")]
    return [Text(key_line(_keys_now(state), width), style="dim")]


def _names_keys(state: LiveState, now_s: float) -> bool:
    """Return whether the line of the keys names them, and says nothing in their place."""
    return not state.waiting and (state.steered is None or now_s - state.steered_at_s > _STEERED_S)


def _keys_now(state: LiveState) -> list[Row]:
    moment = While.PAUSED if state.paused else While.RUNS if state.running else While.BEFORE
    return keys_at(moment, current=state.routine.uses_microcurrent)


def _last_line(state: LiveState) -> str:
    if state.replayed:
        return "A replay of a log; no roller is there. Ctrl-C ends it."
    if state.ending is not None:
        return visible(f"{capitalised(without_codes(state.ending))}; outputs are off.")
    if state.start is not None and state.status is None and state.link is not None and not state.asked_zero:
        return "Ctrl-C ends the massage."  # there is no roller to stop
    return "Ctrl-C stops the roller at once."

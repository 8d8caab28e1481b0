"""The pressure of each head, drawn as a bar with the band that is asked for, and the scale below."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.text import Text

from glowtool.stream.live.meter import Band

if TYPE_CHECKING:
    from glowtool.app.watching.state import LiveState
    from glowtool.stream.live.meter import HeadMeter

#: The bars, in columns.
_WIDEST: Final = 50
_NARROWEST: Final = 5

#: The columns around the bar: the head, its pressure, and the longest word.
_HEAD_COLUMNS, _PRESSURE_COLUMNS, _WORD_COLUMNS = 11, 8, 11

#: Words beside colours, so that nothing depends on colour alone.
_BAND_WORDS: Final = {
    Band.NO_CONTACT: ("no contact", "dim"),
    Band.BELOW: ("press more", "cyan"),
    Band.IN: ("in the band", "green"),
    Band.ABOVE: ("press less", "bold yellow"),
}


def pressure(state: LiveState, width: int) -> list[Text]:
    """Return a line for each head; the bar takes what room there is beside the words."""
    lines, bar_width = [], _bar_width(width)
    for head, meter in state.heads.items():
        word, style = ("", "dim") if meter is None or state.ending is not None else _BAND_WORDS[meter.band]
        value = "–" if meter is None or not meter.contact else f"{meter.pressure_kpa:.1f} kPa"
        beside = f"{head.words.capitalize():<{_HEAD_COLUMNS}}{value:>{_PRESSURE_COLUMNS}} "
        lines.append(Text.assemble(beside, _gauge(state, meter, bar_width, style), " ", (word, style)))
    return lines


def scale(state: LiveState, width: int) -> list[Text]:
    """Return the line below the bars; none without a bar."""
    bar_width = _bar_width(width)
    if bar_width < _NARROWEST or not state.heads:
        return []
    marks = [" "] * bar_width
    for value_kpa in (each for each in (0, 5, 10) if each <= state.scale_kpa):
        at = _place(state, value_kpa, bar_width)
        text = str(value_kpa)
        marks[at : at + len(text)] = list(text)
    return [Text(" " * (_HEAD_COLUMNS + _PRESSURE_COLUMNS + 1) + "".join(marks[:bar_width]) + " kPa", style="dim")]


def _bar_width(width: int) -> int:
    return max(0, min(_WIDEST, width - _HEAD_COLUMNS - _PRESSURE_COLUMNS - _WORD_COLUMNS - 2))


def _place(state: LiveState, pressure_kpa: float, bar_width: int) -> int:
    """Return the column of a pressure; the scale ends where the roller stops its outputs, so that it is seen coming."""
    share = min(1.0, pressure_kpa / state.scale_kpa) if state.scale_kpa > 0 else 1.0
    return max(0, min(bar_width - 1, round(share * (bar_width - 1))))


def _gauge(state: LiveState, meter: HeadMeter | None, bar_width: int, style: str) -> Text:
    cells = ["·"] * bar_width
    styles = ["dim"] * bar_width
    if bar_width < _NARROWEST:
        return Text("")
    if state.step is not None and state.step.band_kpa is not None:
        low, high = (_place(state, edge, bar_width) for edge in state.step.band_kpa)
        cells[low : high + 1] = ["[", *"=" * (high - low - 1), "]"] if low < high else ["="]
        styles[low : high + 1] = [""] * (high - low + 1)
    if meter is not None and meter.contact:
        at = _place(state, meter.pressure_kpa, bar_width)
        cells[at], styles[at] = "█", style
    return Text.assemble(*zip(cells, styles, strict=True))

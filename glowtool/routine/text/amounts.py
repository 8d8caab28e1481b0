"""The words of a text that are numbers with units: times, levels, bands and rates."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from glowtool.routine.text.cursor import odd

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glowtool.routine.text.lexer import Token

#: Values of keys, each with its column.
Values = dict[str, tuple[object, int]]

_N: Final = r"\d+(?:\.\d+)?(?:[eE][+-]?\d+)?"
_AT: Final = rf"(?:\s*@\s*(?P<hz>{_N})(?:\s*hz)?)?"

_TIME: Final = re.compile(rf"(?P<time>{_N})\s*(?P<unit>s|min)", re.IGNORECASE)
_RATE: Final = re.compile(rf"(?P<rate>{_N})/min", re.IGNORECASE)
_BAND: Final = re.compile(rf"(?P<low>{_N})[-–](?P<high>{_N})(?:\s*kPa)?", re.IGNORECASE)
_COUNT: Final = re.compile(r"(?P<count>\d{1,9})")
_VIBRATION: Final = re.compile(
    rf"(?:(?P<percent>{_N})\s*%)?{_AT}(?:\s*~\s*(?P<pattern>[\w-]+)(?:/(?P<period>{_N})s?)?)?", re.IGNORECASE
)
_CURRENT: Final = re.compile(
    rf"(?:(?:(?P<peak>{_N})\s*[uµμ]A)|(?:(?P<percent>{_N})\s*%))?{_AT}(?:\s*~\s*(?P<waveform>[\w-]+))?", re.IGNORECASE
)

#: A decimal with a comma, as much of the world writes it.
_COMMA: Final = re.compile(r"\d,\d")

_SECONDS_PER_MINUTE: Final = 60


def time_s(token: Token, form: str) -> float:
    """Return a time in seconds; `form` says how the part is written."""
    found = _matched(_TIME, token, f"a time, such as 60s or 1.5min: {form}")
    time = _number(found["time"])
    return time * _SECONDS_PER_MINUTE if found["unit"].lower() == "min" else time


def rate_per_min(token: Token) -> float | None:
    """Return a rate a minute; None for a word that is something else."""
    found = _RATE.fullmatch(token.value)
    return None if found is None else _number(found["rate"])


def count(token: Token) -> int:
    """Return a whole number."""
    return int(_matched(_COUNT, token, "a whole number")["count"])


def band_kpa(token: Token, form: str) -> list[float]:
    """Return the two edges of a pressure band."""
    found = _matched(_BAND, token, form)
    return [_number(found["low"]), _number(found["high"])]


def vibration(token: Token, form: str) -> Values:
    """Return what a step says about its vibration."""
    keys = {
        "percent": "amplitude_percent",
        "hz": "frequency_hz",
        "pattern": "pattern",
        "period": "period_s",
    }
    return _values(_VIBRATION, token, form, keys)


def current(token: Token, form: str) -> Values:
    """Return what a step says about its current."""
    keys = {"peak": "peak_ua", "percent": "peak_percent", "hz": "frequency_hz", "waveform": "waveform"}
    return _values(_CURRENT, token, form, keys)


def keyframe_vibration(token: Token, form: str) -> Values:
    """Return the levels of the vibration in a keyframe."""
    return _values(_VIBRATION, token, form, {"percent": "amplitude_percent", "hz": "vibration_hz"})


def keyframe_current(token: Token, form: str) -> Values:
    """Return the levels of the current in a keyframe."""
    return _values(_CURRENT, token, form, {"peak": "peak_ua", "percent": "peak_percent", "hz": "current_hz"})


def _values(pattern: re.Pattern[str], token: Token, form: str, keys: Mapping[str, str]) -> Values:
    found = _matched(pattern, token, form)
    groups = {name: value for name, value in found.groupdict().items() if value is not None}
    if not set(groups) <= set(keys):
        raise odd(token, "says what only a whole step can say", form)
    return {keys[name]: (_value(value), token.column + found.start(name)) for name, value in groups.items()}


def _value(text: str) -> object:
    return _number(text) if text[0].isdigit() else text.lower()


def _number(text: str) -> float:
    """Return a number as it was written: without a point it is whole."""
    return int(text) if text.isdigit() and len(text) < 20 else float(text)


def _matched(pattern: re.Pattern[str], token: Token, allowed: str) -> re.Match[str]:
    found = pattern.fullmatch(token.value)
    if found is None or not found[0]:
        hint = ": a decimal has a point, not a comma" if _COMMA.search(token.value) else ""
        raise odd(token, f"cannot be read here{hint}", allowed)
    return found

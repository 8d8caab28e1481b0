"""Numbers for people: with their unit, a true minus sign, and a dash if nothing was measured."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from glowtool.analysis.measuring.metrics import BY_KEY, Group
from glowtool.analysis.summary import Verdict
from glowtool.kit.text.local_time import local_time

if TYPE_CHECKING:
    from collections.abc import Iterable

    from glowtool.analysis.measuring.metrics import AnyMetric, Number, Values

#: This stands in place of a value that was not measured.
NOTHING: Final = "–"

VERDICT_WORDS: Final[dict[Verdict, str]] = {
    Verdict.BELOW: "below the band",
    Verdict.IN_BAND: "in the band",
    Verdict.ABOVE: "above the band",
    Verdict.OVER_CAUTION: "over caution",
    Verdict.MISSED: "not reached",
    Verdict.UNKNOWN: "not measured",
}

#: Said once, at the end of a report.
WELLNESS: Final = (
    "glowtool is a wellness tool, not a medical device. The figures describe how a massage was done; "
    "they diagnose nothing and promise no effect."
)


def number_text(number: Number | None, digits: int) -> str:
    """Return a number with `digits` decimals and a true minus sign; a dash for None."""
    if number is None:
        return NOTHING
    text = f"{number:.{digits}f}"
    if float(text) == 0:
        text = text.lstrip("-")
    return text.replace("-", "−")


def value_text(metric: AnyMetric, number: Number | None) -> str:
    """Return a metric's value with its unit; shares as per cent, symmetry with its sign, a dash for None."""
    if number is None:
        return NOTHING
    text = number_text(100 * number if metric.key.endswith("_share") else number, metric.digits)
    if metric.group is Group.SYMMETRY and number > 0 and float(text) != 0:
        text = f"+{text}"
    return f"{text} {metric.unit}".rstrip()


def text_of(values: Values, key: str) -> str:
    """Return the value of the metric with this key, as text for people."""
    return value_text(BY_KEY[key], values[key])


def seconds_text(duration_s: float | None) -> str:
    """Return a duration in seconds with one decimal; a dash for None."""
    return NOTHING if duration_s is None else f"{number_text(duration_s, 1)} s"


def band_text(low_kpa: float, high_kpa: float) -> str:
    """Return a pressure band, such as `2–5 kPa`."""
    return f"{low_kpa:g}–{high_kpa:g} kPa"


def bands_text(bands_kpa: Iterable[tuple[float, float]]) -> str:
    """Return pressure bands, such as `1–2, 4–6 kPa`."""
    return f"{', '.join(f'{low:g}–{high:g}' for low, high in bands_kpa)} kPa"


def started_text(started_utc: str) -> str:
    """Return the start for people, in their own time zone; a text that is not a time is returned unchanged."""
    try:
        return local_time(datetime.fromisoformat(started_utc))
    except ValueError:
        return started_utc

"""The summary as tables of text; the terminal and the report each lay them out in their own way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.analysis.measuring.metrics import DOSE_METRICS, HEAD_METRICS, SYMMETRY_METRICS
from glowtool.analysis.number_text import (
    VERDICT_WORDS,
    band_text,
    bands_text,
    number_text,
    seconds_text,
    text_of,
    value_text,
)
from glowtool.model.names import name_of
from glowtool.stream.heads import Head

if TYPE_CHECKING:
    from glowtool.analysis.summary import SessionSummary, StepSummary, ZoneSummary


@dataclass(frozen=True, slots=True)
class Table:
    """A table of texts: each row has a cell for each header; the first column names the row."""

    title: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """One key figure of a session, with a remark that puts it in proportion."""

    name: str
    value: str
    remark: str


def key_figures(summary: SessionSummary) -> tuple[Figure, ...]:
    """Return the key figures."""
    both, observed = summary.session.both, seconds_text(summary.session.observed_s)
    what = "massage" if summary.steps else "recording"
    return (
        Figure("Contact", text_of(both, "contact_time_s"), f"of {observed} of {what}"),
        Figure("Mean pressure", text_of(both, "mean_pressure_kpa"), f"peak {text_of(both, 'peak_pressure_kpa')}"),
        Figure("In the band", text_of(both, "time_in_band_share"), "of the samples in contact"),
        Figure("Strokes", text_of(both, "stroke_count"), text_of(both, "stroke_rate_per_min")),
        Figure("Over caution", text_of(both, "time_over_caution_s"), f"above {summary.caution_kpa:g} kPa"),
    )


_STEP_COLUMNS: Final = (
    ("Contact", "contact_time_s"),
    ("Mean", "mean_pressure_kpa"),
    ("Peak", "peak_pressure_kpa"),
    ("In band", "time_in_band_share"),
    ("Strokes", "stroke_count"),
    ("Rate", "stroke_rate_per_min"),
    ("As asked", "strokes_in_direction_share"),
)


def steps_table(summary: SessionSummary) -> Table:
    """Return one row for each step, all heads together, and how two of them compare."""
    two = has_two_heads(summary)
    names = tuple(name for name, _ in _STEP_COLUMNS)
    headers = ("Step", "Zone", "Band", *names, *(("Left vs. right",) if two else ()))
    return Table("Steps", headers, tuple(_step_row(step, two=two) for step in summary.steps))


def has_two_heads(summary: SessionSummary) -> bool:
    """Return whether the roller has heads to compare."""
    return len(summary.quality.layout.names) > 1


def _step_row(step: StepSummary, *, two: bool) -> tuple[str, ...]:
    both = step.scope.both
    compared = (text_of(step.scope.symmetry, "mean_pressure_symmetry_percent"),) if two else ()
    return (
        f"{step.index + 1} {step.title}",
        name_of(step.zone),
        band_text(step.band_low_kpa, step.band_high_kpa),
        *(text_of(both, key) for _, key in _STEP_COLUMNS),
        *compared,
    )


def zones_table(summary: SessionSummary) -> Table:
    """Return one row for each zone that the routine treats; the face beside it shows their means."""
    return Table("Zones", ("Zone", "Band", "In band", "Contact", "Verdict"), tuple(map(_zone_row, summary.zones)))


def _zone_row(zone: ZoneSummary) -> tuple[str, ...]:
    inside = text_of({"time_in_band_share": zone.time_in_band_share}, "time_in_band_share")
    contact, verdict = seconds_text(zone.contact_time_s), VERDICT_WORDS[zone.verdict]
    return name_of(zone.zone), bands_text(zone.bands_kpa), inside, contact, verdict


def measures_table(summary: SessionSummary) -> Table:
    """Return every measure of the whole session for each head and both; for a roller with one head, only for that."""
    session, heads = summary.session, summary.quality.layout.names
    sides = {Head.LEFT: session.left, Head.RIGHT: session.right}
    columns = {head.words.capitalize(): sides[head] for head in heads if head in sides} if len(heads) > 1 else {}
    columns["Both" if columns else "Roller"] = session.both
    rows = tuple(
        (metric.name, *(value_text(metric, values[metric.key]) for values in columns.values()))
        for metric in HEAD_METRICS
    )
    return Table("All measures", ("Measure", *columns), rows)


def symmetry_table(summary: SessionSummary) -> Table:
    """Return the symmetry indices of the heads, where there are two, and of the sides of the face."""
    columns = {"Heads": summary.session.symmetry} if has_two_heads(summary) else {}
    columns["Sides of the face"] = summary.sides
    rows = tuple(
        (metric.name, *(value_text(metric, values[metric.key]) for values in columns.values()))
        for metric in SYMMETRY_METRICS
    )
    return Table("Symmetry, left against right", ("Index", *columns), rows)


def dose_table(summary: SessionSummary) -> Table:
    """Return the outputs of the roller in the whole session."""
    dose = summary.session.dose
    return Table(
        "Dose", ("Output", "Whole session"), tuple((metric.name, text_of(dose, metric.key)) for metric in DOSE_METRICS)
    )


def quality_table(summary: SessionSummary) -> Table:
    """Return the accounting of samples and frames, and the state of the cells."""
    quality = summary.quality
    rows = [
        ("Sampling rate", f"{quality.rate_hz} Hz"),
        ("Samples received", str(quality.samples)),
        ("Samples lost", str(quality.lost_samples)),
        ("Gaps", str(quality.gaps)),
        ("Strokes over gaps", str(quality.bridged_strokes)),
        ("Gaps within strokes", f"{number_text(quality.bridged_s, 2)} s"),
    ]
    rows += [(f"Frames {name.replace('_', ' ')}", str(count)) for name, count in quality.counters.items()]
    rows += [
        (f"Saturated, {cell}", f"{number_text(100 * share, 1)} %") for cell, share in quality.saturated_share.items()
    ]
    return Table("Signal quality", ("Count", "Value"), tuple(rows))

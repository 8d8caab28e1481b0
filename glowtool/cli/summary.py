"""The summary of a session as a terminal of 80 columns shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowtool import app
from glowtool.cli.terminal.output import Printer, frames_text
from glowtool.store.ending_words import ending_words

if TYPE_CHECKING:
    from glowtool.analysis.summary import SessionSummary, StepSummary

#: Column, key of the metric, factor to the column's unit, decimals. Units stand in the header to save width.
_COLUMNS: Final = (
    ("Contact\ns", "contact_time_s", 1, 1),
    ("Mean\nkPa", "mean_pressure_kpa", 1, 2),
    ("Peak\nkPa", "peak_pressure_kpa", 1, 2),
    ("Band\n%", "time_in_band_share", 100, 0),
    ("Strokes\n", "stroke_count", 1, 0),
    ("Rate\n/min", "stroke_rate_per_min", 1, 0),
)


def print_summary(output: Printer, summary: SessionSummary) -> None:
    """Print the key figures first, then each step, then whether the numbers can be trusted."""
    facts = summary.facts
    ending = ending_words(facts.ending)
    output.prose(f"{facts.routine_title} on {facts.device_name}, session {facts.session_id}, {ending}")
    output.result("")
    for figure in app.reporting.key_figures(summary):
        output.prose(f"  {figure.name:<14} {figure.value:>9}  {figure.remark}")
    output.result("")
    two = len(summary.quality.layout.names) > 1
    if summary.steps:
        headers = ("Step\n", *(header for header, *_ in _COLUMNS), *(("Heads\n%",) if two else ()))
        output.table(headers, (_step_row(step, two=two) for step in summary.steps))
        if two:
            output.prose("Heads: by how much the left head pressed harder than the right, in %.")
        output.result("")
    output.prose(f"Frames: {frames_text(summary.quality.counters)}")
    for remark in summary.quality.remarks:
        output.prose(f"Note: {remark}")


def _step_row(step: StepSummary, *, two: bool) -> tuple[str, ...]:
    both = step.scope.both
    cells = []
    for _, key, factor, digits in _COLUMNS:
        value = both[key]
        cells.append(app.reporting.number_text(None if value is None else factor * value, digits))
    if two:
        cells.append(app.reporting.number_text(step.scope.symmetry["mean_pressure_symmetry_percent"], 0))
    return (f"{step.index + 1} {step.title}", *cells)

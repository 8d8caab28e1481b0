"""Tables of many sessions and of their steps: a row for each, under names that people use."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Final

from glowtool.analysis.log import analyse_log
from glowtool.analysis.measuring.metrics import HEAD_METRICS, SYMMETRY_METRICS
from glowtool.app.logs.listing import duration_s
from glowtool.errors import GlowtoolError
from glowtool.model.names import name_of
from glowtool.store.ending_words import ending_words
from glowtool.store.exports.registry import told_nobody
from glowtool.store.logs.log import SessionLog

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

    from glowtool.analysis.measuring.metrics import AnyMetric, Values
    from glowtool.analysis.summary import Scope, SessionSummary
    from glowtool.store.exports.registry import Advance
    from glowtool.store.logs.catalogue import SessionEntry
    from glowtool.store.people.people import KnownPerson

    Row = dict[str, object]


class SummaryTable(enum.StrEnum):
    """A table of many sessions."""

    SESSIONS = "sessions"
    STEPS = "steps"


_SYMMETRY: Final = SYMMETRY_METRICS[:1]

#: The columns that every row begins with; the type of each, as Arrow names it.
_WHO: Final = {"Session": "string", "Started": "time", "Person": "string", "Routine": "string"}
_SESSION: Final = {
    "Minutes": "double",
    "Ending": "string",
    "Roller": "string",
    "Firmware": "string",
    "Rate (Hz)": "int64",
    "Samples": "int64",
    "Samples lost": "int64",
}
_STEP: Final = {
    "Step": "int64",
    "Title": "string",
    "Zone": "string",
    "Direction": "string",
    "Planned (s)": "double",
    "Band from (kPa)": "double",
    "Band to (kPa)": "double",
}
_PROBLEM: Final = {"Problem": "string"}


def summary_table(
    kind: SummaryTable,
    entries: Sequence[tuple[SessionEntry, KnownPerson | None]],
    zone: str | None = None,
    advance: Advance = told_nobody,
) -> pa.Table:
    """Return a row for each session, or for each step of each, with its measures; times in a zone, else in UTC.

    A session that cannot be read has a row that says why.
    """
    import pyarrow as pa  # noqa: PLC0415 - a slow import, for this alone

    rows: list[Row] = []
    for at, (entry, owner) in enumerate(entries, 1):
        rows += _rows(kind, entry, owner)
        advance(at / len(entries))
    times = pa.timestamp("us", zone or "UTC")
    own = _SESSION if kind is SummaryTable.SESSIONS else _STEP
    measured = dict.fromkeys((*map(_name, HEAD_METRICS), *map(_name, _SYMMETRY)), "double")
    kinds = {**_WHO, **own, **measured, **_PROBLEM}
    types = {"string": pa.string(), "time": times, "double": pa.float64(), "int64": pa.int64()}
    schema = pa.schema([(name, types[form]) for name, form in kinds.items()])
    columns = [pa.array([row.get(name) for row in rows], type=schema.field(name).type) for name in kinds]
    return pa.table(columns, schema=schema)


def _rows(kind: SummaryTable, entry: SessionEntry, owner: KnownPerson | None) -> Iterator[Row]:
    manifest = entry.manifest
    row: Row = {"Session": entry.session_id, "Person": None if owner is None else owner.name}
    if manifest is None:
        yield {**row, "Problem": entry.problem}
        return
    row |= {"Started": manifest.started_utc, "Routine": str(manifest.routine.get("name"))}
    try:
        summary = analyse_log(SessionLog.open(entry.path))
    except GlowtoolError as error:
        yield {**row, "Problem": str(error)}
        return
    if kind is SummaryTable.SESSIONS:
        yield {**row, **_session(entry, summary), **_measures(summary.session)}
        return
    for step in summary.steps:
        yield {
            **row,
            "Step": step.index + 1,
            "Title": step.title,
            "Zone": name_of(step.zone),
            "Direction": name_of(step.direction),
            "Planned (s)": float(step.planned_s),
            "Band from (kPa)": float(step.band_low_kpa),
            "Band to (kPa)": float(step.band_high_kpa),
            **_measures(step.scope),
            "Problem": _problem(summary),
        }


def _session(entry: SessionEntry, summary: SessionSummary) -> Row:
    manifest = entry.manifest
    assert manifest is not None  # noqa: S101 - the caller has looked
    took_s = duration_s(manifest)
    return {
        "Minutes": None if took_s is None else took_s / 60,
        "Ending": ending_words(manifest.ending.value) if manifest.ending else "not closed",
        "Roller": manifest.device.name,
        "Firmware": manifest.device.firmware,
        "Rate (Hz)": manifest.rate_hz,
        "Samples": summary.quality.samples,
        "Samples lost": summary.quality.lost_samples,
        "Problem": _problem(summary),
    }


def _problem(summary: SessionSummary) -> str | None:
    return " ".join(summary.quality.damage) or None


def _measures(scope: Scope) -> Row:
    found: Row = {_name(metric): _value(metric, scope.both) for metric in HEAD_METRICS}
    return found | {_name(metric): _value(metric, scope.symmetry) for metric in _SYMMETRY}


def _value(metric: AnyMetric, values: Values) -> float | None:
    number = values.get(metric.key)
    if number is None:
        return None
    return round(float(100 * number if metric.key.endswith("_share") else number), 6)


def _name(metric: AnyMetric) -> str:
    return f"{metric.name} ({metric.unit})" if metric.unit else metric.name

"""The result of a session's analysis: one frozen value, from which terminal, JSON and HTML output are made."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from glowtool.analysis.cells.faults import paired_cells
from glowtool.model.names import name_of
from glowtool.stream.layout import Layout
from glowtool.stream.quality.kinds import CellFaultKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from glowtool.analysis.measuring.metrics import Number, Values
    from glowtool.analysis.recordings.recording import Facts
    from glowtool.model.face import Direction, Zone

JsonValue: TypeAlias = "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"

#: Name and major version of the JSON object. A new key keeps it; removing a key or changing its meaning raises it.
SCHEMA: Final = "glowtool.session-summary/1"

#: A standstill of this many seconds or more is reported; a shorter one is the time between two statuses.
SPOKEN_S: Final = 0.5

#: The decimals in JSON: more than any sensor gives, fewer than binary noise needs.
JSON_DECIMALS: Final = 6


class Verdict(enum.StrEnum):
    """The verdict on the pressure on a zone against the bands asked for, by the rule of `verdicts`."""

    BELOW = "below"
    IN_BAND = "in_band"
    ABOVE = "above"
    OVER_CAUTION = "over_caution"
    MISSED = "missed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Scope:
    """The measures of some steps, or of the whole session; values by the keys of the metrics."""

    observed_s: float
    lost_s: float
    left: Values
    right: Values
    both: Values
    symmetry: Values
    dose: Values


@dataclass(frozen=True, slots=True)
class StepSummary:
    """One step: what it asked for, and the measures of the massage in it."""

    index: int
    title: str
    zone: Zone
    direction: Direction
    planned_s: float
    band_low_kpa: float
    band_high_kpa: float
    scope: Scope


@dataclass(frozen=True, slots=True)
class ZoneSummary:
    """The work on one zone, over all steps that treat it; `bands_kpa` are the bands that they ask for."""

    zone: Zone
    contact_time_s: float | None
    mean_pressure_kpa: float | None
    time_in_band_share: float | None
    bands_kpa: tuple[tuple[float, float], ...]
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class BadCell:
    """A pressure cell that is left out from `from_s` on, in s since the first sample; `words` name the sign."""

    cell: str
    kind: CellFaultKind
    words: str
    from_s: float


@dataclass(frozen=True, slots=True)
class Quality:
    """The facts that tell whether the numbers can be trusted: what was lost, and which cells misbehaved.

    `samples` counts all that came, `lost_samples` those missing in the steps. `saturated_share` is, by cell, the share
    of samples at the end of the cell's range; `bad_cells` are left out of every measure. `bridged_strokes` continued
    over gaps, which are `bridged_s` of the lost time.
    """

    rate_hz: int
    samples: int
    samples_in_steps: int
    lost_samples: int
    gaps: int
    counters: Mapping[str, int]
    saturated_share: Mapping[str, float]
    bad_cells: tuple[BadCell, ...]
    #: What is wrong with the log itself, in sentences.
    damage: tuple[str, ...] = ()
    bridged_strokes: int = 0
    bridged_s: float = 0.0
    #: The time in the massage, but in no running step: paused, disconnected, or waiting for the answer to a question.
    interrupted_s: float = 0.0
    #: The heads, cells and encoders of the roller.
    layout: Layout = field(default_factory=Layout)

    @property
    def remarks(self) -> tuple[str, ...]:
        """The sentences that a reader should know before trusting the measures."""
        remarks = [*self.damage, *self._unknown()]
        if self.lost_samples:
            share = 100 * self.lost_samples / (self.samples_in_steps + self.lost_samples)
            gaps = f"{self.gaps} gap{'s' if self.gaps > 1 else ''}"
            missing = (
                "1 sample is missing; it is"
                if self.lost_samples == 1
                else f"{self.lost_samples} samples ({share:.1f} %) in {gaps} are missing; they are"
            )
            remarks.append(f"{missing} in no measure.")
        if self.interrupted_s >= SPOKEN_S:
            remarks.append(
                f"The massage stood still for {self.interrupted_s:.1f} s (paused, or waiting to go on); this time is "
                "in no measure, and no sample of it is missing."
            )
        if self.bridged_strokes:
            strokes = f"{self.bridged_strokes} stroke{'s' if self.bridged_strokes > 1 else ''}"
            remarks.append(
                f"{strokes} continued over gaps of {self.bridged_s:.2f} s in all: the encoders kept counting, so the "
                "lengths are complete; the pressure comes from the samples that arrived."
            )
        if self.counters.get("unsettled"):
            remarks.append("The number of frames after the last one is not known: the roller could not be asked.")
        remarks += [
            f"The {self._words(cell)} pressure cell was at the end of its range in {100 * share:.1f} % of samples: "
            "real peaks are higher."
            for cell, share in self.saturated_share.items()
            if share > 0 and cell not in {bad.cell for bad in self.bad_cells}
        ]
        remarks += [self._bad_cell_remark(bad) for bad in self.bad_cells]
        return tuple(remarks)

    def _unknown(self) -> Iterator[str]:
        """Yield the sentences on what this kind of roller does not measure."""
        layout = self.layout
        if not layout.heads:
            yield "This roller has no known pressure cells: contact, pressure and strokes are not measured."
            return
        if not layout.tells_travel:
            yield "This roller does not report how its heads roll: strokes are not measured."
        if len(layout.heads) == 1:
            yield "This roller has one head: there is no comparison of left and right heads."
        if paired_cells(layout) is None:
            yield "Its pressure cells are not checked for faults: that takes two heads of two cells each."

    def _words(self, cell: str) -> str:
        return next((each.words for each in self.layout.cells if each.channel == cell), cell)

    def _bad_cell_remark(self, bad: BadCell) -> str:
        heads = paired_cells(self.layout) or ()
        beside = next(other for head in heads for other in head if bad.cell in head and other != bad.cell)
        alone = next((other.from_s for other in self.bad_cells if other.cell == beside), None)
        after = (
            f"the pressure of its head comes from the {self._words(beside)} cell alone"
            if alone is None
            else f"its head has no pressure from {max(bad.from_s, alone):.1f} s on"
        )
        when = f"from {bad.from_s:.1f} s on" if bad.from_s else "from the beginning"
        return f"The {self._words(bad.cell)} pressure cell {bad.words}; it is left out {when}, and {after}."


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """The analysis of one session; pressure over `caution_kpa` was over caution."""

    facts: Facts
    session: Scope
    sides: Values
    steps: tuple[StepSummary, ...]
    zones: tuple[ZoneSummary, ...]
    quality: Quality
    caution_kpa: float

    def to_json(self) -> dict[str, JsonValue]:
        """Return the summary as JSON values with stable keys, units in their names; never NaN or infinite.

        `docs/reference/metrics.md` lists the keys.
        """
        facts = self.facts
        return {
            "schema": SCHEMA,
            "session_id": facts.session_id,
            "started_utc": facts.started_utc,
            "ending": facts.ending,
            "routine": {"name": facts.routine_name, "title": facts.routine_title},
            "device": {"name": facts.device_name, "heads": [head.key for head in self.quality.layout.names]},
            "caution_kpa": _rounded(self.caution_kpa),
            "session": scope_json(self.session),
            "sides": _values_json(self.sides),
            "steps": [_step_json(step) for step in self.steps],
            "zones": [_zone_json(zone) for zone in self.zones],
            "quality": _quality_json(self.quality),
        }


def scope_json(scope: Scope) -> dict[str, JsonValue]:
    """Return a scope as JSON values."""
    return {
        "observed_s": _rounded(scope.observed_s),
        "lost_s": _rounded(scope.lost_s),
        "left": _values_json(scope.left),
        "right": _values_json(scope.right),
        "both": _values_json(scope.both),
        "symmetry": _values_json(scope.symmetry),
        "dose": _values_json(scope.dose),
    }


def _rounded(number: Number | None) -> Number | None:
    return round(number, JSON_DECIMALS) if isinstance(number, float) else number


def _values_json(values: Values) -> dict[str, JsonValue]:
    return {key: _rounded(number) for key, number in values.items()}


def _step_json(step: StepSummary) -> dict[str, JsonValue]:
    return {
        "index": step.index,
        "title": step.title,
        "zone": name_of(step.zone),
        "direction": name_of(step.direction),
        "planned_s": _rounded(step.planned_s),
        "band_low_kpa": _rounded(step.band_low_kpa),
        "band_high_kpa": _rounded(step.band_high_kpa),
        **scope_json(step.scope),
    }


def _zone_json(zone: ZoneSummary) -> dict[str, JsonValue]:
    return {
        "zone": name_of(zone.zone),
        "verdict": zone.verdict.value,
        "contact_time_s": _rounded(zone.contact_time_s),
        "mean_pressure_kpa": _rounded(zone.mean_pressure_kpa),
        "time_in_band_share": _rounded(zone.time_in_band_share),
        # The mean of the bands, which version 1 of the object has always had; it decides nothing.
        "band_low_kpa": _rounded(_mean([low for low, _ in zone.bands_kpa])),
        "band_high_kpa": _rounded(_mean([high for _, high in zone.bands_kpa])),
        "bands_kpa": [[_rounded(low), _rounded(high)] for low, high in zone.bands_kpa],
    }


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


def _quality_json(quality: Quality) -> dict[str, JsonValue]:
    return {
        "rate_hz": quality.rate_hz,
        "samples": quality.samples,
        "samples_in_steps": quality.samples_in_steps,
        "lost_samples": quality.lost_samples,
        "gaps": quality.gaps,
        "interrupted_s": _rounded(quality.interrupted_s),
        "bridged_strokes": quality.bridged_strokes,
        "bridged_s": _rounded(quality.bridged_s),
        "frames": dict(quality.counters),
        "saturated_share": {cell: _rounded(share) for cell, share in quality.saturated_share.items()},
        "stuck_cells": [bad.cell for bad in quality.bad_cells if bad.kind is CellFaultKind.STUCK],
        "bad_cells": [
            {"cell": bad.cell, "kind": bad.kind.value, "from_s": _rounded(bad.from_s)} for bad in quality.bad_cells
        ],
        "remarks": list(quality.remarks),
    }

"""The page `docs/reference/metrics.md`, rendered from the tables of metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowtool.analysis.measuring.metrics import DOSE_METRICS, HEAD_METRICS, SYMMETRY_METRICS
from glowtool.analysis.number_text import VERDICT_WORDS
from glowtool.analysis.summary import SCHEMA
from glowtool.analysis.verdicts import RULE as VERDICT_RULE
from glowtool.model.face import SIGN_OF_DIRECTION
from glowtool.model.names import name_of
from glowtool.stream.strokes.rule import StrokeSettings

if TYPE_CHECKING:
    from collections.abc import Iterable

    from glowtool.analysis.measuring.metrics import AnyMetric

_STROKE = StrokeSettings()

#: The slowest stroke that the encoder tells from a rest: one count, 0.1 mm, in the time of a rest.
_SLOWEST_MM_PER_S = 0.1 / _STROKE.rest_s

_STROKES = f"""
## What a stroke is

A stroke is one movement of one head in one direction, in contact with the skin, from turning point to turning point.
The rule is the same during recording and in the log.

- It counts from {_STROKE.shortest_mm:g} mm on; a movement back of less than {_STROKE.turn_mm:g} mm is not a turning
  point.
- A **rest** ends it where the head came to rest: when the encoder has not counted on for {_STROKE.rest_s:g} s. A hand
  slows down before it rests, and the encoder's counts then take longer; up to {_STROKE.slowing_s:g} s of that
  is not yet rest. The encoder shows anything slower than {_SLOWEST_MM_PER_S:g} mm/s as rest.
- A **lift** ends it: the end of contact, or, if a lift is too short for the filter to show it, a head that stands
  still for {_STROKE.still_s:g} s while its pressure falls to {100 * _STROKE.eased_share:g} % of the stroke's mean.
- A **restart** of the roller ends it, and so does a jump of the encoder of over {_STROKE.fastest_mm_per_s:g} mm/s.
- A **gap** of up to {_STROKE.blink_s:g} s does not end it if the head touches before and after: the encoder is a
  counter, so the distance is known, and the gap is too short to lift the head and set it down. A longer gap, of less
  than a rest ({_STROKE.rest_s:g} s), does not end it if the encoder rolled on in the stroke's direction, at
  {100 * _STROKE.onward_share:g} % of its speed or more (a lifted head stands still). Nor does it end it if the head
  goes on for less than {_STROKE.shortest_mm:g} mm after it: that is the end of this stroke, not another stroke. Any
  longer gap ends it.

`bridged_strokes` counts the strokes (of both heads together) that continued over gaps; `bridged_s` is the time of these
gaps. The pressure in a gap is not known, and is in no measure.

There are three kinds of time. **Observed** time is that of the samples that arrived while a step ran; **lost** time is
that of the gaps in it (`lost_samples`, `gaps`). Time in which a massage stood still, because it was paused, the host
slept, the connection was lost or a question waited for its answer, is neither: it is `interrupted_s`, from the first
step to the last.
"""

_INTRODUCTION = f"""\
# Metrics

This page describes what `glowtool analyze` measures, prints, writes as JSON and shows in the report. It is generated
from `glowtool/analysis/measuring/metrics.py` by `make docs`; a test fails when it is stale.

## What is measured

- A **scope** is one step, or the whole session. The whole session is all its steps; a log without steps counts in full.
- A measure is taken for the **left** head, the **right** head, and **both**. For both, the samples in contact of the
  two heads are pooled: the peak is the higher of the two, and a mean is that of all samples. If a measure differs from
  this, its definition says so.
- Pressure is the filtered mean of a head's two cells. **In contact** is what the stream's contact detector says.
- Every sample stands for one sample period. A **lost sample** is in no measure: it counts neither as contact nor as
  lack of contact; `lost_s` says how much is missing.
- If there is nothing to measure, such as the mean pressure of a step without contact, the value is `null` in JSON and
  `–` in text. It is never NaN.
- Percentiles are exact, over all samples, not estimated while streaming.

## The JSON object

`glowtool --json analyze` prints one JSON object of schema `{SCHEMA}`. A new key does not change the
schema's number; removing a key or changing its meaning raises it. Units are in the keys: `_s` seconds, `_min` minutes,
`_kpa` kilopascals, `_n` newtons, `_mm` millimetres, `_mc` millicoulombs, `_percent` per cent; `_share` is from 0 to 1,
`_cv` is a ratio.

| key | what it holds |
|---|---|
| `schema` | `{SCHEMA}` |
| `session_id`, `started_utc`, `ending` | which session, when (ISO 8601), and how it ended |
| `routine.name`, `routine.title`, `device.name` | what was run, on which roller |
| `caution_kpa` | the roller's caution pressure: what is above it counts as over caution |
| `session` | the whole session, a scope |
| `sides` | symmetry of the sides of the face, from zones worked on both; both heads together |
| `steps[]` | `index`, `title`, `zone`, `direction`, `planned_s`, `band_low_kpa`, `band_high_kpa`, and a scope's keys |
| `zones[]` | `zone`, `verdict`, `contact_time_s`, `mean_pressure_kpa`, `time_in_band_share` |
| `zones[]`, bands | `bands_kpa`: those of its steps, each once; `band_low_kpa` and `band_high_kpa`: their mean |
| `quality` | `rate_hz`, `samples`, `samples_in_steps`, `lost_samples`, `gaps`, `interrupted_s`, `frames`, `remarks` |
| `quality`, strokes | `bridged_strokes`, `bridged_s` |
| `quality`, by cell | `saturated_share`, `stuck_cells`, `bad_cells` |

A scope holds `observed_s`, `lost_s`, `left`, `right`, `both` (measures of a head), `symmetry` and `dose`.
"""


def render() -> str:
    """Return the page as Markdown."""
    parts = [
        _INTRODUCTION,
        _STROKES,
        "## Measures of a head\n",
        _table(HEAD_METRICS),
        "\n## Symmetry\n",
        _table(SYMMETRY_METRICS),
        "\n## Dose\n",
        _table(DOSE_METRICS),
        "\n## Directions\n",
        "The encoders count up when the tool rolls up the face or outward from its middle. A stroke serves the asked",
        "direction when its travel has this sign:\n",
        _directions(),
        "\n## Verdicts\n",
        f"{VERDICT_RULE}\n",
        *(f"- `{verdict.value}`: {words}" for verdict, words in VERDICT_WORDS.items()),
        _SOURCES,
    ]
    return "\n".join(parts)


_SOURCES = """
## Sources

- Hyndman R.J., Fan Y. 1996, Sample quantiles in statistical packages, The American Statistician 50(4): type 7.
- Robinson R.O., Herzog W., Nigg B.M. 1987, J. Manipulative Physiol. Ther. 10(4): the symmetry index.
- Lymphology 17493, for the pressures from which a massage is no longer gentle: `protocol.md`, ceilings.
"""


def _table(metrics: Iterable[AnyMetric]) -> str:
    rows = ["| key | name | unit | definition | source |", "|---|---|---|---|---|"]
    for metric in metrics:
        unit = "0–1" if metric.key.endswith("_share") else metric.unit or "–"
        cells = (f"`{metric.key}`", metric.name, unit, metric.definition, metric.source)
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(rows)


def _directions() -> str:
    rows = ["| direction | sign of travel |", "|---|---|"]
    signs = {1: "+", -1: "−", 0: "none asked; not counted"}
    rows += [f"| {name_of(direction)} | {signs[sign]} |" for direction, sign in SIGN_OF_DIRECTION.items()]
    return "\n".join(rows)

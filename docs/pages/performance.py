"""The page `docs/reference/performance.md`, rendered from the figures of the last `make bench`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_REFERENCE: Final = Path(__file__).parents[1] / "reference"

#: The figures as a run left them, and the page that is made of them.
DATA: Final = _REFERENCE / "performance.json"
PAGE: Final = _REFERENCE / "performance.md"

#: The groups in the order of the page, each with its title.
GROUPS: Final = {
    "live": "While the roller sends",
    "replay": "A log again, from memory",
    "filter": "The filter alone",
    "size": "A log on disk",
    "start": "Starting",
    "analyze": "Analysing a log",
}

_INTRODUCTION: Final = """\
# Performance

This page compares glowtool with what one would otherwise use, in the same run and on the same data. Each figure is a
ratio, cost of glowtool ÷ cost of the other, so that it means something on another machine: below 1, glowtool is
cheaper. Costs are processor time (the median of pairs), or bytes. An aim that is not met is said so.

It is generated from `performance.json`, which `make bench` writes; a test fails when the two disagree, not when the
figures are old.
"""


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of one run: its date, the machine in general words, and its rows as data."""

    date: str
    machine: str
    rows: Sequence[Mapping[str, object]]


def render() -> str:
    """Return the page."""
    data = json.loads(DATA.read_text("utf-8"))
    report = Report(data["date"], data["machine"], data["rows"])
    parts = [_INTRODUCTION, f"Measured on {report.date}: {report.machine}.\n"]
    for group, title in GROUPS.items():
        rows = [row for row in report.rows if row["group"] == group]
        if rows:
            parts.append("\n".join((f"## {title}\n", *_table(rows), "")))
    return "\n".join(parts)


def _table(rows: Sequence[Mapping[str, object]]) -> Iterator[str]:
    yield "| | glowtool | the other | ratio | aim | |"
    yield "|---|---|---|--:|--:|---|"
    for row in rows:
        ratio, aim = row["ratio"], row["aim"]
        if not isinstance(ratio, float) or not isinstance(aim, float | None):
            raise TypeError(f"{row} is no row of the page")
        wanted, met = ("", "") if aim is None else (f"≤ {aim:g}", "met" if ratio <= aim else "**not met**")
        yield f"| {row['name']} | {row['ours']} | {row['theirs']} | {_short(ratio)} | {wanted} | {met} |"


def _short(ratio: float) -> str:
    return f"{ratio:.0f}" if ratio >= 20 else f"{ratio:.1f}" if ratio >= 3 else f"{ratio:.2f}"

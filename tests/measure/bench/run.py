"""Compare glowtool with what a user would otherwise use, in one run, and write the page on performance.

PYTHONPATH=tests:docs python -m measure.bench.run [--quick] [--only live] [--rows 1000000] [--times 5] [--print]

Needs the extra `bench`. `make bench` runs it whole, on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from measure.bench.logs import size
from measure.bench.processes import analysed, starting
from measure.bench.streams import filters, live, replay
from pages.performance import DATA, PAGE, Report, render

if TYPE_CHECKING:
    from collections.abc import Callable

    from measure.bench.rows import Row


def machine() -> str:
    """Return what the figures depend on, in general words: nothing that names this machine."""
    cores = os.cpu_count() or 1
    return (
        f"{cores} cores, {platform.system()} on {platform.machine()}, Python {platform.python_version()}, "
        f"numpy {np.__version__}"
    )


def main() -> None:
    """Run every group, print its rows, and write data and page; `--only` renews one group, `--print` writes nothing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small numbers, to see that it works")
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of the log in memory")
    parser.add_argument("--times", type=int, default=5, help="pairs for each ratio")
    parser.add_argument("--only", help="one group")
    parser.add_argument("--print", action="store_true", help="write nothing")
    asked = parser.parse_args()
    quick = asked.quick
    rows_in_memory, times = (50_000, 1) if quick else (asked.rows, asked.times)
    groups: dict[str, Callable[[], list[Row]]] = {
        "live": lambda: live(200 if quick else 2000, times),
        "replay": lambda: replay(rows_in_memory, times),
        "filter": lambda: filters(rows_in_memory, times),
        "size": lambda: size(60 if quick else 1200),
        "start": lambda: starting(times),
        "analyze": lambda: analysed(times),
    }
    found: list[Row] = []
    for name, measured in groups.items():
        if asked.only in {None, name}:
            for row in measured():
                met = {True: "met", False: "NOT MET", None: ""}[row.met]
                print(f"{row.group:8} {row.name:40} {row.ratio:8.2f} × {row.theirs}  {met}", flush=True)
                found.append(row)
    if not asked.print:
        kept = json.loads(DATA.read_text("utf-8"))["rows"] if asked.only else []
        rows = {name: [row for row in kept if row["group"] == name] for name in groups}
        for row in found:
            rows[row.group] = [asdict(each) for each in found if each.group == row.group]
        every = tuple(row for name in groups for row in rows[name])
        report = Report(datetime.now(UTC).date().isoformat(), machine(), every)
        text = json.dumps({"date": report.date, "machine": report.machine, "rows": report.rows}, indent=2)
        DATA.write_text(f"{text}\n", "utf-8")
        PAGE.write_text(render(), "utf-8")


if __name__ == "__main__":
    main()

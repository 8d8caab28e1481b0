"""Damage recordings at random, recover them, and compare what is kept with what was whole.

Each is a massage over the whole stack in virtual time, of random length and rate, not finished yet. Then one of its
three files is damaged: zeros, flipped bits, noise, cuts, holes, inserted, repeated or swapped blocks. "Whole" is a
batch whose bytes are all there, in one piece. Exit status 1 when a wrong sample or event was taken, a whole sample was
not kept, or a loss was not told.

python tests/measure/hostile/damaged_recordings.py [--number 300] [--seed 1] [--only K] [--most 40]
"""

from __future__ import annotations

import argparse
import json
import logging
import shutil
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[2]))

import pyarrow as pa

from glowsim.time.virtual_time import in_virtual_time
from glowtool.errors import StoreError
from glowtool.store.journal.recover import recover
from glowtool.store.logs.log import SessionLog
from glowtool.store.names import ASIDE, JOURNAL_FILES
from support.logs.damage import KINDS, batches_of, whole_rows
from support.stack.cut_off import recorded

FILES = ("samples.arrows", "events.arrows", "manifest.json")

#: Made from the events, or from the last clock model, at the end.
_MADE = {"host_time_us", "step"}


@dataclass
class Verdict:
    """One recording: samples that were there, whole, kept and wrong; and what is to be complained of."""

    name: str
    written: int = 0
    whole: int = 0
    kept: int = 0
    wrong: int = 0
    other_step: int = 0
    complaints: tuple[str, ...] = ()


def judge(folder: Path, seed: int, most_s: float) -> Verdict:
    """Make, damage, recover and judge one recording."""
    random = Random(seed)
    journal, _ = in_virtual_time(recorded)(folder, seed, 4, most_s)
    contents = {name: (journal / name).read_bytes() for name in FILES}
    original = SessionLog.open(journal)
    name, kind = random.choice(FILES), random.choice(sorted(KINDS))
    damaged = contents[name]
    for _ in range(random.choice([1, 1, 2, 3])):
        damaged = KINDS[kind](damaged, random) if damaged else damaged
    (journal / name).write_bytes(damaged)
    changed = damaged != contents[name] and not _says_the_same(contents[name], damaged)
    after = {**contents, name: damaged}
    rows = {each: sum(len(batch) for _, batch in batches_of(contents[each])) for each in FILES[:2]}
    whole = {each: whole_rows(contents[each], after[each]) for each in FILES[:2]}
    verdict = Verdict(f"{name} {kind}", rows["samples.arrows"], whole["samples.arrows"])
    try:
        manifest = recover(journal)
    except StoreError as error:
        verdict.complaints = (f"not recovered: {error}",)
        return verdict
    log = SessionLog.open(journal)
    _compare(verdict, original.samples_table(), log.samples_table())
    told, complaints = manifest.damage, []
    lost = {each: rows[each] - whole[each] for each in rows}
    unseen = (
        contents[name].startswith(damaged) and name != "manifest.json" and _between_messages(contents[name], damaged)
    )
    if changed and told is None and not (unseen and not lost["samples.arrows"]):
        complaints.append(f"nothing told, {lost} lost")
    if told is not None and lost["samples.arrows"] != told.samples:
        complaints.append(f"{told.samples} samples told, {lost['samples.arrows']} lost")
    if told is not None and lost["events.arrows"] > told.events and not told.unknown:
        complaints.append(f"{told.events} events told, {lost['events.arrows']} lost")
    known = {(row["device_time_us"], row["kind"], row["data"]) for row in original.events_table.to_pylist()}
    strange = [
        row
        for row in log.events_table.to_pylist()
        if (row["device_time_us"], row["kind"], row["data"]) not in known and '"because":"damage"' not in row["data"]
    ]
    if strange:
        complaints.append(f"{len(strange)} events that were not written")
    if told is not None and not all((journal / f"{ASIDE}{each}").read_bytes() == after[each] for each in JOURNAL_FILES):
        complaints.append("the damaged journal is not kept as it was")
    verdict.complaints = tuple(complaints)
    return verdict


def _says_the_same(before: bytes, after: bytes) -> bool:
    """Tell whether what was changed of a manifest is but white space."""
    try:
        return bool(json.loads(before) == json.loads(after))
    except ValueError:
        return False


def _between_messages(before: bytes, after: bytes) -> bool:
    """Tell whether a file was cut off just where a message ends: it looks as if it had ended earlier."""
    at = len(before) - sum(len(message) for message, _ in batches_of(before))
    ends = {0, at}
    for message, _ in batches_of(before):
        at += len(message)
        ends.add(at)
    return len(after) in ends


def _compare(verdict: Verdict, before: pa.Table, after: pa.Table) -> None:
    places = {index: at for at, index in enumerate(before["sample"].to_pylist())}
    kept = after["sample"].to_pylist()
    verdict.kept = len(kept)
    strangers = [index for index in kept if index not in places]
    if strangers or len(set(kept)) != len(kept):
        verdict.wrong = len(strangers) + len(kept) - len(set(kept))
        return
    same = before.take(pa.array([places[index] for index in kept], pa.int64()))
    bad: set[int] = set()
    for name in before.column_names:
        if same[name].equals(after[name]):
            continue
        left, right = same[name].to_pylist(), after[name].to_pylist()
        differ = [at for at, pair in enumerate(zip(left, right, strict=True)) if pair[0] != pair[1]]
        if name == "step":
            verdict.other_step = sum(right[at] >= 0 for at in differ)  # −1: no step is known
        elif name not in _MADE:
            bad.update(differ)
    verdict.wrong = len(bad)


def main() -> int:
    """Print a line for each kind of damage and one for all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--number", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="one of them, by its number")
    parser.add_argument("--most", type=float, default=40, help="length of the longest, s")
    asked = parser.parse_args()
    logging.getLogger("bumble").setLevel(logging.CRITICAL)
    totals: dict[str, Counter[str]] = {}
    complaints = 0
    for number in range(asked.number) if asked.only is None else (asked.only,):
        seed = asked.seed * 1_000_000 + number
        folder = Path(tempfile.mkdtemp())
        verdict = judge(folder, seed, asked.most)
        shutil.rmtree(folder)
        figures = {
            "recordings": 1, "written": verdict.written, "whole": verdict.whole, "kept": verdict.kept,
            "wrong": verdict.wrong, "in another step": verdict.other_step, "complaints": len(verdict.complaints),
        }  # fmt: skip
        for key in (verdict.name, "all"):
            totals.setdefault(key, Counter()).update(figures)
        complaints += len(verdict.complaints) + (verdict.wrong > 0) + (verdict.kept != verdict.whole)
        for complaint in verdict.complaints:
            print(f"number {number}, seed {seed}, {verdict.name}: {complaint}", flush=True)
        if number % 50 == 49:
            print(f"{number + 1} done, seed {asked.seed}: {dict(totals['all'])}", flush=True)
    for name, total in sorted(totals.items()):
        share = total["kept"] / total["whole"] if total["whole"] else 1.0
        print(f"{name:<28} kept ÷ whole {share:.4f}  " + ", ".join(f"{total[key]} {key}" for key in total))
    print(f"seed {asked.seed}: {'all as it should be' if not complaints else f'{complaints} complaints'}")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())

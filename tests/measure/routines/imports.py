"""Measure what an import keeps: the real-looking samples of each format, or files that are named.

For each file: how long it is and how many points it has, the massage and the steps and keyframes that it becomes, how
long that takes, how the lint judges it, and how far the virtual roller's firmware is from the preview at the electrode,
at most. Below stands what is not as in the file.

python tests/measure/routines/imports.py [FILE…]
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[2]))

from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.program import record_of
from glowtool.routine import compile_routine
from glowtool.routine.imports.as_routine import ZONES, Origin, routine_of
from glowtool.routine.imports.fit import Wish, fit
from glowtool.routine.imports.formats import FORMATS, format_of, read_track
from glowtool.routine.preview.course import course_of
from glowtool.routine.written.expand import expand
from glowtool.safety import lint_program
from support.device.firmware_bench import Bench

if TYPE_CHECKING:
    from glowtool.model.program import Program

SAMPLES = Path(__file__).parents[2] / "unit/routine/imports/samples"


def farthest_from_preview(program: Program) -> float:
    """Return the largest distance between amplitudes at the electrode and in the preview, looked at each second."""
    course = {round(moment.at_s, 1): moment for moment in course_of(program)}
    bench = Bench()
    bench.load(*map(record_of, program))
    bench.result(Opcode.START)
    most, whole_s = 0.0, int(program.duration_s)
    for at_s in range(1, whole_s):
        bench.run(1.0)
        shown = course[float(at_s)]
        most = max(most, shown.lowest - bench.drive.amplitude, bench.drive.amplitude - shown.amplitude)
    return most


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path, default=sorted(SAMPLES.iterdir()))
    print(
        f"{'file':24} {'s':>6} {'points':>6}   {'s':>6} {'steps':>5} {'keyframes':>9} {'ms':>6} {'lint':>5} {'off':>6}"
    )
    for path in parser.parse_args().files:
        text = path.read_text("utf-8")
        began_s = time.perf_counter()
        form = format_of(path.name, text)
        track = read_track(text, form)
        fitted = fit(track, Wish(), len(ZONES))
        written = routine_of(fitted, Origin(path.name, FORMATS[form].title, track.title), "measured")
        took_ms = (time.perf_counter() - began_s) * 1000
        program = compile_routine(expand(written).routine)
        keyframes = sum(len(step.keyframes) for step in program)
        row = (
            f"{path.name:24} {track.duration_s:6.0f} {len(track.points):6}   {program.duration_s:6.0f} {len(program):5}"
        )
        found = len(lint_program(program))
        print(f"{row} {keyframes:9} {took_ms:6.0f} {found:5} {farthest_from_preview(program):6.1%}")
        for line in fitted.lost:
            print(f"    {line}")


if __name__ == "__main__":
    main()

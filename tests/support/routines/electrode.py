"""A program run on the virtual roller's firmware, held against its preview second by second."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Final

from glowtool.model.output import Output
from glowtool.model.state import State
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.program import record_of
from glowtool.protocol.vocabulary import Result
from glowtool.routine.preview.course import course_of
from glowtool.safety.zones import zone_rule
from support.device.firmware_bench import Bench

if TYPE_CHECKING:
    from glowtool.model.program import Program

#: A preview is reckoned in coarser ticks, and the source of the current works in whole steps.
_CLOSE: Final = 0.03
_CLOSE_UA: Final = 12.0


def assert_given_as_shown(program: Program) -> None:
    """Run a program to its end; what it gives at the electrode has to be what its preview shows."""
    course = {round(moment.at_s, 1): moment for moment in course_of(program)}
    ends_s = [sum(program.durations_ms[:number]) / 1000 for number in range(len(program) + 1)]
    bench = Bench()
    bench.load(*map(record_of, program))
    assert bench.result(Opcode.START) is Result.SUCCESS
    for step, (begin_s, end_s) in zip(program, itertools.pairwise(ends_s), strict=True):
        light = zone_rule(step.zone, Output.VIBRATION).limit or 1.0
        at_s = begin_s
        while at_s + 1.0 < end_s:
            bench.run(1.0)
            at_s += 1.0
            shown, drive = course[round(at_s, 1)], bench.drive
            assert shown.lowest - _CLOSE <= drive.amplitude <= shown.amplitude + _CLOSE, (step.zone, at_s)
            assert abs(drive.peak_ua - shown.peak_ua) <= _CLOSE_UA, (step.zone, at_s)
            assert drive.amplitude <= light
        bench.run(end_s - at_s)
    bench.run(0.1)
    assert bench.state is State.READY
    assert (bench.drive.amplitude, bench.drive.peak_ua) == (0, 0)

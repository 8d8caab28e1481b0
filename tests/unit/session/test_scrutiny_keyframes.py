"""Scrutiny of steps with keyframes: a real firmware never fails it, and more than the line at that moment is a lie."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pytest

from glowtool.drivers.gr1.commands.answers import answer_in
from glowtool.drivers.gr1.incoming.status import status_in
from glowtool.model.output import Waveform
from glowtool.model.program import Program
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import Trim
from glowtool.protocol.program import step_of
from glowtool.protocol.wire import encode
from glowtool.session.decide.scrutiny import Scrutiny
from support.device.firmware_bench import Bench, keyframe, step

STEPS: Final = (
    replace(step(20_000), keyframes=(keyframe(8000, 900, 350, 950), keyframe(15_000, 100, 0))),
    replace(step(12_000, 300, 0), waveform=Waveform.MODULATED, keyframes=(keyframe(12_000, 0, 200, 400),)),
)
PROGRAM: Final = Program(tuple(map(step_of, STEPS)))


def test_a_real_firmware_passes_over_a_pause_and_trims() -> None:
    bench = Bench()
    bench.start(*STEPS)
    began_us = bench.now_us
    scrutiny, deeds = Scrutiny(PROGRAM, 0.0), {400: Opcode.TRIM, 900: Opcode.PAUSE, 1100: Opcode.RESUME}
    for tick in range(6600):
        bench.tick()
        if tick in deeds:
            deed = deeds[tick]
            answer = bench.send(deed, Trim(60, 70) if deed is Opcode.TRIM else None)
            scrutiny, untruth = scrutiny.hear(answer_in(answer.head), (bench.now_us - began_us) / 1e6)
            assert untruth is None
        if tick % 40 == 0:
            bench.send(Opcode.HEARTBEAT)
        status = bench.firmware.take_status(bench.now_us)
        if status is not None:
            at_s = (bench.now_us - began_us) / 1e6
            scrutiny, untruth = scrutiny.see(status_in(encode(status)), at_s, at_s)
            assert untruth is None, (tick, untruth)


@pytest.mark.parametrize(
    ("at_s", "lie", "words"),
    [
        (13.0, {"amplitude_permille": 500}, "it gives 50 %"),
        (13.0, {"peak_ua": 150}, "150 µA"),
        (13.0, {"vibration_dhz": 950}, "at 95 Hz"),
        (16.0, {"current_dhz": 400}, "at most"),
    ],
)
def test_more_than_the_line_at_that_moment_is_an_untruth(at_s: float, lie: dict[str, int], words: str) -> None:
    bench = Bench()
    bench.start(*STEPS)
    bench.run(at_s)
    said = replace(bench.firmware.status(bench.now_us), **{"peak_ua": 10, "current_dhz": 200, **lie})  # type: ignore[arg-type]  # fields by name
    _, untruth = Scrutiny(PROGRAM, 0.0).see(status_in(encode(said)), at_s, at_s)
    assert untruth is not None
    assert words in str(untruth)

"""A step with keyframes on the roller itself: its line in the massage, over a pause, an extension and an update."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from glowsim.firmware.model import GR1_OF_1_3
from glowtool.model.output import Waveform
from glowtool.model.state import Capability, State
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import Extend, ProgramBegin, SettingSet, Trim
from glowtool.protocol.program import STEP_SIZE, decode_program, encode_program
from glowtool.protocol.vocabulary import Result, Setting
from support.device.firmware_bench import Bench, keyframe, step

if TYPE_CHECKING:
    from glowsim.physics.types import Drive

VECTORS: Final = Path(__file__).parents[3] / "vectors/over_time/outputs.json"


#: From 40 % and 200 µA up to 80 % and 300 µA in 10 s, then down to nothing at 20 s.
SWELL: Final = replace(step(30_000), keyframes=(keyframe(10_000, 800, 300, 900), keyframe(20_000, 0, 0)))


@pytest.mark.parametrize("vector", json.loads(VECTORS.read_text("utf-8")), ids=lambda vector: vector["name"])
def test_a_whole_roller_gives_what_the_vectors_say(vector: dict[str, object]) -> None:
    value, data = vector["value"], bytes.fromhex(str(vector["hex"]))
    assert isinstance(value, dict)
    bench = Bench()
    assert bench.upload(data) is Result.SUCCESS
    assert bench.result(Opcode.START) is Result.SUCCESS
    bench.result(Opcode.TRIM, Trim(*value["trim"]))
    duration_s = sum(each.duration_ms for each in decode_program(data)) / 1000
    drives = bench.run(duration_s - 0.01)[39::40]
    assert [told(drive) for drive in drives] == value["outputs"][: len(drives)]
    assert len(drives) >= len(value["outputs"]) - 1


def told(drive: Drive) -> list[int]:
    return [
        round(drive.amplitude * 1000),
        round(drive.vibration_hz * 10),
        round(drive.peak_ua),
        round(drive.current_hz * 10),
    ]


def test_after_a_pause_outputs_rise_softly_from_zero_up_to_the_line() -> None:
    bench = Bench()
    bench.start(SWELL)
    bench.run(9.0)
    before = bench.drive
    bench.result(Opcode.PAUSE)
    bench.run(3.0)
    assert bench.drive.quiet
    bench.result(Opcode.RESUME)
    rising = bench.run(0.5)
    assert max(drive.amplitude for drive in rising) <= 0.5 / 4 + 1e-9
    bench.run(2.5)
    assert bench.drive.amplitude == pytest.approx(0.8 * (1 - 2.0 / 10), abs=0.001), "the line, 12 s into the step"
    assert before.amplitude == pytest.approx(0.76, abs=0.001)


def test_an_extended_step_stays_at_its_last_keyframe() -> None:
    bench = Bench()
    bench.start(replace(step(10_000), keyframes=(keyframe(8000, 600, 100),)))
    bench.run(5.0)
    assert bench.result(Opcode.EXTEND, Extend(20_000)) is Result.SUCCESS
    bench.run(20.0)
    assert (bench.state, round(bench.drive.amplitude, 6), bench.drive.peak_ua) == (State.RUNNING, 0.6, 100.0)


def test_current_that_begins_within_a_step_is_known_from_the_start() -> None:
    bench = Bench()
    bench.sensed = replace(bench.sensed, battery_percent=8)
    bench.tick()
    later = replace(step(10_000, 400, 0), waveform=Waveform.BIPHASIC_SQUARE, keyframes=(keyframe(9000, 0, 100),))
    bench.load(later)
    assert bench.result(Opcode.START) is Result.BATTERY_LOW


def test_an_older_roller_takes_no_keyframe_and_no_more_than_64_records() -> None:
    old = Bench(model=GR1_OF_1_3)
    assert str(old.firmware.feature.version) == "1.3"
    assert Capability.KEYFRAMES not in old.firmware.feature.capabilities
    assert old.upload(encode_program((SWELL,))) is Result.OUT_OF_RANGE
    assert old.result(Opcode.PROGRAM_BEGIN, ProgramBegin(65, 65 * STEP_SIZE, 0)) is Result.OUT_OF_RANGE
    assert old.upload(encode_program((step(1000),) * 64)) is Result.SUCCESS


def test_a_keyframe_over_a_setting_is_refused_at_the_commit() -> None:
    bench = Bench()
    bench.result(Opcode.SETTING_SET, SettingSet(Setting.PEAK_UA_MAX, 250))
    assert bench.upload(encode_program((SWELL,))) is Result.OVER_CEILING
    bench.result(Opcode.SETTING_SET, SettingSet(Setting.PEAK_UA_MAX, 300))
    assert bench.upload(encode_program((SWELL,))) is Result.SUCCESS

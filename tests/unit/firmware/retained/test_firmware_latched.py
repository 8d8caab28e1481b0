"""A latched roller refuses every opcode that starts, changes or prepares anything, until its time of grace is over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from glowsim.firmware.outage import ResetCause
from glowtool.model.state import State
from glowtool.protocol.ceilings import REARM_GRACE_MS
from glowtool.protocol.commands.codec import decode_response
from glowtool.protocol.commands.command import Effect
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import SettingSet
from glowtool.protocol.vocabulary import Result, Setting
from support.device.borders import requests_of
from support.device.firmware_bench import MTU, Bench, step
from support.device.roller_life import press

if TYPE_CHECKING:
    from collections.abc import Iterator

GRACE_S = REARM_GRACE_MS / 1000

#: These read, or keep a connection up, and change nothing that moves; all others but REARM are refused.
HARMLESS = {
    "EMERGENCY_STOP", "HEARTBEAT", "SETTING_GET", "DIAGNOSTICS", "FORGET_HOST", "TELEMETRY_START", "TELEMETRY_STOP",
    "RECORD_COUNT", "RECORD_INFO", "RECORD_READ", "RECORD_HASH",
}  # fmt: skip


def latched_in_a_massage() -> Bench:
    bench = Bench()
    bench.start(step(), step())
    bench.run(2.0)
    assert not bench.drive.quiet
    assert bench.result(Opcode.EMERGENCY_STOP) is Result.SUCCESS
    return bench


def asked(bench: Bench, opcode: Opcode) -> Iterator[Result]:
    """Ask for everything that an opcode can be asked for, and yield the results; outputs stay zero meanwhile."""
    for data in requests_of(opcode):
        yield decode_response(bench.firmware.on_control(bench.now_us, data, MTU)).head.result
        bench.tick()
        assert bench.firmware.drive.quiet
        assert bench.state is State.LATCHED


@pytest.mark.parametrize("opcode", [each for each in Opcode if each is not Opcode.REARM], ids=lambda each: each.name)
def test_every_opcode_is_refused_while_latched_but_those_that_only_read(opcode: Opcode) -> None:
    bench = latched_in_a_massage()
    results = set(asked(bench, opcode))
    if opcode is Opcode.SETTING_SET:  # each setting has a range of its own
        results.add(bench.result(opcode, SettingSet(Setting.WATCHDOG_MS, 500)))
    if opcode.name not in HARMLESS:
        assert results <= {Result.WRONG_STATE, Result.OUT_OF_RANGE, Result.UNKNOWN_SETTING, Result.BAD_LENGTH}
        assert Result.WRONG_STATE in results
    else:
        assert opcode.command.effect is Effect.HARMLESS
    # Nothing that was asked meanwhile comes up later either.
    bench.run(1.0)
    assert bench.firmware.drive.quiet
    assert press(bench) is State.LATCHED


def test_re_arming_is_refused_until_the_time_of_grace_is_over_and_starts_nothing() -> None:
    bench = latched_in_a_massage()
    since_us = bench.now_us
    while bench.now_us - since_us < REARM_GRACE_MS * 1000:
        assert bench.result(Opcode.REARM) is Result.GRACE
        bench.tick()
        assert bench.firmware.drive.quiet
    assert bench.result(Opcode.REARM) is Result.SUCCESS
    assert bench.state is State.IDLE
    assert all(drive.quiet for drive in bench.run(1.0))
    for opcode in (Opcode.START, Opcode.RESUME, Opcode.SKIP):
        assert bench.result(opcode) is Result.WRONG_STATE, "no program outlives it"


def test_a_second_emergency_stop_begins_the_time_of_grace_anew() -> None:
    bench = latched_in_a_massage()
    bench.run(GRACE_S - 0.1)
    assert bench.result(Opcode.EMERGENCY_STOP) is Result.SUCCESS
    bench.run(0.2)
    assert bench.result(Opcode.REARM) is Result.GRACE


@pytest.mark.parametrize("cause", ResetCause)
def test_a_reboot_keeps_outputs_zero_and_the_latch_however_often(cause: ResetCause) -> None:
    bench = latched_in_a_massage()
    for _ in range(3):
        bench.firmware.power_on(0, cause)
        bench.now_us = 0
        bench.firmware.on_link(0, up=True, authenticated=True)
        assert bench.state is State.LATCHED
        assert all(drive.quiet for drive in bench.run(GRACE_S - 0.1))
        assert bench.result(Opcode.REARM) is Result.GRACE, "it begins anew"

"""An emergency stop outlives a loss of power at every byte of its write, and its time of grace begins anew."""

from __future__ import annotations

import pytest

from glowsim.firmware.flash.chip import FlashChip, PowerLostError, Write, WriteKind, never
from glowsim.firmware.outage import ResetCause
from glowsim.firmware.retained.memory import Memory
from glowtool.model.state import Interlock, State
from glowtool.protocol.ceilings import REARM_GRACE_MS
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.vocabulary import Result
from support.device.firmware_bench import Bench, step
from support.device.roller_life import SMALL, USED, press

GRACE_S = REARM_GRACE_MS / 1000


def reboot(bench: Bench, cause: ResetCause = ResetCause.POWER_ON) -> None:
    bench.firmware.power_on(0, cause)
    bench.now_us = 0
    bench.firmware.on_link(0, up=True, authenticated=True)


def is_latched(bench: Bench) -> bool:
    return bench.state is State.LATCHED


@pytest.mark.parametrize("cause", ResetCause)
def test_a_latched_roller_starts_latched_and_its_grace_begins_anew(cause: ResetCause) -> None:
    bench = Bench()
    bench.start(step())
    bench.run(2.0)
    assert bench.result(Opcode.EMERGENCY_STOP) is Result.SUCCESS
    bench.run(GRACE_S + 1.0)
    reboot(bench, cause)
    assert is_latched(bench)
    assert Interlock.EMERGENCY in bench.firmware.status(0).interlocks
    for opcode in (Opcode.START, Opcode.RESUME, Opcode.STOP):
        assert bench.result(opcode) is Result.WRONG_STATE
    assert press(bench) is State.LATCHED
    bench.run(GRACE_S - 0.1)
    assert bench.result(Opcode.REARM) is Result.GRACE
    bench.run(0.2)
    assert bench.result(Opcode.REARM) is Result.SUCCESS
    reboot(bench, cause)
    assert bench.state is State.IDLE


class Person:
    """Stops in an emergency and re-arms, twice; `latched` is what was answered last, `asking` is on until it is."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self.latched = self.asking = False

    def live(self) -> None:
        for _ in range(2):
            self._ask(Opcode.EMERGENCY_STOP, latched=True)
            # Long enough for the counters to be written while it is latched.
            self._bench.run(GRACE_S + 0.01)
            self._bench.firmware._core.save()
            self._ask(Opcode.REARM, latched=False)
            self._bench.run(0.1)

    def _ask(self, opcode: Opcode, *, latched: bool) -> None:
        self.asking = True
        assert self._bench.result(opcode) is Result.SUCCESS
        self.asking, self.latched = False, latched


def writes_of_a_life() -> list[Write]:
    chip = FlashChip(SMALL, USED)
    bench = Bench(memory=Memory(chip))
    writes: list[Write] = []
    chip.cut = writes.append
    Person(bench).live()
    return writes


LIFE = writes_of_a_life()


def judge_cut(number: int, at: int) -> None:
    """Let the power fail after `at` bytes of a write, and start again: what was answered holds."""
    chip = FlashChip(SMALL, USED)
    bench = Bench(memory=Memory(chip))
    person = Person(bench)
    chip.cut = lambda write: at if write.number == number else None
    with pytest.raises(PowerLostError):
        person.live()
    chip.cut = never
    if person.asking:
        assert bench.firmware.drive.quiet, "outputs do not wait for the flash"
    chip.power_on()
    reboot(bench, ResetCause.BROWN_OUT)
    assert bench.firmware.drive.quiet
    # A command that was cut off was not answered: it may have happened or not.
    assert bench.state is (State.LATCHED if person.latched else State.IDLE) or person.asking
    assert bench.state in {State.LATCHED, State.IDLE}
    assert bench.memory.records.verify()
    if is_latched(bench):
        assert bench.result(Opcode.REARM) is Result.GRACE
        bench.run(GRACE_S + 0.01)
        assert bench.result(Opcode.REARM) is Result.SUCCESS
    reboot(bench)
    assert not is_latched(bench)


def test_the_life_writes_the_latch() -> None:
    assert len(LIFE) >= 8, "each of four commands writes a record and commits it"


@pytest.mark.parametrize("number", range(len(LIFE)))
def test_a_brown_out_in_a_write_of_the_latch_undoes_nothing_that_was_answered(number: int) -> None:
    for at in sorted({0, 1, LIFE[number].size // 2, LIFE[number].size - 1}):
        judge_cut(LIFE[number].number, at)


@pytest.mark.long
@pytest.mark.parametrize("number", range(len(LIFE)))
def test_a_brown_out_at_every_byte_of_the_latch_undoes_nothing_that_was_answered(number: int) -> None:
    # An erase has 4096 bytes that are all alike; every other write has them all.
    for at in range(0, LIFE[number].size, 61 if LIFE[number].kind is WriteKind.ERASE else 1):
        judge_cut(LIFE[number].number, at)


def test_outputs_fall_before_the_flash_is_written() -> None:
    bench = Bench()
    bench.start(step())
    bench.run(2.0)
    quiet: list[bool] = []
    bench.memory.chip.cut = lambda _write: quiet.append(bench.firmware.drive.quiet)
    bench.result(Opcode.EMERGENCY_STOP)
    assert quiet
    assert all(quiet)

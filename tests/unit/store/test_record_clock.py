"""The record's clock agrees with the wall clock to a tick, however late or long a roller is held up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from glowsim.evidence.record import DeliveredRecorder, read_delivered
from glowsim.firmware.firmware import Firmware
from glowsim.peripheral.mind import Facts
from glowsim.physics.body import Body, BodyParameters
from glowsim.physics.types import TICK_US
from glowsim.roller.machine import Machine
from glowtool.protocol.commands.opcode import Opcode
from support.device.firmware_bench import Bench, step
from support.device.volatile_memory import VolatileMemory

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

    from glowsim.firmware.flash.chip import Write

MIDNIGHT_US: Final = 1_795_305_600_000_000
HELD_UP_US: Final = 300_000


class Rig:
    """A roller whose body took 100 ms to make, and whose flash takes 1 ms for each write; its button runs a massage.

    The loop's clock and the wall clock show the same moments; both run `speed` times as fast as the machine.
    """

    def __init__(self, folder: Path, speed: float) -> None:
        self.passed_us, self._speed, self._folder = 0, speed, folder
        memory = _with_a_program()
        memory.chip.cut = self._write
        self.recorder = DeliveredRecorder(folder, self.wall_us(), self.wall_us)
        self.passed_us += 100_000
        facts = Facts("glowsim", "GR-1", "GR1-0001", "A", "1")
        body = Body(BodyParameters(battery_percent=90.0), 1)
        self.machine = Machine(Firmware(memory, "GR1-0001"), body, self.recorder, facts, self._loop_s)

    def wall_us(self) -> int:
        return MIDNIGHT_US + round(self.passed_us * self._speed)

    def run(self, duration_us: int) -> None:
        until_us = self.passed_us + duration_us
        while self.passed_us < until_us:
            self.passed_us += 1000
            while not self.machine.catch_up():
                pass

    def press(self) -> int:
        """Press the button; return the wall clock's time then. What the firmware writes takes its time as well."""
        pressed_us = self.wall_us()
        self.machine.press_button(0.2)
        return pressed_us

    def found(self) -> npt.NDArray[np.void]:
        """Return what was recorded; nothing is recorded after it."""
        self.recorder.close()
        return read_delivered(self._folder)

    def _loop_s(self) -> float:
        return 7.0 + self.passed_us * self._speed / 1e6

    def _write(self, _write: Write) -> None:
        self.passed_us += 1000


@pytest.mark.parametrize("speed", [0.5, 1.0, 4.0])
def test_what_is_delivered_is_told_with_the_wall_clocks_time(tmp_path: Path, speed: float) -> None:
    rig = Rig(tmp_path, speed)
    rig.run(500_000)
    pressed_us = rig.press()
    rig.run(500_000)
    stopped_us = rig.press()
    rig.run(500_000)
    found = rig.found()
    on = found[found["drive_amplitude"] > 0]
    busy_us = round(10_000 * speed)
    for column, slack_us in (("unix_us", 0), ("done_unix_us", busy_us)):
        # The first tick after the press asks for output, and the one after that has it.
        assert 0 < on[column][0] - pressed_us <= 2 * TICK_US + slack_us
        assert -TICK_US <= on[column][-1] - stopped_us <= TICK_US + slack_us


def test_a_machine_that_was_held_up_tells_when_it_did_its_ticks(tmp_path: Path) -> None:
    rig = Rig(tmp_path, 1.0)
    rig.press()
    rig.run(500_000)
    held_from_us = rig.wall_us()
    rig.passed_us += HELD_UP_US
    rig.run(500_000)
    found = rig.found()
    late_us = found["done_unix_us"] - found["unix_us"]
    held = (found["unix_us"] > held_from_us) & (found["unix_us"] <= held_from_us + HELD_UP_US)
    assert held.sum() == HELD_UP_US // TICK_US
    assert (found["done_unix_us"][held] >= held_from_us + HELD_UP_US).all()
    assert (late_us >= 0).all()
    assert late_us[-50:].max() <= 2 * TICK_US


def _with_a_program() -> VolatileMemory:
    bench = Bench()
    bench.load(step(20_000))
    bench.send(Opcode.PROGRAM_STORE)
    assert isinstance(bench.memory, VolatileMemory)
    return bench.memory

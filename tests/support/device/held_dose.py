"""A dose in flash memory, and what really flowed while it was counted."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from glowsim.firmware.flash.chip import never
from glowsim.firmware.outage import ResetCause
from glowsim.firmware.retained.memory import restored
from glowsim.physics.body import Body, BodyParameters
from glowsim.physics.types import Drive
from glowtool.model.output import Waveform
from glowtool.protocol.commands.opcode import Opcode
from support.device.firmware_bench import Bench
from support.device.volatile_memory import VolatileMemory

if TYPE_CHECKING:
    from glowsim.firmware.retained.dose import (
        DayDose,
    )

BOTH_ON: Final = Drive(0.1, 75.0, 10.0, 10.0, Waveform.MODULATED)
MOTOR_ON: Final = replace(BOTH_ON, peak_ua=0.0)


@dataclass(slots=True)
class Received:
    """The time for which electrode and motor received anything, in µs."""

    current_us: int = 0
    vibration_us: int = 0


@dataclass(slots=True)
class Held:
    """A roller in a hand that insists: it loses power at will, and is started again at once."""

    memory: VolatileMemory = field(default_factory=VolatileMemory)
    received: Received = field(default_factory=Received)
    bench: Bench = field(init=False)

    def __post_init__(self) -> None:
        self.bench = Bench(Body(BodyParameters(battery_percent=100.0), 1), self.memory)

    def run(self, duration_s: float) -> None:
        """Run the massage on, and add up what is delivered; raises PowerLostError when the power fails in a write."""
        for number in range(round(duration_s * 200)):
            if number % 50 == 0:
                self.bench.send(Opcode.HEARTBEAT)
            self.tick()

    def tick(self) -> None:
        before_us = self.bench.now_us
        try:
            self.bench.tick()
        finally:
            delivered, dt_us = self.bench.delivered, self.bench.now_us - before_us
            assert delivered is not None
            self.received.current_us += dt_us if delivered.peak_ua > 0.0 else 0
            self.received.vibration_us += dt_us if delivered.amplitude > 0.0 else 0

    def lose_power(self, cause: ResetCause = ResetCause.BROWN_OUT) -> None:
        """Let everything come to rest, and boot."""
        bench = self.bench
        bench.drive = Drive()
        assert bench.body is not None
        for _ in range(40):
            bench.now_us += 5000
            _, delivered = bench.body.update(bench.now_us, bench.drive)
            self.received.vibration_us += 5000 if delivered.amplitude > 0.0 else 0
        self.memory.chip.cut = never
        bench.firmware.power_on(bench.now_us, cause)
        bench.firmware.on_link(bench.now_us, up=True, authenticated=True)
        bench.tick()

    def counted(self) -> DayDose:
        return restored(self.memory.load()).dose

    def judge(self) -> None:
        """Fail when the flash counts less than was received."""
        assert self.counted().current_us >= self.received.current_us
        assert self.counted().vibration_us >= self.received.vibration_us

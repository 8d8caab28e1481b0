"""A massage without a radio: firmware, body and a board of faults."""

from __future__ import annotations

from glowsim.faults.board import Board
from glowsim.faults.faulty_body import FaultyBody
from glowsim.physics.body import Body, BodyParameters
from glowsim.physics.hand.hand import HandParameters
from glowsim.roller.plant import RollerPlant
from glowtool.model.state import Interlock
from support.device import firmware_bench

STEADY = BodyParameters(hand=HandParameters(target_kpa=3.5, tremor_kpa=0.0, wander_kpa=0.0, stroke_s=8.0))


class Dry:
    """Firmware, body and a board of faults under one clock."""

    def __init__(self) -> None:
        self.body = Body(STEADY, 1)
        self.board = Board((), 1, RollerPlant(self.body))
        faulty = FaultyBody(self.body, self.board)
        self.bench = firmware_bench.Bench(faulty)  # type: ignore[arg-type]  # it has the one method that is used
        self.bench.start(firmware_bench.step(60_000))
        self.bench.run(3.0)
        assert self.bench.drive.peak_ua > 0
        assert self.bench.drive.amplitude > 0

    def run(self, seconds: float) -> Interlock:
        """Go on, and return every interlock that was reported."""
        seen = Interlock(0)
        for _ in range(round(seconds / 0.05)):
            self.bench.run(0.05)
            seen |= self.bench.firmware.status(self.bench.now_us).interlocks
        return seen

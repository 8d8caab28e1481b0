"""An answer describes the state after its command, with nothing left from before."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from glowtool.model.state import Fault, Interlock, State
from glowtool.protocol.ceilings import REARM_GRACE_MS
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.states import after
from glowtool.protocol.vocabulary import Result
from support.device.firmware_bench import AIR, SKIN, Bench, bench_in, step

if TYPE_CHECKING:
    from glowsim.physics.types import Sensed

#: What the roller feels when the command comes, with outputs still rising.
FELT: Final = {
    "rising": SKIN,
    "in the air": AIR,
    "hardly touching": replace(SKIN, cells_raw=(40, 40, 40, 40), impedance_raw=4000),
    "pressed": replace(SKIN, cells_raw=(1400, 1400, 1400, 1400)),
    "hot": replace(SKIN, head_temp_raw=(440, 440)),
    "weak": replace(SKIN, battery_percent=8),
}

ENDS_OUTPUTS: Final = [opcode for opcode in Opcode if after(State.RUNNING, opcode) is not State.RUNNING]


@pytest.mark.parametrize("opcode", ENDS_OUTPUTS, ids=lambda opcode: opcode.name)
@pytest.mark.parametrize("felt", FELT.values(), ids=FELT)
def test_interlocks_of_an_answer_are_those_of_the_state_that_it_names(opcode: Opcode, felt: Sensed) -> None:
    bench = Bench()
    bench.start(step(), step())
    bench.run(0.5)
    bench.sensed = felt
    bench.run(0.5)
    assert Interlock.SOFT_START in bench.firmware.status(bench.now_us).interlocks or felt is not SKIN
    answered = bench.send(opcode).head
    bench.tick()
    assert answered.state is after(State.RUNNING, opcode)
    assert answered.interlocks == bench.firmware.status(bench.now_us).interlocks


def test_a_person_s_button_leaves_no_interlock_of_outputs_either() -> None:
    bench = bench_in(State.RUNNING)
    bench.firmware.press_button(bench.now_us, 0.2)
    assert bench.firmware.status(bench.now_us).interlocks == Interlock(0)


@pytest.mark.parametrize("fault", [Fault(0), Fault.TEMPERATURE_SENSOR], ids=["whole", "broken"])
@pytest.mark.parametrize("charging", [False, True], ids=["in the hand", "on the charger"])
def test_a_rearm_is_answered_with_the_state_that_holds(fault: Fault, *, charging: bool) -> None:
    bench = Bench()
    bench.sensed = replace(SKIN, charging=charging, head_temp_raw=(320, 1250 if fault else 320))
    bench.tick()
    assert bench.result(Opcode.EMERGENCY_STOP) is Result.SUCCESS
    bench.run(REARM_GRACE_MS / 1000 + 0.1)
    answered = bench.send(Opcode.REARM).head
    bench.tick()
    assert answered.result is Result.SUCCESS
    assert answered.state is bench.state
    assert bench.state is (State.FAULT if fault else State.LOCKED if charging else State.IDLE)

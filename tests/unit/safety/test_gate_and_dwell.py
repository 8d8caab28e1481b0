"""What the gate passes while a massage runs, the firmware does: over minutes, in which places fill and rest."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from glowtool.drivers.gr1.commands.wire_gate import WireGate
from glowtool.errors import DecodeError, SafetyError
from glowtool.model.face import Zone
from glowtool.model.state import State
from glowtool.protocol.commands.codec import Request
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import Extend, NoOperands
from glowtool.protocol.program import decode_program, encode_program, unpack_program
from glowtool.protocol.vocabulary import Result
from glowtool.safety import Gate
from support.device.firmware_bench import Bench, step

if TYPE_CHECKING:
    from glowtool.protocol.program import StepRecord
    from glowtool.protocol.wire import Message

#: Coarse ticks, within the patience of the roller's watchdog: what counts here are minutes, and no electrode is judged.
_TICK_US: Final = 500_000

_PLACES: Final = (Zone.CHEEK_LEFT, Zone.CHEEK_RIGHT)


def _worked(place: int, seconds: int) -> StepRecord:
    return replace(step(seconds * 1000), zone=_PLACES[place])


#: After so many seconds, an extension by so many, or, for 0, a skip.
_Order = tuple[int, int]


@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.builds(_worked, st.integers(0, 1), st.integers(60, 300)), min_size=2, max_size=4),
    st.lists(st.tuples(st.integers(1, 200), st.sampled_from((0, 0, 10, 60, 200))), max_size=8),
)
@example([_worked(0, 200), _worked(1, 200), _worked(0, 200)], [(350, 0), (1, 60)])
def test_an_extension_that_the_gate_passes_is_done(steps: list[StepRecord], orders: list[_Order]) -> None:
    data = encode_program(tuple(steps))
    try:
        decode_program(data)
    except DecodeError:
        assume(False)
    gate = Gate()
    gate.hold(unpack_program(data))
    gate.start()
    wire, bench = WireGate(gate), Bench()
    bench.start(*steps)
    for after_s, extra_s in orders:
        _pass_time(bench, after_s)
        if bench.state is not State.RUNNING:
            return
        opcode, operands = (Opcode.EXTEND, Extend(extra_s * 1000)) if extra_s else (Opcode.SKIP, NoOperands())
        passed, result = _give(wire, bench, opcode, operands)
        # Whether the next step may begin early, the roller alone judges: it knows how long its place has rested.
        assert opcode is Opcode.SKIP or not passed or result is Result.SUCCESS


def _pass_time(bench: Bench, seconds: int) -> None:
    for _ in range(seconds * 1_000_000 // _TICK_US):
        bench.send(Opcode.HEARTBEAT)
        bench.tick(_TICK_US)


def _give(wire: WireGate, bench: Bench, opcode: Opcode, operands: Message) -> tuple[bool, Result]:
    at = bench.firmware.status(bench.now_us).step_index
    try:
        wire.check(Request(opcode, 0, operands), step=at)
    except SafetyError:
        return False, Result.SUCCESS
    return True, bench.result(opcode, operands)

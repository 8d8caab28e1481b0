"""A tare is taken only in still air, and a stored tare that does not fit is found out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glowsim.physics.body import Body, BodyParameters
from glowsim.physics.cells import CellParameters
from glowsim.physics.hand.hand import HandParameters
from glowtool.drivers.gr1.commands.refusals import refused
from glowtool.model.state import Fault, State
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.payloads import SelfTestReport
from glowtool.protocol.records import Diagnostic, DiagnosticGet, DiagnosticValue
from glowtool.protocol.vocabulary import Result
from support.device.firmware_bench import AIR, SKIN, Bench, step
from support.device.volatile_memory import VolatileMemory

if TYPE_CHECKING:
    from glowsim.physics.types import Sensed

ZEROS = (10, 20, 30, 100)


def stored(bench: Bench) -> object:
    return bench.memory.load()["tare"]


def feel(bench: Bench, sensed: Sensed, duration_s: float) -> None:
    bench.sensed = sensed
    bench.run(duration_s)


def test_a_tare_is_bounded_and_taken_after_a_second_of_still_air() -> None:
    bench = Bench()
    air = replace(AIR, cells_raw=ZEROS)
    feel(bench, air, 0.9)
    assert bench.result(Opcode.TARE) is Result.OUT_OF_RANGE
    feel(bench, air, 0.2)
    assert bench.result(Opcode.TARE) is Result.SUCCESS
    assert stored(bench) == list(ZEROS)
    feel(bench, replace(AIR, cells_raw=(10, 20, 30, 101)), 3.0)
    assert bench.result(Opcode.TARE) is Result.OUT_OF_RANGE
    assert stored(bench) == list(ZEROS)


@pytest.mark.parametrize("cells", [(90, 90, 90, 90), (0, 0, 0, 0), (350, 350, 350, 350)])
def test_on_the_skin_nothing_is_tared(cells: tuple[int, int, int, int]) -> None:
    bench = Bench()
    feel(bench, AIR, 3.0)
    feel(bench, replace(SKIN, cells_raw=cells), 3.0)
    response = bench.send(Opcode.TARE)
    assert response.head.result is Result.OUT_OF_RANGE
    assert stored(bench) == [0, 0, 0, 0]
    assert "hold it still in the air for a second" in str(refused(Opcode.TARE, response.head))


def test_cells_that_move_are_not_tared() -> None:
    bench = Bench()
    for number in range(30):
        feel(bench, replace(AIR, cells_raw=(20, 20, 20, 20 + 30 * (number % 2))), 0.1)
        assert bench.result(Opcode.TARE) is Result.OUT_OF_RANGE


@given(st.integers(0, 1000), st.floats(0.0, 0.5))
@settings(max_examples=10, deadline=None)
def test_a_roller_that_is_held_in_the_air_can_always_be_tared(seed: int, offset_kpa: float) -> None:
    body = Body(BodyParameters(cells=CellParameters(offset_kpa=offset_kpa / 5)), seed)
    body.lift()
    bench = Bench(body)
    bench.run(2.0)
    assert bench.result(Opcode.TARE) is Result.SUCCESS


@given(st.integers(0, 1000), st.floats(0.4, 3.0))
@settings(max_examples=10, deadline=None)
def test_a_roller_on_a_face_is_never_tared(seed: int, target_kpa: float) -> None:
    body = Body(BodyParameters(hand=HandParameters(target_kpa=target_kpa, lift_every=0)), seed)
    body.press(target_kpa)
    bench = Bench(body)
    bench.run(0.1)
    for _ in range(8):
        bench.run(0.25)
        assert bench.result(Opcode.TARE) is Result.OUT_OF_RANGE


@pytest.mark.parametrize("tare", [[101, 0, 0, 0], [0, 0, 0, 3999], [-1, 0, 0, 0]])
def test_a_stored_tare_that_cannot_have_been_taken_counts_as_none(tare: list[int]) -> None:
    bench = Bench(memory=VolatileMemory({"tare": tare}))
    feel(bench, replace(SKIN, cells_raw=(1331, 300, 300, 1331)), 0.1)
    assert bench.firmware._core.retained.tare == (0, 0, 0, 0)


def test_a_stored_tare_that_the_air_contradicts_is_dropped_and_told() -> None:
    bench = Bench(memory=VolatileMemory({"tare": [90, 90, 90, 90]}))
    feel(bench, SKIN, 1.0)
    assert bench.firmware._core.retained.tare == (90, 90, 90, 90)
    feel(bench, AIR, 0.3)
    assert stored(bench) == [0, 0, 0, 0]
    assert bench.send(Opcode.SELF_TEST).payload == SelfTestReport(Fault.SENSOR)
    asked = bench.send(Opcode.DIAGNOSTICS, DiagnosticGet(Diagnostic.TARES_DISCARDED))
    assert asked.payload == DiagnosticValue(1)
    again = Bench(memory=bench.memory)
    assert again.firmware._core.retained.tare == (0, 0, 0, 0)
    assert again.send(Opcode.SELF_TEST).payload == SelfTestReport(Fault(0))


def test_a_true_tare_stays_over_lifts_and_noise() -> None:
    bench = Bench(memory=VolatileMemory({"tare": [40, 40, 40, 40]}))
    bench.start(step(20_000))
    for number in range(20):
        feel(bench, replace(AIR, cells_raw=(40 - number, 40, 40, 40 + number)), 0.2)
        feel(bench, SKIN, 0.2)
    assert bench.firmware._core.retained.tare == (40, 40, 40, 40)
    assert bench.state is State.RUNNING

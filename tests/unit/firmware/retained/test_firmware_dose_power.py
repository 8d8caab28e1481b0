"""The day's dose counts all that flowed, though the power fails at any moment and within any write."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glowsim.firmware.flash.chip import PowerLostError
from glowsim.firmware.flash.records import FlashBrokenError, RecordStore
from glowsim.firmware.outage import ResetCause
from glowsim.firmware.retained.dose import AFTER_US, CURRENT_US_MAX, LEASE_US, VIBRATION_US_MAX, DayDose
from glowtool.model.face import Zone
from glowtool.model.state import Fault, State
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.program import encode_program
from glowtool.protocol.vocabulary import Result
from support.device.firmware_bench import step
from support.device.held_dose import BOTH_ON, MOTOR_ON, Held
from support.device.volatile_memory import VolatileMemory

if TYPE_CHECKING:
    from collections.abc import Callable

    from glowsim.firmware.flash.chip import Write
    from glowsim.firmware.flash.layout import Kind
    from glowsim.physics.types import Drive


def test_brown_outs_every_few_seconds_count_all_that_flowed() -> None:
    held = Held()
    for _ in range(6):
        held.bench.start(step(20_000))
        held.run(4.9)
        held.lose_power()
        held.judge()
    assert held.received.vibration_us > 29_000_000
    assert held.counted().vibration_us <= 6 * (4_900_000 + LEASE_US)


@pytest.mark.long
def test_brown_outs_every_few_seconds_end_at_the_ceiling_and_not_later() -> None:
    held = Held()
    # In turns, so that the time of one place is not what ends it.
    for zone in itertools.cycle((Zone.CHEEK_LEFT, Zone.CHEEK_RIGHT, Zone.JAW_LEFT, Zone.JAW_RIGHT, Zone.CHIN)):
        program = encode_program((replace(step(20_000), zone=zone),))
        if held.bench.upload(program) is not Result.SUCCESS or held.bench.result(Opcode.START) is not Result.SUCCESS:
            break
        held.run(4.9)
        held.lose_power()
        held.judge()
    assert CURRENT_US_MAX / 4 < held.received.current_us <= CURRENT_US_MAX


CUTS = st.lists(st.tuples(st.floats(0.05, 7.0), st.sampled_from(ResetCause)), min_size=1, max_size=5)


@given(CUTS, st.integers(0, 12_000_000), st.integers(0, 12_000_000))
@settings(max_examples=12, deadline=None)
def test_power_that_fails_at_any_moment_never_lets_more_flow_than_is_left(
    cuts: list[tuple[float, ResetCause]], current_left_us: int, vibration_left_us: int
) -> None:
    used = [0, CURRENT_US_MAX - current_left_us, VIBRATION_US_MAX - vibration_left_us]
    held = Held(VolatileMemory({"dose": {"runtime_us": 0, "hours": [used]}}))
    for duration_s, cause in cuts:
        held.bench.upload(_program())
        held.bench.result(Opcode.START)
        held.run(duration_s)
        held.lose_power(cause)
        assert held.received.current_us <= current_left_us
        assert held.received.vibration_us <= vibration_left_us


@pytest.mark.parametrize("parts", [(0.5,), pytest.param((0.0, 0.01, 0.3, 0.7, 1.0), marks=pytest.mark.long)])
def test_power_that_fails_within_a_write_counts_what_flowed(parts: tuple[float, ...]) -> None:
    """Each write of a massage fails, at these parts of its bytes.

    That what is read back is the old or the new, at every byte, is proven of the flash itself.
    """
    whole = Held()
    sizes: list[int] = []
    whole.memory.chip.cut = lambda write: sizes.append(write.size)
    _massage(whole)
    assert len(sizes) > 8
    for number, size in enumerate(sizes):
        for at in (min(round(part * size), size - 1) for part in parts):
            held = Held()
            held.memory.chip.cut = _cut(number + held.memory.chip.writes, at)
            with pytest.raises(PowerLostError):
                _massage(held)
            held.lose_power()
            held.judge()


@pytest.mark.parametrize("drive", [MOTOR_ON, replace(BOTH_ON, amplitude=0.0)], ids=["vibration", "current"])
def test_a_lease_is_renewed_while_it_still_covers_what_flows_when_nobody_counts_any_more(drive: Drive) -> None:
    dose = DayDose()
    dose.take_lease(drive)
    dose.pass_time(LEASE_US - AFTER_US, drive)
    assert not dose.due(drive)
    dose.pass_time(1, drive)
    assert dose.due(drive)


def test_without_a_lease_nothing_flows(monkeypatch: pytest.MonkeyPatch) -> None:
    held = Held()
    held.bench.start(step(20_000))

    def refuse(_store: RecordStore, _kind: Kind, _key: int, _payload: bytes) -> None:
        raise FlashBrokenError("what is written does not read back")

    monkeypatch.setattr(RecordStore, "put", refuse)
    held.run(1.0)
    assert (held.received.current_us, held.received.vibration_us) == (0, 0)
    assert held.bench.state is State.FAULT
    assert Fault.FLASH in held.bench.firmware.status(held.bench.now_us).faults


def test_what_is_left_of_a_lease_is_given_back_in_the_end() -> None:
    held = Held()
    held.bench.start(step(20_000))
    held.run(2.0)
    assert LEASE_US <= held.counted().vibration_us <= LEASE_US + 2_000_000
    held.bench.result(Opcode.STOP)
    held.run(0.2)
    assert held.received.vibration_us <= held.counted().vibration_us <= 2_200_000


def _program() -> bytes:
    return encode_program((step(20_000),))


def _massage(held: Held) -> None:
    """Run a massage of 6 s to its end, and a moment longer."""
    held.bench.start(step(6000))
    held.run(6.2)


def _cut(number: int, at: int) -> Callable[[Write], int | None]:
    """Return the hook that fails the power in the write of this number, after this many bytes."""
    return lambda write: at if write.number == number else None

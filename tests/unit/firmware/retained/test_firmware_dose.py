"""The day's dose: whatever clocks say and whenever the power fails, never more than the ceiling in 24 hours of runtime.

Judged by what electrode and motor received, and never by what the firmware says.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from glowsim.firmware.flash.chip import PowerLostError, never
from glowsim.firmware.flash.records import FlashBrokenError, RecordStore
from glowsim.firmware.outage import ResetCause
from glowsim.firmware.retained.dose import (
    AFTER_US,
    CURRENT_US_MAX,
    DAY_US,
    LEASE_US,
    VIBRATION_US_MAX,
    DayDose,
    Hour,
    dose_from,
)
from glowsim.firmware.retained.memory import restored
from glowsim.firmware.watchdog import RUN_DOWN_US
from glowsim.physics.body import Body, BodyParameters
from glowsim.physics.types import Drive
from glowtool.model.face import Zone
from glowtool.model.output import Waveform
from glowtool.model.state import Fault, Interlock, State
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import SetTime
from glowtool.protocol.program import encode_program
from glowtool.protocol.records import Diagnostic, DiagnosticGet, DiagnosticValue
from glowtool.protocol.vocabulary import Result
from glowtool.protocol.wire import LATEST_UNIX_MS
from support.device.firmware_bench import Bench, step
from support.device.volatile_memory import VolatileMemory

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from glowsim.firmware.flash.chip import Write
    from glowsim.firmware.flash.layout import Kind

BOTH_ON: Final = Drive(0.1, 75.0, 10.0, 10.0, Waveform.MODULATED)
MOTOR_ON: Final = replace(BOTH_ON, peak_ua=0.0)
HOUR_US: Final = 3600 * 1_000_000
SPENT: Final = {"runtime_us": 0, "hours": [[0, CURRENT_US_MAX, 0]]}


@dataclass(slots=True)
class Received:
    """What electrode and motor received in all, in µs."""

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
        """What the flash counts is never less than what was received."""
        assert self.counted().current_us >= self.received.current_us
        assert self.counted().vibration_us >= self.received.vibration_us


def test_each_output_is_counted_and_spent_before_its_ceiling() -> None:
    dose = DayDose()
    spent = []
    for dt_us, drive in (
        (CURRENT_US_MAX - AFTER_US, BOTH_ON),
        (1, BOTH_ON),
        (VIBRATION_US_MAX, replace(BOTH_ON, peak_ua=0.0)),
    ):
        dose.pass_time(dt_us, drive)
        spent.append((dose.current_spent, dose.vibration_spent))
    assert spent == [(False, False), (True, False), (True, True)]


def test_what_was_used_comes_back_after_24_hours_of_runtime_hour_by_hour() -> None:
    dose = DayDose()
    dose.take_lease(BOTH_ON)
    dose.pass_time(60_000_000, BOTH_ON)
    dose.pass_time(5 * HOUR_US, Drive())
    dose.take_lease(BOTH_ON)
    dose.pass_time(30_000_000, BOTH_ON)
    assert dose.current_us == 90_000_000
    assert dose.returns_in_us == DAY_US + RUN_DOWN_US - 5 * HOUR_US - 30_000_000
    dose.pass_time(dose.returns_in_us - 1, Drive())
    assert dose.current_us == 90_000_000
    dose.pass_time(1, Drive())
    assert dose.current_us == 30_000_000
    dose.pass_time(6 * HOUR_US, Drive())
    assert (dose.current_us, dose.returns_in_us) == (0, 0)


def test_a_day_has_24_hours() -> None:
    """Written out, since everything else is reckoned with the firmware's own number."""
    dose = DayDose(0, [Hour(0, CURRENT_US_MAX, 0)])
    dose.pass_time(86_399_999_999, Drive())
    assert dose.current_spent
    dose.pass_time(1, Drive())
    assert not dose.current_spent


USE = st.tuples(st.integers(0, 30 * HOUR_US), st.integers(1, 6000), st.booleans())


@given(st.lists(USE, max_size=12))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_24_hours_of_runtime_hold_more_than_the_ceiling(uses: list[tuple[int, int, bool]]) -> None:
    """The power is lost after some uses, and with it the runtime since the last write.

    The 24 hours are those of a clock that never stops, wherever they begin.
    """
    dose, now_us, flash = DayDose(), 0, DayDose().kept()
    on: list[tuple[int, int]] = []
    for wait_us, ticks, power_lost in uses:
        dose.pass_time(wait_us, Drive())
        now_us += wait_us
        for _ in range(ticks):
            drive = Drive() if dose.vibration_spent else MOTOR_ON
            if dose.due(drive):
                dose.take_lease(drive)
                flash = dose.kept()
            now_us += 100_000
            dose.pass_time(100_000, drive)
            on += [] if drive.quiet else [(now_us, 100_000)]
        if power_lost:
            dose = dose_from(flash)
    first, within_us = 0, 0
    for at_us, dt_us in on:
        within_us += dt_us
        while on[first][0] - on[first][1] < at_us - DAY_US:
            within_us -= on[first][1]
            first += 1
        assert within_us <= VIBRATION_US_MAX


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


def test_a_spent_dose_ends_the_massage_and_outlives_the_power() -> None:
    dose = {"runtime_us": 0, "hours": [[0, CURRENT_US_MAX - 3_000_000, 0]]}
    bench = Bench(memory=VolatileMemory({"dose": dose}))
    bench.start(step(20_000))
    bench.run(5.0)
    assert bench.state is State.READY
    assert bench.drive.quiet
    assert Interlock.DOSE in bench.firmware.status(bench.now_us).interlocks
    assert bench.result(Opcode.START) is Result.OVER_CEILING
    again = Bench(memory=bench.memory)
    again.load(step())
    assert again.result(Opcode.START) is Result.OVER_CEILING


CLOCKS = st.lists(st.integers(1, LATEST_UNIX_MS), max_size=4)


@given(st.lists(CLOCKS, min_size=1, max_size=3))
@settings(max_examples=30, deadline=None)
def test_a_clock_set_to_any_day_gives_no_new_dose(cycles: list[list[int]]) -> None:
    bench = Bench(memory=VolatileMemory({"dose": SPENT}))
    for clocks in cycles:
        for unix_ms in clocks:
            bench.result(Opcode.SET_TIME, SetTime(unix_ms))
            bench.tick()
        bench.load(step())
        assert bench.result(Opcode.START) is Result.OVER_CEILING
        bench = Bench(memory=bench.memory)
    bench.load(step())
    bench.tick(DAY_US)
    assert bench.result(Opcode.START) is Result.SUCCESS


@pytest.mark.parametrize(
    "kept",
    [
        {"day": 20_000, "on_us": 7, "current_us": CURRENT_US_MAX, "vibration_us": 0},
        {"runtime_us": -1, "hours": []},
        {"runtime_us": 0, "hours": [[0, 1]]},
        {"runtime_us": 0, "hours": [[0, "x", 1]]},
        {"hours": None},
        [],
        "spent",
    ],
)
def test_a_dose_of_older_firmware_counts_and_one_that_cannot_be_read_is_spent(kept: Mapping[str, object]) -> None:
    bench = Bench(memory=VolatileMemory({"dose": kept}))
    bench.load(step())
    assert bench.result(Opcode.START) is Result.OVER_CEILING


def _program() -> bytes:
    return encode_program((step(20_000),))


def _massage(held: Held) -> None:
    """Run a massage of 6 s to its end, and a moment longer."""
    held.bench.start(step(6000))
    held.run(6.2)


def _cut(number: int, at: int) -> Callable[[Write], int | None]:
    """Return the hook that fails the power in the write of this number, after this many bytes."""
    return lambda write: at if write.number == number else None


def test_diagnostics_tell_what_counts_and_when_it_comes_back() -> None:
    bench = Bench(
        memory=VolatileMemory({"dose": {"hours": [[0, 600_000_001, 7_000_000]], "places": {"5": 290_000_000}}})
    )
    bench.load(step(20_000))
    told = {
        item: bench.send(Opcode.DIAGNOSTICS, DiagnosticGet(item)).payload
        for item in (
            Diagnostic.DAY_CURRENT_S,
            Diagnostic.DAY_VIBRATION_S,
            Diagnostic.DAY_RETURNS_MINUTES,
            Diagnostic.PROGRAM_REST_S,
        )
    }
    assert list(told.values()) == [DiagnosticValue(number) for number in (601, 7, 24 * 60, 10)]

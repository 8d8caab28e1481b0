"""Each interlock is tested alone, at scripted moments."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glowsim.firmware.interlocks.contact import SETTLE_US, ContactGate, DensityLimit, trusted_area_cm2
from glowsim.firmware.interlocks.heat import HeadTemperature
from glowsim.firmware.interlocks.limits import DayDose, Durations, OnlyWhileRunning, SettingsLimit
from glowsim.firmware.interlocks.pressure import PressureCaution, PressureHalf, PressureZero
from glowsim.firmware.interlocks.rule import FREE, Moment, Rule, Ruling
from glowsim.firmware.interlocks.supply import BatteryEmpty, BatteryWeak, Charging
from glowsim.firmware.interlocks.table import Interlocks
from glowsim.firmware.outputs.limiter import OPEN_CAP, SHUT_CAP, Cap
from glowsim.firmware.sensors.readings import NO_TARE, Readings, read, tared
from glowsim.firmware.watchdog import RUN_DOWN_US, silent_too_long
from glowsim.physics.types import Drive
from glowtool.model.heads import settled_area_cm2
from glowtool.model.output import Waveform
from glowtool.model.state import Interlock
from glowtool.protocol.commands.states import Event
from support.device.firmware_bench import SKIN

READINGS = read(SKIN, SKIN.cells_raw)
MOMENT = Moment(0, READINGS, running=True)


def at(now_us: int = 0, **readings: object) -> Moment:
    return replace(MOMENT, now_us=now_us, readings=replace(READINGS, **readings))  # type: ignore[arg-type]  # Readings' own names and types


def pressed(now_us: int, kpa: float) -> Moment:
    return at(now_us, left_kpa=kpa, right_kpa=kpa, left_cell_kpa=kpa, right_cell_kpa=kpa)


def settled(gate: ContactGate) -> None:
    gate.judge(at(0))
    assert gate.judge(at(SETTLE_US)) is FREE


def test_current_waits_until_contact_has_settled() -> None:
    gate = ContactGate()
    assert gate.judge(at(0)).cap.peak_ua_max == 0.0
    assert gate.judge(at(SETTLE_US - 1)).cap.peak_ua_max == 0.0
    assert gate.judge(at(SETTLE_US)) is FREE


@pytest.mark.parametrize(
    "lost",
    [{"impedance_open": True}, {"left_cell_kpa": 0.29}, {"right_cell_kpa": 0.0}],
    ids=["open circuit", "left away", "right away"],
)
def test_a_lost_contact_is_zero_in_the_same_tick_and_settles_anew(lost: dict[str, object]) -> None:
    gate = ContactGate()
    settled(gate)
    verdict = gate.judge(at(SETTLE_US + 5000, **lost))
    assert verdict.cap.peak_ua_max == 0.0
    assert verdict.cap.amplitude_max == 1.0
    assert verdict.flag is Interlock.NO_CONTACT
    assert gate.judge(at(SETTLE_US + 10_000)).cap.peak_ua_max == 0.0


def test_contact_has_hysteresis() -> None:
    gate = ContactGate()
    for light in (0.31, 0.49):
        gate.judge(pressed(0, light))
        assert gate.judge(pressed(SETTLE_US, light)).cap.peak_ua_max == 0.0
    settled(gate)
    assert gate.judge(pressed(2 * SETTLE_US, 0.31)) is FREE


@given(st.floats(0.0, 40.0))
def test_the_trusted_area_is_half_of_the_real_one(kpa: float) -> None:
    assert trusted_area_cm2(kpa) == pytest.approx(0.5 * settled_area_cm2(kpa))


def test_density_is_judged_by_the_lighter_head() -> None:
    light = DensityLimit().judge(at(left_kpa=0.5, right_kpa=5.0)).cap.peak_ua_max
    assert light == pytest.approx(2000.0 * trusted_area_cm2(0.5))
    assert light < 400.0
    assert DensityLimit().judge(at()) is FREE


@pytest.mark.parametrize("cell", range(4))
def test_one_cell_that_is_stuck_high_stands_for_no_area(cell: int) -> None:
    cells = [30, 30, 30, 30]
    cells[cell] = 350
    a, b, c, d = cells
    readings = read(replace(SKIN, cells_raw=(a, b, c, d)), (a, b, c, d))
    cap = DensityLimit().judge(replace(MOMENT, readings=readings)).cap
    assert cap.peak_ua_max == pytest.approx(2000.0 * trusted_area_cm2(0.3))


def test_caution_is_a_flag_only() -> None:
    rule = PressureCaution()
    assert rule.judge(pressed(0, 6.0)) is FREE
    assert rule.judge(pressed(0, 6.01)).flag is Interlock.PRESSURE_CAUTION
    assert rule.judge(pressed(0, 5.5)).cap == OPEN_CAP
    assert rule.judge(pressed(0, 5.3)) is FREE


def test_outputs_are_halved_after_half_a_second_and_until_well_below() -> None:
    rule = PressureHalf()
    assert rule.judge(pressed(0, 9.4)) is FREE
    assert rule.judge(pressed(495_000, 9.4)) is FREE
    assert rule.judge(pressed(500_000, 9.4)).cap.share == 0.5
    assert rule.judge(pressed(2_499_000, 8.5)).cap.share == 0.5, "not forgotten yet"
    assert rule.judge(pressed(2_500_000, 8.5)).cap.share == 0.5, "forgotten, but not well below"
    assert rule.judge(pressed(2_505_000, 8.3)) is FREE
    assert rule.judge(pressed(2_510_000, 9.4)) is FREE


def test_a_pressure_that_dips_now_and_then_is_halved() -> None:
    rule, now_us, halved_us = PressureHalf(), 0, []
    rule.judge(pressed(0, 3.5))
    for _ in range(20):
        for kpa, ticks in ((13.0, 97), (8.0, 4)):
            for _ in range(ticks):
                now_us += 5000
                if rule.judge(pressed(now_us, kpa)).cap.share == 0.5:
                    halved_us.append(now_us)
    assert halved_us[0] == 525_000
    assert len(halved_us) == (now_us - halved_us[0]) // 5000 + 1


alternation = st.tuples(st.floats(0.0, 20.0), st.floats(0.0, 20.0), st.integers(1, 120), st.integers(1, 120))


@given(st.lists(alternation, max_size=4))
def test_no_alternation_defeats_a_threshold_of_pressure(alternations: list[tuple[float, float, int, int]]) -> None:
    no_threshold_is_defeated(alternations)


@pytest.mark.long
@given(st.lists(alternation, max_size=12))
def test_no_long_alternation_defeats_one(alternations: list[tuple[float, float, int, int]]) -> None:
    no_threshold_is_defeated(alternations)


def no_threshold_is_defeated(alternations: list[tuple[float, float, int, int]]) -> None:
    caution, half, zero = PressureCaution(), PressureHalf(), PressureZero()
    now_us, over_s = 0, 0.0
    for high_kpa, low_kpa, high_ticks, low_ticks in alternations:
        for kpa, ticks in ((high_kpa, high_ticks), (low_kpa, low_ticks)) * 5:
            for _ in range(ticks):
                now_us += 5000
                moment = pressed(now_us, kpa)
                over_s = max(0.0, over_s + (0.005 if kpa > 9.3 else -0.005 / 4))
                assert kpa <= 6.0 or caution.judge(moment).flag is Interlock.PRESSURE_CAUTION
                assert zero.judge(moment) != FREE or kpa <= 13.3
                assert half.judge(moment).cap.share == 0.5 or over_s < 0.51


def test_a_harmful_pressure_on_a_single_cell_is_zero_at_once() -> None:
    rule = PressureZero()
    assert rule.judge(at(left_cell_kpa=13.3)) is FREE
    assert rule.judge(at(left_cell_kpa=13.31)).cap == SHUT_CAP
    assert rule.judge(at(left_cell_kpa=12.5)).cap == SHUT_CAP
    assert rule.judge(at(left_cell_kpa=11.9)) is FREE


def test_a_hot_head_is_zero_until_it_has_cooled() -> None:
    rule = HeadTemperature()
    assert rule.judge(at(hottest_c=42.9)) is FREE
    assert rule.judge(at(hottest_c=430 * 0.1)).cap == SHUT_CAP
    assert rule.judge(at(hottest_c=41.1)).cap == SHUT_CAP
    assert rule.judge(at(hottest_c=40.9)) is FREE


def test_the_charger_locks_everything() -> None:
    assert Charging().judge(at(charging=True)).cap == SHUT_CAP
    assert Charging().judge(at()) is FREE


def test_a_weak_battery_gives_no_current() -> None:
    assert BatteryWeak().judge(at(battery_percent=9)).cap == Cap(peak_ua_max=0.0)
    assert BatteryWeak().judge(at(battery_percent=10)) is FREE


def test_an_empty_battery_fades_out_and_ends() -> None:
    rule = BatteryEmpty()
    assert rule.judge(at(battery_percent=5)) is FREE
    shares = [rule.judge(at(tick * 500_000, battery_percent=4)).cap.share for tick in range(5)]
    assert shares == [1.0, 0.75, 0.5, 0.25, 0.0]
    assert rule.judge(at(2_000_000, battery_percent=4)).ends is Event.BATTERY_EMPTY
    assert rule.judge(replace(at(2_000_000, battery_percent=5), running=False)) is FREE


def test_a_gauge_that_wavers_does_not_begin_the_end_anew() -> None:
    rule = BatteryEmpty()
    shares = [rule.judge(at(tick * 250_000, battery_percent=4 + tick % 2)).cap.share for tick in range(9)]
    assert shares == [1.0 - tick / 8 for tick in range(9)]


def test_outputs_are_zero_in_every_state_but_running() -> None:
    assert OnlyWhileRunning().judge(MOMENT) is FREE
    assert OnlyWhileRunning().judge(replace(MOMENT, running=False)).cap == SHUT_CAP


def test_settings_are_caps() -> None:
    verdict = SettingsLimit().judge(replace(MOMENT, amplitude_max=0.5, peak_ua_max=100.0))
    assert verdict.cap == Cap(0.5, 100.0)


def test_a_step_and_a_massage_end() -> None:
    assert Durations().judge(replace(MOMENT, step_elapsed_us=300_000_000)) is FREE
    assert Durations().judge(replace(MOMENT, step_elapsed_us=300_000_001)).ends is Event.PROGRAM_END
    assert Durations().judge(replace(MOMENT, massage_elapsed_us=1_200_000_001)).cap == SHUT_CAP


def test_a_spent_dose_holds_its_output_and_ends_a_massage_that_needs_it() -> None:
    spent = replace(MOMENT, current_spent=True)
    assert DayDose().judge(spent) == Ruling(Cap(1.0, 0.0), Interlock.DOSE)
    assert DayDose().judge(replace(spent, uses_current=True)).ends is Event.PROGRAM_END
    assert DayDose().judge(replace(spent, uses_vibration=True)).ends is None
    assert DayDose().judge(MOMENT) is FREE


class _Fixed:
    def __init__(self, verdict: Ruling) -> None:
        self._verdict = verdict

    def judge(self, moment: Moment) -> Ruling:  # noqa: ARG002  # the interface's own
        return self._verdict


@given(st.lists(st.builds(Cap, st.floats(0, 1), st.floats(0, 400), st.floats(0, 1)), min_size=1, max_size=6))
def test_the_most_restrictive_wins(caps: list[Cap]) -> None:
    def rule(cap: Cap) -> Rule:
        return _Fixed(Ruling(cap))

    judged = Interlocks(tuple(lambda cap=cap: rule(cap) for cap in caps)).judge(MOMENT, Drive())  # type: ignore[misc]  # the default binds the loop's value
    assert judged.cap == Cap(
        min(cap.amplitude_max for cap in caps), min(cap.peak_ua_max for cap in caps), min(cap.share for cap in caps)
    )


def test_a_biting_flag_is_shown_only_when_it_holds_something_back() -> None:
    verdict = Ruling(Cap(peak_ua_max=100.0), Interlock.CURRENT_DENSITY, only_biting=True)
    table = Interlocks((lambda: _Fixed(verdict),))
    quiet, strong = Drive(), Drive(peak_ua=120.0, waveform=Waveform.MODULATED)
    assert table.judge(MOMENT, quiet).flags == 0
    assert table.judge(MOMENT, strong).flags == Interlock.CURRENT_DENSITY


def test_the_watchdog_trips_early_enough_for_the_motor_to_run_down() -> None:
    assert not silent_too_long(1_000_000 - RUN_DOWN_US - 1, 0, 1000)
    assert silent_too_long(1_000_000 - RUN_DOWN_US, 0, 1000)


def test_tare_is_taken_off_and_saturation_stays_visible() -> None:
    assert tared((10, 300, 4000, 3999), (20, 20, 20, 20)) == (0, 280, 4000, 3979)
    assert tared((10, 300, 4000, 3999), NO_TARE) == (10, 300, 4000, 3999)


def test_readings_are_in_units() -> None:
    readings = read(replace(SKIN, cells_raw=(300, 500, 0, 200), head_temp_raw=(251, 330)), (300, 500, 0, 200))
    cells = 300, 500, 0, 200
    assert replace(readings, hottest_c=0.0) == Readings(3.0, 0.0, 5.0, 2.0, False, 0.0, 80, False, cells, 850)
    assert readings.hottest_c == pytest.approx(33.0)
    assert readings.highest_kpa == 5.0

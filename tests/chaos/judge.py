"""The judge of a random massage: it knows the table of ceilings and the wire format, and nothing of the firmware.

It looks at every tick of electrode and motor, and raises `ViolationError` where a ceiling is passed. What flows and
moves is judged by the body's truth, so also while a sensor lies; pressure, temperature and battery by what the sensors
say, less the tare, since no device can know better. What is judged at the drive holds for electrode and motor too:
neither may do more than the drive of the tick before asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chaos import margins
from chaos.margins import FORGOTTEN_US, MOTOR, RUN_DOWN_US, SOFT_END_US, STAGE_US, STEP_UA, Nearest
from chaos.rise import SLACK, Rise
from chaos.shaking import ACTION_MS2, Exposure
from chaos.wire import MASSAGE_US, PEAK_UA, STEP_US, Step, ViolationError, Wire
from glowsim.physics.types import Drive
from glowtool.protocol.ceilings import CeilingId, ceiling
from glowtool.protocol.vocabulary import Setting, State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glowsim.physics.types import Delivered, Sensed

FULL: Final = ceiling(CeilingId.VIBRATION_AMPLITUDE) / 1000
DENSITY: Final = float(ceiling(CeilingId.CURRENT_DENSITY))
DIRECT: Final = float(ceiling(CeilingId.NET_DIRECT_CURRENT))
IMBALANCE: Final = ceiling(CeilingId.PHASE_CHARGE_IMBALANCE) / 1000
CONTACT_US: Final = ceiling(CeilingId.CONTACT_LOSS) * 1000
HALF_RAW: Final = ceiling(CeilingId.PRESSURE_HALF)
HALF_AFTER_US: Final = ceiling(CeilingId.PRESSURE_HALF_AFTER) * 1000
ZERO_RAW: Final = ceiling(CeilingId.PRESSURE_ZERO)
HOT_RAW: Final = ceiling(CeilingId.HEAD_TEMPERATURE)
DAY_CURRENT_US: Final = ceiling(CeilingId.DAY_CURRENT) * 1_000_000
DAY_VIBRATION_US: Final = ceiling(CeilingId.DAY_VIBRATION) * 1_000_000
SILENCE_US: Final = ceiling(CeilingId.HOST_SILENCE) * 1000
WEAK: Final = ceiling(CeilingId.BATTERY_CURRENT)
EMPTY: Final = ceiling(CeilingId.BATTERY_EMPTY)
CURRENT_HZ: Final = ceiling(CeilingId.CURRENT_FREQUENCY_MIN) / 10, ceiling(CeilingId.CURRENT_FREQUENCY_MAX) / 10
VIBRATION_HZ: Final = ceiling(CeilingId.VIBRATION_FREQUENCY_MIN) / 10, ceiling(CeilingId.VIBRATION_FREQUENCY_MAX) / 10

#: A time is over in the tick after it.
TICKS_US: Final = 10_000


class Judge:
    """Judge of one massage. `dose_us` is the time of current and of vibration that the day already has.

    With `midnight_us` the doses of a new day begin then. The exposure of the hand is that of both days together.
    """

    def __init__(self, dose_us: tuple[int, int] = (0, 0), midnight_us: int | None = None) -> None:
        self.wire = Wire()
        self.ticks = 0
        self._nearest = Nearest()
        self._drives = Rise(1.0, 0.0), Rise(PEAK_UA, STEP_UA)
        self._motor, self._source = Rise(1.0, MOTOR), Rise(PEAK_UA, STEP_UA)
        self._asked, self._moved = Drive(), 0.0
        self._power_losses = 0
        self._now_us = 0
        self._current_us, self._vibration_us = dose_us
        self._midnight_us = midnight_us
        self._exposure = Exposure(dose_us[1], VIBRATION_HZ[1])
        self._day_us = DAY_CURRENT_US + TICKS_US, DAY_VIBRATION_US + TICKS_US
        self._open_us: int | None = None
        self._unlinked_us: int | None = None
        self._charging_us: int | None = None
        self._hard_us: int | None = None
        self._empty_us: int | None = None
        self._driven_us = self._ticked_us = 0
        self._run, self._run_us = 0, 0
        self._step, self._step_us = -1, 0

    def power_cycled(self, now_us: int) -> None:
        """Take note of a loss of power: outputs fall, and some seconds of the day's dose may be forgotten."""
        self.wire.power_cycled(now_us)
        self._power_losses += 1
        self._day_us = self._day_us[0] + FORGOTTEN_US, self._day_us[1] + FORGOTTEN_US

    def look(self, now_us: int, state: State, sensed: Sensed, delivered: Delivered, drive: Drive) -> None:
        """Judge one tick: `delivered` was delivered up to now, `drive` is asked for from now on."""
        dt_us, self._now_us, self._ticked_us = now_us - self._now_us, now_us, now_us
        self.ticks += 1
        self.wire.sensed = sensed
        if self._midnight_us is not None and now_us > self._midnight_us:
            self._current_us, self._vibration_us, self._midnight_us = 0, 0, None
        broken = self._times(dt_us, state, delivered, drive) or self._rise(delivered, drive)
        broken = broken or self._follows(delivered, drive)
        if delivered.peak_ua > 0.0:
            broken = broken or self._electrode(delivered)
        if delivered.amplitude > 0.0:
            broken = broken or self._shaken(delivered, dt_us)
        if not delivered.quiet:
            self._locked(sensed)
        broken = broken or self._contact(sensed, delivered, drive) or self._pressure(sensed, drive)
        broken = broken or self._supply(sensed, drive)
        if not drive.quiet:
            broken = broken or self._running(state, sensed, drive)
        if broken:
            raise ViolationError(f"{broken} at {now_us} µs in {state.name}: {drive} {sensed} {delivered}")

    def look_on(self, now_us: int, delivered: Delivered, drive: Drive) -> None:
        """Judge one tick in which the firmware did not run: the output stage shuts by itself."""
        dt_us, self._now_us = now_us - self._now_us, now_us
        self.ticks += 1
        broken = self._rise(delivered, drive) or self._follows(delivered, drive)
        late_us = now_us - self._ticked_us
        if delivered.peak_ua > 0.0:
            self._nearest.most(margins.STAGE_CURRENT, late_us / 1000)
            broken = broken or self._electrode(delivered)
            broken = broken or ("output stage, current" if late_us > STAGE_US else "")
        if delivered.amplitude > 0.0:
            self._nearest.most(margins.STAGE_MOTOR, late_us / 1000)
            broken = broken or self._shaken(delivered, dt_us)
            broken = broken or ("output stage, motor" if late_us > STAGE_US + RUN_DOWN_US else "")
        if broken:
            raise ViolationError(f"{broken} at {now_us} µs while the firmware does not run: {drive} {delivered}")

    def _rise(self, delivered: Delivered, drive: Drive) -> str:
        now_us = self._now_us
        amplitude, current = self._drives
        if amplitude.passes(now_us, drive.amplitude) or current.passes(now_us, drive.peak_ua):
            return "soft start (drive)"
        moved, flowed = self._motor.passes(now_us, delivered.amplitude), self._source.passes(now_us, delivered.peak_ua)
        return "soft start (electrode, motor)" if moved or flowed else ""

    def _follows(self, delivered: Delivered, drive: Drive) -> str:
        """Judge that nothing flows or moves but what the drive until now has asked for; a motor may run down."""
        asked, self._asked = self._asked, drive
        moved, self._moved = self._moved, delivered.amplitude
        if delivered.peak_ua > asked.peak_ua + SLACK:
            return "current that was not asked for"
        return "motion that was not asked for" if delivered.amplitude > max(asked.amplitude, moved) + SLACK else ""

    def _shaken(self, delivered: Delivered, dt_us: int) -> str:
        frequency_hz, note = delivered.vibration_hz, self._nearest
        self._exposure.add(dt_us, delivered)
        note.most(margins.EXPOSURE, self._exposure.a8_ms2)
        if self._exposure.a8_ms2 > ACTION_MS2:
            return "daily exposure of the hand"
        note.most(margins.AMPLITUDE, 1000 * delivered.amplitude)
        note.least(margins.VIBRATION_LOW, frequency_hz)
        note.most(margins.VIBRATION_HIGH, frequency_hz)
        if delivered.amplitude > FULL + SLACK:
            return "amplitude"
        low, high = VIBRATION_HZ
        return "" if low - SLACK <= frequency_hz <= high + SLACK else "vibration frequency (motor)"

    def _locked(self, sensed: Sensed) -> None:
        """Take note of how long something still flows or moves where nothing may be asked for any more."""
        wire, now_us = self.wire, self._now_us
        if sensed.charging and self._charging_us is not None:
            self._nearest.most(margins.CHARGER, (now_us - self._charging_us) / 1000)
        if wire.latched_us is not None:
            self._nearest.most(margins.STOP, (now_us - wire.latched_us) / 1000)
        if self._unlinked_us is not None:
            self._nearest.most(margins.LINK, (now_us - self._unlinked_us) / 1000)

    def _electrode(self, delivered: Delivered) -> str:
        positive, negative = delivered.phase_charge_uc
        net, largest = abs(positive - negative), max(positive, negative)
        # Both phases come at most a hundred times a second: what is left over flows as direct current.
        direct = net * CURRENT_HZ[1] / max(delivered.contact_area_cm2, 1e-9)
        note = self._nearest
        note.most(margins.PEAK, delivered.peak_ua)
        note.most(margins.DENSITY, delivered.density_rms_ua_cm2)
        note.most(margins.DIRECT, direct)
        note.most(margins.IMBALANCE, 1000 * net / largest if largest else 0.0)
        if delivered.peak_ua > PEAK_UA:
            return "peak current"
        if delivered.density_rms_ua_cm2 > DENSITY:
            return "current density"
        return "direct current" if net > IMBALANCE * largest + SLACK or direct > DIRECT else ""

    def _contact(self, sensed: Sensed, delivered: Delivered, drive: Drive) -> str:
        if delivered.contact_area_cm2 > 0.0 and sensed.impedance_raw != 0xFFFF:
            self._open_us = None
            return ""
        if self._open_us is None:
            self._open_us = self._now_us
        lasted_us = self._now_us - self._open_us
        if drive.peak_ua == 0.0 and delivered.peak_ua == 0.0:
            return ""
        self._nearest.most(margins.CONTACT, lasted_us / 1000)
        return "contact" if lasted_us > CONTACT_US else ""

    def _pressure(self, sensed: Sensed, drive: Drive) -> str:
        a, b, c, d = sensed.cells_raw
        e, f, g, h = self.wire.tare
        highest = max(a - e, b - f, c - g, d - h)
        if not drive.quiet:
            self._nearest.most(margins.PRESSURE, highest / 100)
        if highest <= HALF_RAW:
            self._hard_us = None
            return ""
        if self._hard_us is None:
            self._hard_us = self._now_us
        if highest > ZERO_RAW and not drive.quiet:
            return "pressure, zero"
        step = self._bounds(drive)
        if drive.amplitude <= step.amplitude / 2 + SLACK and drive.peak_ua <= step.peak_ua / 2 + SLACK:
            return ""
        lasted_us = self._now_us - self._hard_us
        self._nearest.most(margins.HALF, lasted_us / 1000)
        return "pressure, half" if lasted_us >= HALF_AFTER_US else ""

    def _supply(self, sensed: Sensed, drive: Drive) -> str:
        if sensed.battery_percent >= EMPTY:
            self._empty_us = None
        elif self._empty_us is None:
            self._empty_us = self._now_us
        if not sensed.charging:
            self._charging_us = None
        elif self._charging_us is None:
            self._charging_us = self._now_us
        if drive.quiet:
            return ""
        if sensed.charging:
            return "charging lock"
        if drive.peak_ua > 0.0:
            self._nearest.least(margins.WEAK, sensed.battery_percent)
            if sensed.battery_percent < WEAK:
                return "battery, current"
        if self._empty_us is not None:
            lasted_us = self._now_us - self._empty_us
            self._nearest.most(margins.EMPTY, lasted_us / 1000)
            return "battery, empty" if lasted_us > SOFT_END_US + TICKS_US else ""
        return ""

    def _times(self, dt_us: int, state: State, delivered: Delivered, drive: Drive) -> str:
        if delivered.peak_ua > 0.0:
            self._current_us += dt_us
        if delivered.amplitude > 0.0:
            # What runs down after its time is moved by nothing.
            self._vibration_us += dt_us if not drive.quiet else 0
        if self.wire.linked or self.wire.alone:
            self._unlinked_us = None
        elif self._unlinked_us is None:
            self._unlinked_us = self._now_us
        if not drive.quiet:
            self._driven_us = self._now_us
        if not (drive.quiet and delivered.quiet) and (broken := self._silence()):
            return broken
        if not delivered.quiet and (broken := self._day()):
            return broken
        return self._durations(dt_us, state, drive)

    def _silence(self) -> str:
        silent_us, coasting_us = self._now_us - self.wire.heard_us, self._now_us - self._driven_us
        self._nearest.most(margins.RUN_DOWN, coasting_us / 1000)
        if not self.wire.alone:
            self._nearest.most(margins.SILENCE, silent_us / 1000)
            if silent_us > min(SILENCE_US, self.wire.settings[Setting.WATCHDOG_MS] * 1000):
                return "host silence"
        return "motor's run-down" if coasting_us > RUN_DOWN_US else ""

    def _day(self) -> str:
        spent_us = self._current_us, self._vibration_us
        if self._power_losses:
            over_us = max(spent_us[0] - DAY_CURRENT_US, spent_us[1] - DAY_VIBRATION_US)
            self._nearest.most(margins.FORGOTTEN, over_us / 1e6 / self._power_losses)
        else:
            self._nearest.most(margins.DAY_CURRENT, spent_us[0] / 1e6)
            self._nearest.most(margins.DAY_VIBRATION, spent_us[1] / 1e6)
        return "dose of the day" if spent_us[0] > self._day_us[0] or spent_us[1] > self._day_us[1] else ""

    def _durations(self, dt_us: int, state: State, drive: Drive) -> str:
        if self.wire.starts != self._run:
            self._run, self._run_us, self._step = self.wire.starts, 0, -1
        if state is not State.RUNNING or drive.quiet:
            return ""
        if drive.cue.step != self._step:
            self._step, self._step_us = drive.cue.step, 0
        self._run_us += dt_us
        self._step_us += dt_us
        self._nearest.most(margins.STEP, self._step_us / 1e6)
        self._nearest.most(margins.MASSAGE, self._run_us / 1e6)
        if self._step_us > STEP_US + TICKS_US or self._run_us > MASSAGE_US + TICKS_US:
            return "duration"
        return ""

    def _running(self, state: State, sensed: Sensed, drive: Drive) -> str:
        """Judge what only matters while something is asked of the outputs."""
        wire = self.wire
        if state is not State.RUNNING or wire.latched_us is not None or not (wire.linked or wire.alone):
            return "output outside a run"
        self._nearest.most(margins.HEAT, max(sensed.head_temp_raw) / 10)
        if max(sensed.head_temp_raw) >= HOT_RAW:
            return "head temperature"
        if self._asks_too_much(drive):
            return "more than the program asks for"
        if drive.amplitude * 1000 > wire.settings[Setting.AMPLITUDE_PERMILLE_MAX] + SLACK:
            return "setting, amplitude"
        if drive.peak_ua > wire.settings[Setting.PEAK_UA_MAX]:
            return "setting, current"
        if drive.peak_ua > 0.0:
            self._nearest.least(margins.CURRENT_LOW, drive.current_hz)
            self._nearest.most(margins.CURRENT_HIGH, drive.current_hz)
            if not CURRENT_HZ[0] <= drive.current_hz <= CURRENT_HZ[1]:
                return "current frequency"
        good = drive.amplitude == 0.0 or VIBRATION_HZ[0] <= drive.vibration_hz <= VIBRATION_HZ[1]
        return "" if good else "vibration frequency"

    def _asks_too_much(self, drive: Drive) -> bool:
        """Return whether more is driven than the step with its trim asks for."""
        step, trim = self._bounds(drive), self.wire.trim
        for value, most in ((drive.amplitude, step.amplitude * trim[0]), (drive.peak_ua, step.peak_ua * trim[1])):
            if value > most + SLACK:
                return True
            if value > 0.0:
                self._nearest.most(margins.ASKED, min(100.0, 100 * value / most))
        return False

    def _bounds(self, drive: Drive) -> Step:
        running = self.wire.running
        return running[drive.cue.step] if drive.cue.step < len(running) else Step(0.0, 0.0)

    def figures(self) -> Mapping[str, float]:
        """Return the nearest to each limit that was seen, by the names of `chaos.margins`."""
        note = self._nearest
        for name, rise in ((margins.CURRENT_RISE, self._source), (margins.MOTOR_RISE, self._motor)):
            if rise.full_us < float("inf"):
                note.least(name, rise.full_us / 1000)
        note.most(margins.CURRENT_LINE, self._source.excess)
        note.most(margins.MOTOR_LINE, 1000 * self._motor.excess)
        if self.wire.rearmed_us is not None:
            note.least(margins.REARM, self.wire.rearmed_us / 1000)
        return note.figures

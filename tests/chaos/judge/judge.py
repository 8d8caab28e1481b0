"""The judge of a random massage: it knows the table of ceilings and the wire format, and nothing of the firmware.

It holds what electrode and motor received and did against what a host sent and was answered. It looks at every tick and
raises `ViolationError` where a ceiling is passed or the device does something else than it was told. What flows, moves
and touches is judged by the body's truth, so also while a sensor lies; pressure, temperature and battery by what the
sensors say, and pressure by the truth too, wherever a sensor tells of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaos.judge import margins
from chaos.judge.ceilings import CAUTION_RAW, CURRENT_HZ, HOT_RAW, PEAK_UA, SLACK, SOFT_START_S, VIBRATION_HZ
from chaos.judge.commands.claims import Claims, judge_status
from chaos.judge.commands.wire import Wire
from chaos.judge.delivered.dose import Dose
from chaos.judge.delivered.dwell import Dwell
from chaos.judge.delivered.outputs import Outputs
from chaos.judge.delivered.pressure import Pressure
from chaos.judge.delivered.silence import Silence
from chaos.judge.delivered.soft_start import SoftStart
from chaos.judge.delivered.supply import Supply
from chaos.judge.margins import RUN_DOWN_US, STAGE_US, Nearest
from chaos.judge.violation import ViolationError
from glowtool.model.state import Interlock, State
from glowtool.protocol.commands.codec import decode_response
from glowtool.protocol.vocabulary import Setting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chaos.judge.truth import Truth
    from glowsim.physics.types import Delivered, Drive, Sensed
    from glowtool.protocol.commands.codec import Response
    from glowtool.protocol.status import Status


class Judge:
    """Judge of one massage. `dose_us`: what flowed and moved before, until `age_us` ago."""

    def __init__(self, dose_us: tuple[int, int] = (0, 0), age_us: int = 0) -> None:
        self.wire = Wire()
        self.ticks = 0
        self._nearest = note = Nearest()
        self.soft_start, self.outputs = SoftStart(), Outputs(note, dose_us[1])
        self.pressure, self.supply, self.silence = Pressure(note), Supply(note), Silence(note)
        self.dose, self.dwell, self.claims = Dose(note, dose_us, age_us), Dwell(note), Claims()
        self._now_us = self._ticked_us = 0
        self._caution_raw = 0

    def power_cycled(self, now_us: int) -> None:
        """Take note of a loss of power."""
        self.wire.power_cycled(now_us)
        self.pressure.power_cycled()
        self.claims = Claims()
        self._caution_raw = 0

    def answered(self, now_us: int, request: bytes, answer: bytes) -> Response:
        """Judge an answer; return what it says."""
        response = self.wire.answered(now_us, request, answer)
        self.claims.say("an answer", response.head.outputs)
        self._cautioned(now_us, response.head.interlocks)
        return response

    def told(self, status: Status) -> None:
        """Judge a status that was notified or read."""
        judge_status(status, self.wire.state, self.wire.run)
        self.claims.say("a status", status.outputs)
        self._cautioned(self._now_us, status.interlocks)

    def look(
        self, now_us: int, state: State, sensed: Sensed, delivered: Delivered, drive: Drive, *, truth: Truth
    ) -> None:
        """Judge one tick: `delivered` was delivered up to now, `drive` is asked for from now on, `state` is shown."""
        dt_us, self._now_us, self._ticked_us = now_us - self._now_us, now_us, now_us
        self.ticks += 1
        wire = self.wire
        wire.claimed(state)
        wire.pass_time(dt_us)
        wire.tare.look(sensed, delivered, truth)
        run, highest_raw = wire.run, wire.tare.highest_raw(sensed)
        self._caution_raw = highest_raw
        broken = (
            self.claims.judge(self.outputs.asked, drive)
            or self.silence.judge(now_us, wire, delivered, drive)
            or self.dose.judge(dt_us, delivered, drive)
            or self.dwell.judge(dt_us, drive, run)
            or self.soft_start.judge(now_us, delivered, drive, SOFT_START_S if run is None else run.ramp_s)
            or self.outputs.judge(dt_us, delivered, drive)
            or self.outputs.contact(now_us, sensed, delivered, drive)
            or self.pressure.judge(dt_us, highest_raw, truth, drive, run)
            or self.supply.judge(now_us, sensed, delivered, drive)
            or ("" if drive.quiet else self._running(state, sensed, drive))
        )
        if broken:
            raise ViolationError(f"{broken} at {now_us} µs in {state.name}: {drive} {sensed} {delivered}")

    def look_on(self, now_us: int, delivered: Delivered, drive: Drive) -> None:
        """Judge one tick in which the firmware did not run: the output stage shuts by itself."""
        dt_us, self._now_us = now_us - self._now_us, now_us
        self.ticks += 1
        broken = self.soft_start.judge(now_us, delivered, drive, SOFT_START_S)
        broken = broken or self.outputs.judge(dt_us, delivered, drive) or self.dose.judge(dt_us, delivered, drive)
        late_us = now_us - self._ticked_us
        if delivered.peak_ua > 0.0:
            self._nearest.most(margins.STAGE_CURRENT, late_us / 1000)
            broken = broken or ("output stage, current" if late_us > STAGE_US else "")
        if delivered.amplitude > 0.0:
            self._nearest.most(margins.STAGE_MOTOR, late_us / 1000)
            broken = broken or ("output stage, motor" if late_us > STAGE_US + RUN_DOWN_US else "")
        if broken:
            raise ViolationError(f"{broken} at {now_us} µs while the firmware does not run: {drive} {delivered}")

    def _cautioned(self, now_us: int, said: Interlock) -> None:
        """Judge that whatever is said under a pressure that is more than gentle says so."""
        if self._caution_raw > CAUTION_RAW and not said & Interlock.PRESSURE_CAUTION:
            raise ViolationError(f"no caution under {self._caution_raw / 100} kPa in what is said at {now_us} µs")

    def _running(self, state: State, sensed: Sensed, drive: Drive) -> str:
        """Judge what only matters while something is asked of the outputs."""
        wire, run, note = self.wire, self.wire.run, self._nearest
        if state is not State.RUNNING or run is None or wire.latch.on or not (wire.alone or wire.owner.there):
            return "output outside a run"
        note.most(margins.STEP, run.step_us / 1e6)
        note.most(margins.MASSAGE, run.massage_us / 1e6)
        note.most(margins.HEAT, max(sensed.head_temp_raw) / 10)
        if max(sensed.head_temp_raw) >= HOT_RAW:
            return "head temperature"
        if broken := run.differs(drive):
            return broken
        for value, most in zip((drive.amplitude, drive.peak_ua), run.most(), strict=True):
            if value > 0.0 and most > 0.0:
                note.most(margins.ASKED, min(100.0, 100 * value / most))
        return self._limited(drive)

    def _limited(self, drive: Drive) -> str:
        settings = self.wire.settings
        if drive.amplitude * 1000 > settings[Setting.AMPLITUDE_PERMILLE_MAX] + SLACK:
            return "setting, amplitude"
        if drive.peak_ua > min(PEAK_UA, settings[Setting.PEAK_UA_MAX]):
            return "setting, current"
        if drive.peak_ua > 0.0:
            self._nearest.least(margins.CURRENT_LOW, drive.current_hz)
            self._nearest.most(margins.CURRENT_HIGH, drive.current_hz)
            if not CURRENT_HZ[0] <= drive.current_hz <= CURRENT_HZ[1]:
                return "current frequency"
        good = drive.amplitude == 0.0 or VIBRATION_HZ[0] <= drive.vibration_hz <= VIBRATION_HZ[1]
        return "" if good else "vibration frequency"

    def figures(self) -> Mapping[str, float]:
        """Return the nearest to each limit that was seen, by the names of `margins`."""
        note, lines = self._nearest, self.soft_start
        for name, rise in ((margins.CURRENT_RISE, lines.source), (margins.MOTOR_RISE, lines.motor)):
            if rise.full_us < float("inf"):
                note.least(name, rise.full_us / 1000)
        note.most(margins.CURRENT_LINE, lines.source.excess)
        note.most(margins.MOTOR_LINE, 1000 * lines.motor.excess)
        note.most(margins.SHAKING_LINE, 1000 * lines.shaking.excess)
        note.most(margins.RMS_LINE, lines.rms.excess)
        note.most(margins.CHARGE_LINE, lines.charge.excess)
        note.most(margins.TARED, self.wire.tare.most_kpa)
        if self.wire.latch.rearmed_us is not None:
            note.least(margins.REARM, self.wire.latch.rearmed_us / 1000)
        return note.figures


def interlocks(answer: bytes) -> Interlock:
    """Return what an answer says holds outputs back."""
    return decode_response(answer).head.interlocks

"""The whole firmware behind one interface: ticks, control writes, link and button in; drive, answers, reports out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowsim.firmware import offline_massage
from glowsim.firmware.clock import LAST_MS, drift_ppm
from glowsim.firmware.control import ownership
from glowsim.firmware.control.response import respond
from glowsim.firmware.core import OFF, SOME_HOST, Core
from glowsim.firmware.essence import Essences, status_of
from glowsim.firmware.interlocks.rule import Moment
from glowsim.firmware.interlocks.table import Interlocks
from glowsim.firmware.model import GR1
from glowsim.firmware.outage import ResetCause
from glowsim.firmware.outputs.limiter import SOFT_START_S, quantised
from glowsim.firmware.outputs.soft_start import SoftStart
from glowsim.firmware.reporter import Essence, Reporter
from glowsim.firmware.watchdog import silent_too_long
from glowsim.physics.types import TICK_FAST_US, TICK_US, Drive
from glowtool.model.dwell import worked_place
from glowtool.model.ending import MassageEnd
from glowtool.model.state import Capability, Fault, Interlock, State
from glowtool.protocol.commands.states import Event
from glowtool.protocol.status import RATES_HZ, Feature, Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from glowsim.firmware.model import Model
    from glowsim.firmware.retained.memory import Memory
    from glowsim.physics.types import Sensed

HARDWARE_REVISION: Final = "A"

#: How often the memory is written, apart from the leases of the dose, without which there are no outputs.
SAVE_IDLE_US: Final = 600_000_000

_FASTEST_HZ: Final = max(RATES_HZ)


class Firmware:
    """The firmware of the device. Times are the device clock's, in microseconds since power-on, and never go back.

    `on_defect` is told which of our own handlers has failed, and with which error.
    """

    def __init__(
        self,
        memory: Memory,
        serial: str,
        display: Capability = Capability.DISPLAY,
        on_defect: Callable[[str, Exception], None] = lambda _where, _error: None,
        model: Model = GR1,
    ) -> None:
        self.serial = serial
        self.model = model
        self._feature = model.feature(display)
        self._amplitude_most, self._peak_ua_most = model.amplitude_most, model.peak_ua_most
        self._felt = None if model.wiring is None else model.wiring.felt
        self.reset_cause = ResetCause.POWER_ON
        self._memory = memory
        self._on_defect = on_defect
        self.power_on(0)

    def power_on(self, now_us: int, reset_cause: ResetCause = ResetCause.POWER_ON) -> None:
        """Start from the memory alone: outputs zero, state idle, no program, clock unset."""
        self.reset_cause = reset_cause
        self._core = Core.fresh(
            self._memory,
            self.model,
            now_us,
            reset_cause,
            drift_ppm=drift_ppm(self.serial),
            on_defect=self._on_defect,
        )
        self._interlocks = Interlocks()
        self._soft_start = SoftStart(now_us)
        self._reporter = Reporter()
        self._flags = 0
        self._level = self._quantised = OFF
        self._essences = Essences()
        self._ticked_us = now_us
        self._saved_us = now_us
        self._given = OFF
        self._given_at: int | None = None
        self._started = False

    def sleep_through(self, slept_us: int) -> None:
        """Count a time in which only the crystal ran: doses recover by it."""
        if slept_us:
            self._core.retained.dose.pass_time(slept_us, OFF)
            self._core.retained.dwell.pass_time(slept_us, None)
            self._core.save()

    @property
    def feature(self) -> Feature:
        """The content of the feature characteristic."""
        return self._feature

    @property
    def state(self) -> State:
        """The state of the roller."""
        return self._core.state

    @property
    def drive(self) -> Drive:
        """The outputs that the firmware asks for now; a stop command shows here before the next tick."""
        return self._core.drive

    @property
    def tick_us(self) -> int:
        """The period at which `tick` wants to be called now: 5000, or 2500 while telemetry runs at 400 Hz."""
        sampler = self._core.sampler
        return TICK_FAST_US if sampler is not None and sampler.rate_hz == _FASTEST_HZ else TICK_US

    @property
    def battery_percent(self) -> int:
        """Charge of the battery as last sensed."""
        return self._core.readings.battery_percent

    @property
    def forgets_host(self) -> bool:
        """Whether the present host has asked for its bond to be dropped when its connection ends."""
        return self._core.forgets_host

    def identifying(self, now_us: int) -> bool:
        """Return whether the roller buzzes and blinks so that a person finds it."""
        return now_us < self._core.identify_until_us

    def signalling(self, now_us: int) -> bool:
        """Return whether the roller beeps because its host asked for a signal."""
        return now_us < self._core.signal_until_us

    def tick(self, now_us: int, sensed: Sensed) -> Drive:
        """Advance to `now_us` with these readings, and return the outputs until the next tick."""
        core = self._core
        if self._felt is not None:
            sensed = self._felt(sensed)
        dt_us = max(0, now_us - self._ticked_us)
        self._ticked_us = now_us
        core.retained.counters.runtime_us += dt_us
        core.retained.dose.pass_time(dt_us, self._given)
        core.retained.dwell.pass_time(dt_us, self._given_at)
        ran = core.running
        core.sense(sensed)
        core.hold_against_air(now_us)
        core.supervise()
        core.watch.look(now_us, sensed)
        if core.offline is not None:
            offline_massage.pass_time(core, dt_us)
        if core.running:
            self._run_on(now_us, dt_us)
        self._apply(now_us)
        if core.offline is not None:
            if ran:
                # The record also tells what ended the massage in this very tick.
                core.note(self._flags)
            offline_massage.settle(core)
        if core.sampler is not None:
            core.sampler.sample(now_us, sensed, core.cells_raw, core.drive)
        self._pay(now_us)
        return core.drive

    def on_control(self, now_us: int, data: bytes, mtu: int) -> bytes:
        """Answer a write to the control point; whatever the bytes are, PowerLostError is the only error it raises.

        `mtu` is the ATT MTU of the link. Frames that are due go out before the answer: call `take_frames` first.
        """
        return respond(self._core, now_us, data, mtu, self._essence)

    def find_defect(self) -> None:
        """Note that the firmware itself is defective: outputs are zero from now on, as with any broken part."""
        self._core.find_defect()

    def on_link(self, now_us: int, *, up: bool, authenticated: bool, host: str = SOME_HOST) -> None:
        """Note that the link came up, was authenticated as the link of `host`, or went down.

        Without a link outputs stay zero. A host is identified by its bond, whatever its address.
        """
        core, trusted = self._core, up and authenticated
        if core.authenticated and not (trusted and host == core.host):
            self._miss_host(now_us)  # the silence was over before, whichever of tick and radio is heard first
            core.lose_host()
        if trusted:
            core.trust(host, now_us)

    def forget_host(self, host: str) -> None:
        """Learn that a host's bond has gone: its massage ends, its program goes, and it may only stop from now on."""
        ownership.forget(self._core, host)

    def press_button(self, now_us: int, held_s: float) -> None:
        """Take a press of the button for `held_s`: a running or paused program stops, and outputs go to zero.

        If nothing runs, a short press starts the stored program, if there is one and no host has loaded another.
        """
        offline_massage.press(self._core, now_us, held_s)

    def jump_clock(self, now_us: int, by_ms: int) -> None:
        """Let the clock's UTC jump, while device time does not; an unset clock stays unset."""
        clock = self._core.clock
        if clock.known:
            clock.put(now_us, min(LAST_MS, max(1, clock.unix_ms(now_us) + by_ms)))

    def status(self, now_us: int) -> Status:
        """Return the status, as the characteristic reads now."""
        return status_of(self._core, self._essence(), now_us)

    def take_status(self, now_us: int) -> Status | None:
        """Return a status that is due for notification, or None.

        It is due on every change of state, step, interlocks or faults; on a change of outputs, at most five times a
        second; and otherwise once a second.
        """
        return self.status(now_us) if self._reporter.due(now_us, self._essence()) else None

    def take_frames(self) -> list[bytes]:
        """Return the telemetry frames that are due, in order, and drop them."""
        sampler = self._core.sampler
        return sampler.take_frames() if sampler is not None and sampler.frames else []

    def _run_on(self, now_us: int, dt_us: int) -> None:
        """Let time pass for the massage, as long as its host is heard."""
        core = self._core
        if self._miss_host(now_us):
            return
        run = core.run
        if run is not None and run.advance(dt_us):
            if core.offline is not None:
                core.offline.end = MassageEnd.PROGRAM_END
            core.happen(Event.PROGRAM_END)

    def _miss_host(self, now_us: int) -> bool:
        """Pause the massage of a host that has been silent for too long; return whether it was paused."""
        core = self._core
        if not (core.running and core.commanded and silent_too_long(now_us, core.heard_us, core.watchdog_ms)):
            return False
        core.retained.counters.host_silences += 1
        core.happen(Event.WATCHDOG)
        return True

    def _apply(self, now_us: int) -> None:
        core = self._core
        run = core.run if core.running else None
        wanted = OFF if run is None else run.target()
        judgement = self._interlocks.judge(self._moment(now_us, wanted.peak_ua, running=run is not None), wanted)
        ramp_s = SOFT_START_S if run is None else run.ramp_s
        core.level = self._soft_start.raised(now_us, core.level, wanted, judgement.cap, ramp_s)
        self._flags = judgement.flags | (Interlock.SOFT_START.value if self._soft_start.rises else 0)
        if core.level is not self._level:
            self._level, self._quantised = core.level, quantised(core.level)
        core.drive = self._quantised
        if judgement.ends is not None:
            core.happen(judgement.ends)

    def _moment(self, now_us: int, wanted_ua: float, *, running: bool) -> Moment:
        core = self._core
        run, kept = core.run, core.retained
        place = None if run is None else worked_place(run.step)
        return Moment(
            now_us,
            core.readings,
            running,
            0 if run is None else run.step_elapsed_us,
            0 if run is None else run.massage_elapsed_us,
            kept.dose.current_spent,
            kept.dose.vibration_spent,
            run is not None and run.uses_current,
            run is not None and run.uses_vibration,
            min(kept.settings.amplitude_max, self._amplitude_most),
            min(kept.settings.peak_ua_max, self._peak_ua_most),
            wanted_ua,
            place,
            kept.dwell.worked_us(place),
            self._given.peak_ua,
        )

    def _pay(self, now_us: int) -> None:
        """Write the dose that the outputs will use to the flash before they use it; without that, outputs are zero."""
        core = self._core
        dose, dwell = core.retained.dose, core.retained.dwell
        at = None if core.run is None or core.drive.quiet else int(core.run.step.zone)
        leased = dose.due(core.drive) or dwell.due(at)
        if leased:
            dose.take_lease(core.drive)
            dwell.take_lease(at)
        if leased or not self._started or now_us - self._saved_us >= SAVE_IDLE_US:
            self._saved_us, self._started = now_us, True
            core.save()
            if Fault.FLASH in core.faults:
                dose.lose_lease()
                dwell.lose_lease()
                core.silence()
                at = None
        self._given, self._given_at = core.drive, at

    def _essence(self) -> Essence:
        return self._essences.of(self._core, self._flags)

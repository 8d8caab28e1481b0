"""The firmware's state, and how it changes without a command."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from glowsim.firmware.clock import Clock
from glowsim.firmware.flash.records import FlashBrokenError, FlashFullError
from glowsim.firmware.model import GR1, Model
from glowsim.firmware.outage import ResetCause
from glowsim.firmware.retained.memory import Memory, Retained, restored
from glowsim.firmware.sensors.readings import NO_TARE, TEMPERATURE_RANGE, Readings, Tare, read, tared
from glowsim.firmware.sensors.self_test import Watch
from glowsim.firmware.sensors.tare import InTheAir
from glowsim.physics.types import IMPEDANCE_OPEN, Drive, Sensed
from glowtool.model.state import Fault, Interlock, State
from glowtool.protocol.commands.states import Event, after_event

if TYPE_CHECKING:
    from collections.abc import Callable

    from glowsim.firmware.program.executor import Executor, Program
    from glowsim.firmware.program.offline_record import OfflineMassage
    from glowsim.firmware.program.upload import Upload
    from glowsim.firmware.sensors.sampler import Sampler

OFF: Final = Drive()
NOTHING_HELD: Final = Interlock(0)
_NO_FAULT: Final = Fault(0)

#: Events whose interlock stands until a host resumes, stops or starts again.
_HELD_BY: Final = {Event.WATCHDOG: Interlock.WATCHDOG, Event.LINK_LOSS: Interlock.LINK_LOSS}

#: Interlocks that end or pause a massage but do not stand afterwards.
_TOLD_BY: Final = {Event.CHARGER_ON: Interlock.CHARGING, Event.BATTERY_EMPTY: Interlock.BATTERY_EMPTY}

#: The name of the host on a bench that has only one.
SOME_HOST: Final = ""

_WITH_RUN: Final = frozenset({State.RUNNING, State.PAUSED})
_DROPS_PROGRAM: Final = frozenset({State.IDLE, State.LATCHED, State.LOCKED, State.FAULT})

#: The readings before the first tick: nothing touches, and the battery, being unknown, counts as empty.
_UNKNOWN: Final = Sensed(NO_TARE, (0, 0), IMPEDANCE_OPEN, (0, 0), 0, charging=False)


@dataclass(slots=True)
class Core:
    """The firmware's state while the power is on."""

    memory: Memory
    retained: Retained
    on_defect: Callable[[str, Exception], None]
    model: Model = GR1
    clock: Clock = field(default_factory=Clock)
    state: State = State.IDLE
    program: Program | None = None
    run: Executor | None = None
    upload: Upload | None = None
    sampler: Sampler | None = None
    #: Frames of the latest stream that has ended since power-on.
    stream_frames: int = 0
    #: Whether the bond of the present host is dropped when its link ends.
    forgets_host: bool = False
    authenticated: bool = False
    #: Whether the bond of the present host is gone already, so that it may only stop what moves.
    bond_gone: bool = False
    #: The host that is, or was, trusted last; whose the massage is, and whose the program: None is nobody.
    host: str = SOME_HOST
    owner: str | None = None
    program_of: str | None = None
    heard_us: int = 0
    latched_us: int = 0
    identify_until_us: int = 0
    signal_until_us: int = 0
    faults: Fault = _NO_FAULT
    #: The massage that the button started.
    offline: OfflineMassage | None = None
    reset_cause: ResetCause = ResetCause.POWER_ON
    watch: Watch = field(default_factory=Watch)
    air: InTheAir = field(default_factory=InTheAir)
    #: Whether, since power-on, the stored tare was found not to fit these cells.
    tare_discarded: bool = False
    held: Interlock = NOTHING_HELD
    level: Drive = OFF
    drive: Drive = OFF
    sensed: Sensed = field(default_factory=lambda: _UNKNOWN)
    cells_raw: Tare = NO_TARE
    readings: Readings = field(default_factory=lambda: read(_UNKNOWN, NO_TARE))

    @classmethod
    def fresh(
        cls,
        memory: Memory,
        model: Model,
        now_us: int,
        cause: ResetCause,
        *,
        drift_ppm: int,
        on_defect: Callable[[str, Exception], None],
    ) -> Core:
        """Return the state after power-on: only what the memory keeps, including an emergency stop."""
        memory.mount()
        clock = Clock(drift_ppm)
        core = cls(memory, restored(memory.load()), on_defect, model, clock, heard_us=now_us, reset_cause=cause)
        if core.retained.latched:
            core.enter(State.LATCHED, Interlock.EMERGENCY)
            core.latched_us = now_us
        core.retained.counters.started(cause)
        return core

    @property
    def running(self) -> bool:
        """Whether a program runs; only then may outputs be other than zero."""
        return self.state is State.RUNNING and self.run is not None

    @property
    def commanded(self) -> bool:
        """Whether a host answers for the massage: it started it, or took over one that the button started."""
        return self.owner is not None

    @property
    def watchdog_ms(self) -> int:
        """How long a host may be silent, in ms."""
        return self.retained.settings.watchdog_ms

    def save(self) -> None:
        """Write everything that survives a loss of power to the memory; a failed write is a fault."""
        try:
            self.memory.save(self.retained.kept())
        except (FlashFullError, FlashBrokenError):
            self.find(Fault.FLASH)

    def find(self, fault: Fault) -> None:
        """Note that a part is broken; only the first time counts."""
        if fault not in self.faults:
            self.faults |= fault
            self.retained.counters.faults += 1

    def find_defect(self, where: str = "", error: Exception | None = None) -> None:
        """Note that the firmware itself is defective: outputs are zero from now on, as with any broken part.

        `on_defect` gets the error that one of our handlers raised.
        """
        if error is not None:
            self.on_defect(where, error)
        self.silence()
        self.find(Fault.FIRMWARE)
        self.happen(Event.FAULT_FOUND)

    def sense(self, sensed: Sensed) -> None:
        """Take one tick's counts."""
        self.sensed = sensed
        self.cells_raw = tared(sensed.cells_raw, self.retained.tare)
        self.readings = read(sensed, self.cells_raw)
        low, high = TEMPERATURE_RANGE
        left, right = sensed.head_temp_raw
        if not (low < left < high and low < right < high):
            self.find(Fault.TEMPERATURE_SENSOR)

    def hold_against_air(self, now_us: int) -> None:
        """Drop a tare that the cells contradict in the air: without it they read more, never less."""
        self.air.look(now_us, self.sensed)
        if self.air.contradicts(now_us, self.sensed, self.retained.tare):
            self.retained.tare, self.tare_discarded = NO_TARE, True
            self.retained.counters.tares_discarded += 1
            self.save()

    def silence(self) -> None:
        """Set outputs to zero now; they can only rise again softly."""
        self.level = self.drive = OFF

    def note(self, interlocks: int) -> None:
        """Note in the record of a massage that these interlocks held outputs back."""
        if self.offline is not None:
            self.offline.note(interlocks)

    def happen(self, event: Event) -> None:
        """Change the state for an event without a command, as the protocol's table says."""
        target = after_event(self.state, event)
        if target is not self.state:
            self.note(_TOLD_BY.get(event, NOTHING_HELD))
        self.enter(target, _HELD_BY.get(event, NOTHING_HELD))

    def enter(self, state: State, held: Interlock = NOTHING_HELD) -> None:
        """Go to `state` with all that it implies: whether outputs are zero, and whether run and program remain."""
        if state is self.state:
            return
        self.silence()
        self.note(held)
        self.held = held
        if state not in _WITH_RUN:
            self.run = self.owner = None
        if state in _DROPS_PROGRAM:
            self.program = self.upload = self.program_of = None
        self.state = state

    def end_stream(self) -> int:
        """End telemetry and return the number of frames in the stream; 0 when there was no stream."""
        sampler, self.sampler = self.sampler, None
        if sampler is None:
            return 0
        self.stream_frames = sampler.frames_sent
        return sampler.frames_sent

    def trust(self, host: str, now_us: int) -> None:
        """Note that the link belongs to a host with a valid bond."""
        if not self.authenticated:
            self.heard_us = now_us
        self.authenticated, self.host = True, host
        self.bond_gone = False

    def lose_host(self) -> None:
        """Forget what belonged to a host: its upload and its telemetry; pause what it ran."""
        self.authenticated = self.bond_gone = False
        self.upload = None
        self.forgets_host = False
        self.end_stream()
        if self.commanded:
            self.retained.counters.link_losses += self.running
            self.happen(Event.LINK_LOSS)

    def outranking(self) -> Event | None:
        """Return what forbids every program now: a broken part, or else the charger; None when nothing does."""
        if self.faults is not _NO_FAULT:
            return Event.FAULT_FOUND
        return Event.CHARGER_ON if self.readings.charging else None

    def supervise(self) -> None:
        """Apply faults and charger, which outrank every program but not an emergency stop."""
        if self.faults is not _NO_FAULT:
            self.happen(Event.FAULT_FOUND)
        # The table is asked only while charger and state disagree: off its charger, only the roller's lock ends.
        if self.readings.charging is not (self.state is State.LOCKED):
            self.happen(Event.CHARGER_ON if self.readings.charging else Event.CHARGER_OFF)

"""Body and firmware in time: every tick happens in order, even after the process was held up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from glowsim.firmware.core import SOME_HOST
from glowsim.firmware.flash.chip import PowerLostError
from glowsim.firmware.outage import BOOT_US, Outage, ResetCause
from glowsim.physics.types import Drive
from glowtool.model.state import State

if TYPE_CHECKING:
    from collections.abc import Callable

    from glowsim.evidence.record import DeliveredRecorder
    from glowsim.faults.faulty_body import FaultyBody
    from glowsim.firmware.firmware import Firmware
    from glowsim.peripheral.mind import Facts
    from glowsim.physics.body import Body
    from glowtool.protocol.status import Feature, Status

#: The most ticks to catch up in one go: 100 ms of device time, then the radio gets its turn.
BURST: Final = 20

#: The motor comes to rest within this many ticks after power-off.
_COASTING_TICKS: Final = 400


def _nobody(_told: object) -> None:
    pass


@dataclass(frozen=True, slots=True)
class MachineWires:
    """The callbacks of a machine; the defaults do nothing.

    `send_frames` gets telemetry frames, in order, as soon as they are due. `on_outage` gets an outage when the firmware
    stops running, and None when it runs again.
    """

    send_frames: Callable[[list[bytes]], None] = _nobody
    on_outage: Callable[[Outage | None], None] = _nobody


class Machine:
    """One power cycle of a roller without its radio. `clock` returns seconds; device time starts now, at zero."""

    def __init__(
        self,
        firmware: Firmware,
        body: Body | FaultyBody,
        recorder: DeliveredRecorder,
        facts: Facts,
        clock: Callable[[], float],
        *,
        wires: MachineWires = MachineWires(),
    ) -> None:
        self._firmware = firmware
        self._body = body
        self._recorder = recorder
        self._facts = facts
        self._clock = clock
        self._wires = wires
        # The first tick happens before the radio comes up, so that every report rests on readings.
        self._due_us = firmware.tick_us
        self._seen_us = 0
        self._started_s = clock() - self._due_us / 1e6
        recorder.synchronise(self._due_us)
        self._drive = Drive()
        self._outage: Outage | None = None
        self._outage_us = 0
        firmware.power_on(0)
        self._tick()

    @property
    def facts(self) -> Facts:
        """The identity of the device."""
        return self._facts

    @property
    def feature(self) -> Feature:
        """The content of the feature characteristic."""
        return self._firmware.feature

    @property
    def battery_percent(self) -> int:
        """The charge of the battery, 0 to 100."""
        return self._firmware.battery_percent

    @property
    def quiet(self) -> bool:
        """Whether nothing is driven."""
        return self._drive.quiet

    @property
    def at_rest(self) -> bool:
        """Whether no massage runs or is paused; a massage that has no output at the moment still counts."""
        return self._firmware.state not in {State.RUNNING, State.PAUSED}

    @property
    def now_us(self) -> int:
        """The device clock. While the machine catches up, this is the time of the next tick, behind real time."""
        return min(self._passed_us(self._clock()), self._due_us)

    @property
    def due_at_s(self) -> float:
        """When the next tick is due, by the clock that the machine was given."""
        return self._started_s + self._due_us / 1e6

    def catch_up(self) -> bool:
        """Do the ticks that are due, at most one burst of them; return whether none is left."""
        now_s = self._clock()
        for _ in range(BURST):
            self._seen_us = self._passed_us(now_s)
            if self._seen_us < self._due_us:
                return True
            self._tick()
        self._seen_us = self._passed_us(now_s)
        return self._seen_us < self._due_us

    def _passed_us(self, now_s: float) -> int:
        # Whole microseconds: otherwise the loop would wait repeatedly for a remainder in a float's last bit.
        return round((now_s - self._started_s) * 1e6)

    def _tick(self) -> None:
        time_us = self._due_us
        sensed, delivered = self._body.update(time_us, self._drive)
        self._recorder.record(time_us, self._drive, delivered)
        self._due_us = time_us + self._firmware.tick_us
        if self._outage is not None:
            self._be_out(self._outage)
            return
        try:
            self._drive = self._firmware.tick(time_us, sensed)
        except PowerLostError:
            self._brown_out()
            return
        self._give_frames()

    def go_out(self, outage: Outage) -> None:
        """Stop the firmware at once for the time of an outage; a later outage replaces it."""
        self._outage, self._outage_us = outage, self._due_us
        self._quieten(outage)
        self._wires.on_outage(outage)

    def come_back(self) -> None:
        """Restore power during an outage: the roller boots now. Without an outage, nothing happens."""
        if self._outage is not None:
            self._outage, self._outage_us = replace(self._outage, off_us=BOOT_US), self._due_us

    def jump_clock(self, by_ms: int) -> None:
        """Let the device's UTC jump; device time does not."""
        self._firmware.jump_clock(self.now_us, by_ms)

    @property
    def identifying(self) -> bool:
        """Whether the roller buzzes and blinks so that a person finds it."""
        return not self.out and self._firmware.identifying(self.now_us)

    @property
    def signalling(self) -> bool:
        """Whether the roller beeps because its host asked for a signal."""
        return not self.out and self._firmware.signalling(self.now_us)

    @property
    def out(self) -> bool:
        """Whether there is an outage: the firmware does not run."""
        return self._outage is not None

    def _brown_out(self) -> None:
        """Begin an outage because the power failed during a write to the flash."""
        self.go_out(Outage(ResetCause.BROWN_OUT))

    def _be_out(self, outage: Outage) -> None:
        self._quieten(outage)
        if outage.off_us is not None and self._due_us - self._outage_us >= outage.off_us:
            self._boot(outage.cause)

    def _quieten(self, outage: Outage) -> None:
        if self._due_us - self._outage_us >= outage.outputs_us:
            self._drive = Drive()

    def _boot(self, cause: ResetCause) -> None:
        # Device time counts from zero again; the body goes on.
        after_us = self._due_us - self._firmware.tick_us
        self._outage = None
        self._body.power_cycle()
        self._started_s += after_us / 1e6
        self._drive = Drive()
        self._recorder.begin_cycle(after_us)
        self._due_us = self._firmware.tick_us
        try:
            self._firmware.power_on(0, cause)
        except PowerLostError:
            self._brown_out()
            return
        self._wires.on_outage(None)

    def stop(self) -> None:
        """End the power cycle: outputs go to zero, and the record says so."""
        self._drive = Drive()
        for _ in range(_COASTING_TICKS):
            self._due_us += self._firmware.tick_us
            _sensed, delivered = self._body.update(self._due_us, self._drive)
            self._recorder.record(self._due_us, self._drive, delivered)
            if delivered.quiet:
                return

    def status(self) -> Status:
        """Return the status as it is now."""
        return self._firmware.status(self.now_us)

    def take_status(self) -> Status | None:
        """Return a status that was due for notification at the time of the last `catch_up`, or None."""
        return self._firmware.take_status(min(self._seen_us, self._due_us))

    def on_control(self, data: bytes, mtu: int) -> bytes:
        """Return the answer to a write to the control point; frames that are due are sent before it.

        It is empty while the firmware does not run: then there is no answer.
        """
        if self._outage is not None:
            return b""
        self._give_frames()
        try:
            return self._firmware.on_control(self.now_us, data, mtu)
        except PowerLostError:
            self._brown_out()
            return b""

    def on_link(self, *, up: bool, authenticated: bool, host: str = SOME_HOST) -> None:
        """Tell the firmware that the link came up, was authenticated as the link of `host`, or went down."""
        self._firmware.on_link(self.now_us, up=up, authenticated=authenticated, host=host)

    def forget_host(self, host: str) -> None:
        """Tell the firmware that the bond of a host is gone."""
        if self._outage is not None:
            return
        try:
            self._firmware.forget_host(host)
        except PowerLostError:
            self._brown_out()

    @property
    def forgets_host(self) -> bool:
        """Whether the bond of the present host is dropped with its connection; not if the power fails first."""
        return self._outage is None and self._firmware.forgets_host

    def find_defect(self) -> None:
        """Tell the firmware that a handler has failed."""
        if self._outage is None:
            self._firmware.find_defect()

    def press_button(self, held_s: float) -> None:
        """Tell the firmware that the button was pressed."""
        try:
            self._firmware.press_button(self.now_us, held_s)
        except PowerLostError:
            self._brown_out()

    def _give_frames(self) -> None:
        frames = self._firmware.take_frames()
        if frames:
            self._wires.send_frames(frames)

"""Body and firmware in time: every tick happens, in order, also after the process was held up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowsim.physics.types import Drive

if TYPE_CHECKING:
    from collections.abc import Callable

    from glowsim.firmware.mind import Firmware
    from glowsim.peripheral.mind import Facts
    from glowsim.physics.body import Body
    from glowsim.record import DeliveredRecorder
    from glowtool.protocol.status import Feature, Status

#: Ticks that are caught up in one go: 100 ms of device time, before the radio gets its turn again.
BURST: Final = 20

#: After power-off the motor comes to rest within this many ticks.
_COASTING_TICKS: Final = 400


class Machine:
    """One power cycle of a roller without its radio. `clock` returns seconds; device time starts now, at zero.

    `send_frames` is where telemetry frames go, in order, as soon as they are due.
    """

    def __init__(
        self, firmware: Firmware, body: Body, recorder: DeliveredRecorder, facts: Facts, clock: Callable[[], float]
    ) -> None:
        self._firmware = firmware
        self._body = body
        self._recorder = recorder
        self._facts = facts
        self._clock = clock
        # The first tick has happened when the radio comes up, so that nothing is said before it is sensed.
        self._due_us = firmware.tick_us
        self._started_s = clock() - self._due_us / 1e6
        self._drive = Drive()
        self.send_frames: Callable[[list[bytes]], None] = lambda _frames: None
        firmware.power_on(0)
        self._tick()

    @property
    def facts(self) -> Facts:
        """Identity of the device."""
        return self._facts

    @property
    def feature(self) -> Feature:
        """What the feature characteristic carries."""
        return self._firmware.feature

    @property
    def battery_percent(self) -> int:
        """Charge of the battery, 0 to 100."""
        return self._firmware.battery_percent

    @property
    def quiet(self) -> bool:
        """Whether nothing is driven."""
        return self._drive.quiet

    @property
    def now_us(self) -> int:
        """The device clock. While the machine catches up it is that of the next tick, not yet the real one."""
        return min(int((self._clock() - self._started_s) * 1e6), self._due_us)

    @property
    def due_in_s(self) -> float:
        """Seconds until the next tick is due; negative when it is overdue."""
        return self._due_us / 1e6 - (self._clock() - self._started_s)

    def catch_up(self) -> bool:
        """Do the ticks that are due, at most a burst of them; returns whether none is left."""
        for _ in range(BURST):
            if self.due_in_s > 0:
                return True
            self._tick()
        return self.due_in_s > 0

    def _tick(self) -> None:
        time_us = self._due_us
        sensed, delivered = self._body.update(time_us, self._drive)
        self._recorder.record(time_us, self._drive, delivered)
        self._drive = self._firmware.tick(time_us, sensed)
        self._due_us = time_us + self._firmware.tick_us
        self._give_frames()

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
        """Return a status that should be notified now, or None."""
        return self._firmware.take_status(self.now_us)

    def on_control(self, data: bytes, mtu: int) -> bytes:
        """Return the answer to a write to the control point, after the frames that are due before it."""
        self._give_frames()
        return self._firmware.on_control(self.now_us, data, mtu)

    def on_link(self, *, up: bool, authenticated: bool) -> None:
        """Pass on that the link came up, became authenticated, or went down."""
        self._firmware.on_link(self.now_us, up=up, authenticated=authenticated)

    def press_button(self, held_s: float) -> None:
        """Pass on that the button was pressed."""
        self._firmware.press_button(self.now_us, held_s)

    def _give_frames(self) -> None:
        frames = self._firmware.take_frames()
        if frames:
            self.send_frames(frames)

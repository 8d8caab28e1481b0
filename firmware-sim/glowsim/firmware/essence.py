"""The firmware's report of its state: the essence at every check, the whole status on request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowsim.firmware.core import OFF
from glowsim.firmware.reporter import NO_ESSENCE, Essence
from glowtool.model.state import Interlock
from glowtool.protocol.status import WIRE_NO_STEP, Status

if TYPE_CHECKING:
    from glowsim.firmware.core import Core
    from glowsim.physics.types import Drive

#: Interlocks that are reported only while they hold outputs back. They go with the outputs at once: a command that ends
#: outputs is answered before the next tick.
_OF_OUTPUTS: Final = (Interlock.SOFT_START | Interlock.NO_CONTACT | Interlock.CURRENT_DENSITY).value


class Essences:
    """Makes the essence of a core; it stays the same object as long as nothing in it changes."""

    def __init__(self) -> None:
        self._told: tuple[Drive, tuple[int, int, int, int]] = OFF, (0, 0, 0, 0)
        self._was = NO_ESSENCE

    def of(self, core: Core, flags: int) -> Essence:
        """Return the essence of a core while these interlocks hold its outputs back."""
        drive = core.drive
        if drive is not self._told[0]:
            # In most ticks the outputs are those of the tick before.
            self._told = drive, _outputs(drive)
        flags = flags if core.running else flags & ~_OF_OUTPUTS
        what = (
            core.state,
            WIRE_NO_STEP if core.run is None else core.run.index,
            0 if core.program is None else len(core.program),
            flags | core.held.value,
            core.faults,
        )
        if what != self._was.what or self._told[1] is not self._was.outputs:
            self._was = Essence(what, self._told[1])
        return self._was


def status_of(core: Core, essence: Essence, now_us: int) -> Status:
    """Return the status of a core, as the characteristic reads now."""
    run = core.run
    return Status(
        core.state,
        essence.what[1],
        essence.what[2],
        core.readings.battery_percent,
        Interlock(essence.what[3]),
        core.faults,
        *essence.outputs,
        step_elapsed_ms=0 if run is None else run.step_elapsed_us // 1000,
        massage_elapsed_ms=0 if run is None else run.massage_elapsed_us // 1000,
        vibration_percent=100 if run is None else round(run.trim.vibration * 100),
        current_percent=100 if run is None else round(run.trim.current * 100),
        device_time_us=now_us,
        unix_ms=core.clock.unix_ms(now_us),
    )


def _outputs(drive: Drive) -> tuple[int, int, int, int]:
    return (
        round(drive.amplitude * 1000),
        round(drive.vibration_hz * 10),
        int(drive.peak_ua),
        round(drive.current_hz * 10),
    )

"""The gate at the seam: no driver, of whatever maker, is given an order that the gate has not let pass."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from glowtool.errors import CommandRefusedError, InputError, SafetyError
from glowtool.model.program import NO_STEP

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator, Callable

    from glowtool.device.archive import Archive
    from glowtool.device.attempts import Attempt
    from glowtool.device.driver import Driver, OpenDriver, Readings
    from glowtool.device.identity import Identity
    from glowtool.model.answer import Answer, Heard
    from glowtool.model.channel import Channel
    from glowtool.model.program import Program
    from glowtool.model.state import DeviceLimits
    from glowtool.model.status import Status
    from glowtool.safety.gate import Gate

#: After these an order has certainly not been carried out: it was refused, or never sent.
_NOT_DONE: Final = (CommandRefusedError, InputError, SafetyError)


def gated(open_driver: OpenDriver, gate: Gate) -> OpenDriver:
    """Return the opener of the same device, whose orders pass `gate` first; a gate at its wire is another one."""

    @asynccontextmanager
    async def opened(host_clock_us: Callable[[], int], tell: Callable[[Attempt], None]) -> AsyncIterator[Driver]:
        async with open_driver(host_clock_us, tell) as driver:
            yield GatedDriver(driver, gate)

    return opened


class GatedDriver:
    """A driver behind a gate: what starts an output or raises one is judged before the driver hears of it.

    Each method stands here by name, so that an order that is new at the seam passes only when somebody has decided how.
    """

    def __init__(self, driver: Driver, gate: Gate) -> None:
        self._driver = driver
        self._gate = gate
        gate.learn(driver.limits)

    @property
    def _step(self) -> int | None:
        """The step in progress, None if it is not known."""
        step = self._driver.status.step
        return None if step == NO_STEP else step

    # What the gate judges.

    def admit(self, program: Program) -> None:
        """Return when gate and device give all that a program asks for; else raise `SafetyError`."""
        self._gate.admit(program)
        # The driver, too: it may lack what its limits do not tell, and no log is begun before both have said yes.
        self._driver.admit(program)

    async def upload(self, program: Program) -> None:
        """Prepare a program that the gate admits; until the device has it whole, nothing is started."""
        # Anew at each upload: after a loss it is another program, and the device may have stated other limits.
        with self._gate.handing_over(program):
            await self._driver.upload(program)

    async def start(self) -> Answer:
        """Start the program that the gate has judged."""
        self._gate.start()
        return await self._driver.start()

    async def resume(self) -> Answer:
        """Go on with the program that the gate has judged."""
        self._gate.resume()
        return await self._driver.resume()

    async def extend(self, extra_ms: int) -> Answer:
        """Lengthen the running step by what the ceilings leave."""
        known = self._step
        self._gate.extend(extra_ms, known)
        try:
            return await self._driver.extend(extra_ms)
        except _NOT_DONE:
            self._gate.take_back(extra_ms, known)
            raise

    async def trim(self, vibration_percent: int, current_percent: int) -> Answer:
        """Scale both outputs down to a share of the program's."""
        self._gate.trim(vibration_percent, current_percent)
        return await self._driver.trim(vibration_percent, current_percent)

    async def connect(self) -> None:
        """Connect again after a loss, and have the gate learn what the device says then."""
        self._gate.forget()
        await self._driver.connect()
        self._gate.learn(self._driver.limits)

    # What never raises an output, and is passed on as it is: a stop above all.

    def post_stop(self) -> asyncio.Task[Answer]:
        """Write a stop at once."""
        return self._driver.post_stop()

    async def stop(self) -> Answer:
        """Make outputs zero and end the program."""
        return await self._driver.stop()

    async def emergency_stop(self) -> Answer:
        """Make outputs zero and latch."""
        return await self._driver.emergency_stop()

    async def pause(self) -> Answer:
        """Make outputs zero and keep the place."""
        return await self._driver.pause()

    async def skip(self) -> Answer:
        """Go to the next step of the program, which was judged as a whole; the gate notes what was left out."""
        self._gate.cut(self._step)
        return await self._driver.skip()

    async def keep_alive(self) -> None:
        """Show that the host is alive, until cancelled."""
        await self._driver.keep_alive()

    async def signal(self) -> None:
        """Have the device beep once."""
        await self._driver.signal()

    async def close(self) -> None:
        """Make outputs zero and disconnect."""
        await self._driver.close()

    async def drop(self) -> None:
        """Close the connection without a word."""
        await self._driver.drop()

    async def set_time(self, unix_ms: int) -> None:
        """Set the device's clock."""
        await self._driver.set_time(unix_ms)

    async def tare(self) -> None:
        """Take what the unloaded pressure cells read as their zero."""
        await self._driver.tare()

    # What the device says.

    @property
    def limits(self) -> DeviceLimits:
        """What the device can do, and the ceilings that it states."""
        return self._driver.limits

    @property
    def identity(self) -> Identity:
        """Who the device is."""
        return self._driver.identity

    @property
    def channels(self) -> tuple[Channel, ...]:
        """What it measures."""
        return self._driver.channels

    @property
    def rates_hz(self) -> tuple[int, ...]:
        """The rates in Hz at which it can measure."""
        return self._driver.rates_hz

    @property
    def battery_percent(self) -> int:
        """The charge of its battery when it was connected."""
        return self._driver.battery_percent

    @property
    def found(self) -> Status:
        """What it was doing before it was connected."""
        return self._driver.found

    @property
    def protocol(self) -> str:
        """The version of its protocol."""
        return self._driver.protocol

    @property
    def status(self) -> Status:
        """The latest status."""
        return self._driver.status

    @property
    def lost_because(self) -> str | None:
        """Why the connection was lost, if it was and if the stack knows."""
        return self._driver.lost_because

    @property
    def archive(self) -> Archive | None:
        """What the device keeps by itself; None for one that keeps nothing."""
        return self._driver.archive

    def status_changes(self) -> AsyncIterator[Status]:
        """Yield statuses, the latest first."""
        return self._driver.status_changes()

    def answers(self) -> AsyncIterator[Heard]:
        """Yield answers to commands, the latest first."""
        return self._driver.answers()

    def readings(self, rate_hz: int | None = None) -> Readings:
        """Return the readings of a massage, not yet started; None: at the driver's own rate."""
        return self._driver.readings() if rate_hz is None else self._driver.readings(rate_hz)

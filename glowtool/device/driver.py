"""The seam between a massage and its device: what a session asks of a driver, whatever the device.

A driver answers for its device: `post_stop` waits for nothing, and each method raises `ConnectionLostError` as soon as
the connection ends. A session is given a driver behind a gate (`glowtool.device.gated_driver`), whatever its own does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from glowtool.device.archive import Archive
    from glowtool.device.attempts import Attempt
    from glowtool.device.identity import Identity
    from glowtool.model.answer import Answer, Heard
    from glowtool.model.channel import Channel
    from glowtool.model.program import Program
    from glowtool.model.state import DeviceLimits
    from glowtool.model.status import Status
    from glowtool.stream.arrivals import Arrival, Books


class Readings(Protocol):
    """The readings of one massage: started on each of its connections, read as arrivals, with books of them all."""

    rate_hz: int
    channels: tuple[Channel, ...]
    unsure: bool

    async def start(self) -> None:
        """Start them on the connection that there is now."""
        ...

    def arrivals(self) -> AsyncIterator[tuple[Arrival, ...]]:
        """Yield what came together, in order, until the stream is stopped or lost."""
        ...

    async def stop(self) -> int:
        """Stop them and return how many frames the device says it sent."""
        ...

    def settle(self, frames_sent: int | None) -> None:
        """Close the account of the ended stream, with its number of frames; None when that is unknown."""
        ...

    @property
    def books(self) -> Books:
        """The books so far, of all connections."""
        ...


class Driver(Protocol):
    """A connected device."""

    @property
    def limits(self) -> DeviceLimits:
        """What the device can do, and the ceilings that it states, as of this connection."""
        ...

    @property
    def identity(self) -> Identity:
        """Who made the device, and which one it is."""
        ...

    @property
    def channels(self) -> tuple[Channel, ...]:
        """What it measures."""
        ...

    @property
    def rates_hz(self) -> tuple[int, ...]:
        """The rates in Hz at which it can measure; its readings are at one of them."""
        ...

    @property
    def battery_percent(self) -> int:
        """The charge of its battery when it was connected."""
        ...

    @property
    def found(self) -> Status:
        """What it was doing before it was connected."""
        ...

    @property
    def protocol(self) -> str:
        """The version of its protocol that the device speaks."""
        ...

    @property
    def status(self) -> Status:
        """The latest status."""
        ...

    @property
    def lost_because(self) -> str | None:
        """Why the connection was lost, if it was and if the stack knows."""
        ...

    @property
    def archive(self) -> Archive | None:
        """What the device keeps by itself; None for one that keeps nothing."""
        ...

    def admit(self, program: Program) -> None:
        """Return if the device has every output that a program asks for; else raise `SafetyError`. Nothing is sent."""
        ...

    async def connect(self) -> None:
        """Connect again after a loss; outputs are made zero first, and `found` is what it was doing."""
        ...

    async def close(self) -> None:
        """Make outputs zero and disconnect; a second time does nothing."""
        ...

    async def drop(self) -> None:
        """Close the connection without a STOP, like a loss."""
        ...

    def status_changes(self) -> AsyncIterator[Status]:
        """Yield statuses, the latest first."""
        ...

    def answers(self) -> AsyncIterator[Heard]:
        """Yield answers to commands, the latest first."""
        ...

    def readings(self, rate_hz: int = ...) -> Readings:
        """Return the readings of a massage, not yet started."""
        ...

    async def set_time(self, unix_ms: int) -> None:
        """Set the device's clock."""
        ...

    async def upload(self, program: Program) -> None:
        """Prepare a program for `start`; whoever gets an error must upload one again before starting.

        After an error the device may hold this program, the one before or none. The gate before a driver lets nothing
        start until an upload has succeeded; a program that it refuses itself never reaches the driver.
        """
        ...

    async def start(self) -> Answer:
        """Start the program at its first step."""
        ...

    async def pause(self) -> Answer:
        """Make outputs zero and keep the place."""
        ...

    async def resume(self) -> Answer:
        """Go on from where the program paused, with a soft start."""
        ...

    async def skip(self) -> Answer:
        """Go to the next step."""
        ...

    async def extend(self, extra_ms: int) -> Answer:
        """Lengthen the running step."""
        ...

    async def trim(self, vibration_percent: int, current_percent: int) -> Answer:
        """Scale both outputs down to a share of the program's."""
        ...

    async def keep_alive(self) -> None:
        """Show that the host is alive, until cancelled."""
        ...

    async def signal(self) -> None:
        """Have the device beep or blink once, without any output, so that the person looks up.

        A device that cannot raises `CommandLackingError`.
        """
        ...

    async def tare(self) -> None:
        """Take what the unloaded pressure cells read as their zero."""
        ...

    def post_stop(self) -> asyncio.Task[Answer]:
        """Write a stop at once, from any callback; await the task for the answer."""
        ...

    async def stop(self) -> Answer:
        """Make outputs zero and end the program, ahead of everything that waits."""
        ...

    async def emergency_stop(self) -> Answer:
        """Make outputs zero and latch."""
        ...


class OpenDriver(Protocol):
    """Opens the driver of one device: what a session is given in place of a device."""

    def __call__(
        self, host_clock_us: Callable[[], int], tell: Callable[[Attempt], None], /
    ) -> AbstractAsyncContextManager[Driver]:
        """Return the context of a connected device; `tell` hears of every attempt to connect."""
        ...

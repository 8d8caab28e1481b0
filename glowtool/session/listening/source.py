"""The device of a free recording: what may be asked of it, among which there is nothing that gives an output."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from contextlib import AbstractAsyncContextManager

    from glowtool.device.archive import Archive
    from glowtool.device.attempts import Attempt
    from glowtool.device.driver import Readings
    from glowtool.device.identity import Identity
    from glowtool.model.answer import Answer
    from glowtool.model.ceilings import CeilingId
    from glowtool.model.channel import Channel
    from glowtool.model.status import Status


class StatedLimits(Protocol):
    """The limits of a device, of which only the ceilings matter here."""

    @property
    def ceilings(self) -> Mapping[CeilingId, float]:
        """The ceilings that it states."""
        ...


class Source(Protocol):
    """A connected device that is only listened to: every driver is one, without its program, start and steering."""

    @property
    def identity(self) -> Identity:
        """Who made the device, and which one it is."""
        ...

    @property
    def channels(self) -> tuple[Channel, ...]:
        """What it measures."""
        ...

    @property
    def limits(self) -> StatedLimits:
        """The ceilings that it states."""
        ...

    @property
    def battery_percent(self) -> int:
        """The charge of its battery when it was connected."""
        ...

    @property
    def protocol(self) -> str:
        """The version of its protocol."""
        ...

    @property
    def lost_because(self) -> str | None:
        """Why the connection was lost, if it was and if the stack knows."""
        ...

    @property
    def archive(self) -> Archive | None:
        """What the device keeps by itself; None for one that keeps nothing."""
        ...

    def readings(self, rate_hz: int = ...) -> Readings:
        """Return its readings, not yet started."""
        ...

    def status_changes(self) -> AsyncIterator[Status]:
        """Yield statuses, the latest first."""
        ...

    async def connect(self) -> None:
        """Connect again after a loss; outputs are made zero first."""
        ...

    async def drop(self) -> None:
        """Close the connection without a word."""
        ...

    async def close(self) -> None:
        """Make outputs zero and disconnect."""
        ...

    async def stop(self) -> Answer:
        """Make outputs zero, which they are."""
        ...


class OpenSource(Protocol):
    """Opens the device of a free recording; what opens a driver does."""

    def __call__(
        self, host_clock_us: Callable[[], int], tell: Callable[[Attempt], None], /
    ) -> AbstractAsyncContextManager[Source]:
        """Return the context of a connected device; `tell` hears of every attempt to connect."""
        ...

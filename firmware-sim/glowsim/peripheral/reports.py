"""The reports that the roller sends its host by itself: status, the battery's charge, telemetry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowtool.protocol.wire import encode

if TYPE_CHECKING:
    from collections.abc import Callable

    from glowsim.peripheral.gatt.server import RollerGattServer
    from glowsim.peripheral.gatt.services import Served
    from glowsim.peripheral.links import Links
    from glowtool.protocol.status import Status


class Reports:
    """Notifies the host of one roller, if there is one. `served` returns the characteristics to send from."""

    def __init__(self, server: RollerGattServer, links: Links, served: Callable[[], Served]) -> None:
        self._server = server
        self._links = links
        self._served = served
        self._battery_told: int | None = None

    def begin(self) -> None:
        """Begin with a new host, which has been told nothing yet."""
        self._battery_told = None

    def send_status(self, status: Status) -> None:
        """Notify the host of a status, and of the battery's charge when that has changed."""
        host, served = self._links.host, self._served()
        if host is None:
            return
        self._server.notify_now(host.connection, served.status, encode(status))
        if status.battery_percent != self._battery_told and self._server.notify_now(
            host.connection, served.battery, bytes((status.battery_percent,))
        ):
            self._battery_told = status.battery_percent

    def send_frames(self, frames: list[bytes]) -> None:
        """Notify the host of telemetry frames, in order; frames for which there is no room are lost."""
        host, served = self._links.host, self._served()
        if host is None:
            return
        for frame in frames:
            self._server.notify_now(host.connection, served.telemetry, frame)

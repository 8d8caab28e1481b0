"""The roller's presence on the air: what it advertises, to whom, and under which address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowsim.peripheral.advertising.admission import Welcome
from glowsim.peripheral.advertising.advertisement import advertisement, advertising_data
from glowsim.peripheral.advertising.broadcast import Broadcast, Broadcaster

if TYPE_CHECKING:
    from collections.abc import Callable

    from bumble.device import Device

    from glowsim.peripheral.advertising.privacy import PrivateAddress
    from glowsim.peripheral.mind import Mind
    from glowsim.peripheral.pairing.bonds import Bonds
    from glowsim.peripheral.pairing.window import PairingWindow


class Presence:
    """The presence of one roller; `on_address` is called with every private address that it takes, if it takes any."""

    def __init__(
        self,
        device: Device,
        mind: Mind,
        bonds: Bonds,
        window: PairingWindow,
        *,
        private: PrivateAddress | None,
        on_address: Callable[[str], None],
    ) -> None:
        self._device = device
        self._mind = mind
        self._bonds = bonds
        self._window = window
        self._private = private
        self._broadcaster = Broadcaster(device, on_address)
        #: Whether nothing is advertised, since the firmware does not run.
        self.silent = False

    @property
    def address(self) -> str:
        """The present address."""
        return str(self._device.random_address)

    async def begin(self, now_s: float) -> None:
        """Take the first private address, if private addresses are in use."""
        if self._private is not None:
            await self._broadcaster.change_address(self._private, now_s)

    def expire_address(self) -> bool:
        """Have another private address taken once no host is connected; return whether such are in use."""
        if self._private is not None:
            self._private.expire()
        return self._private is not None

    async def keep_address(self, now_s: float) -> None:
        """Take another private address when one is due, and no host is connected."""
        if self._private is not None and self._private.due(now_s) and not self._device.connections:
            await self._broadcaster.change_address(self._private, now_s)

    async def advertise(self, whom: Welcome, now_s: float) -> None:
        """Advertise from now on what there is to say at this moment, to those who may answer."""
        await self._broadcaster.say(None if self.silent else self._said(whom, now_s))

    def answered(self) -> None:
        """Note that a host has answered, upon which a controller ends advertising."""
        self._broadcaster.answered()

    def _said(self, whom: Welcome, now_s: float) -> Broadcast | None:
        if whom is Welcome.NOBODY:
            return None
        data = advertising_data(advertisement(self._mind, self._bonds, self._window, now_s))
        return Broadcast(data, self._bonds.invited if whom is Welcome.BONDED else None)

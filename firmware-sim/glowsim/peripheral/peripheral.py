"""The roller on the air: it has one bonded host at a time, paired through the window, and never waits for it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Final

from bumble import att, hci
from bumble.device import Connection, Device

from glowsim.peripheral.advertising.admission import Admission, Welcome
from glowsim.peripheral.advertising.presence import Presence
from glowsim.peripheral.device import roller_device
from glowsim.peripheral.gatt.requests import Requests
from glowsim.peripheral.gatt.server import MTU, RollerGattServer
from glowsim.peripheral.gatt.services import add_services
from glowsim.peripheral.gatt.table import AttributeTable
from glowsim.peripheral.hang_ups import HangUps, hang_up
from glowsim.peripheral.host import raise_if_cancelled
from glowsim.peripheral.link import Link
from glowsim.peripheral.links import Links
from glowsim.peripheral.pairing.desk import PairingDesk
from glowsim.peripheral.pairing.session import RollerSession
from glowsim.peripheral.reports import Reports
from glowsim.peripheral.wires import NOBODY, Wires

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from glowsim.peripheral.advertising.privacy import PrivateAddress
    from glowsim.peripheral.gatt.services import Served
    from glowsim.peripheral.hci import HciPort
    from glowsim.peripheral.mind import Mind
    from glowsim.peripheral.pairing.bonds import Bonds
    from glowsim.peripheral.pairing.window import PairingWindow

#: How often the window's time and the links' deadlines are checked.
_HOUSEKEEPING_S: Final = 0.25

_NO_ROOM: Final = hci.HCI_ErrorCode.REMOTE_DEVICE_TERMINATED_CONNECTION_DUE_TO_LOW_RESOURCES_ERROR


class Peripheral:
    """The Bluetooth side of one roller. Open it with `Peripheral.on_air`; it is active while `run` runs."""

    def __init__(
        self,
        device: Device,
        mind: Mind,
        bonds: Bonds,
        window: PairingWindow,
        *,
        private: PrivateAddress | None,
        wires: Wires,
    ) -> None:
        self._device = device
        self._mind = mind
        self._bonds = bonds
        self._window = window
        self._wires = wires
        self._server = RollerGattServer(
            device, on_confirmation=self._on_confirmation, on_subscription=self._on_subscription
        )
        device.gatt_server = self._server
        self._links = Links(bonds)
        self._requests = Requests(self._server, mind, bonds, self._links, lambda: self._served)
        self._table = AttributeTable(self._server, bonds, self._build)
        self._clock = asyncio.get_running_loop().time
        self._changed = asyncio.Event()
        self.desk = PairingDesk(
            bonds,
            window,
            self._links.of,
            self._clock,
            on_attempt=wires.on_attempt,
            on_bonded=self._on_bonded,
            on_change=self._changed.set,
        )
        self._admission = Admission(bonds.__contains__, lambda: bonds.count > 0)
        self._unwanted = HangUps()
        self.reports = Reports(self._server, self._links, lambda: self._served)
        self._presence = Presence(device, mind, bonds, window, private=private, on_address=wires.on_address)
        device.on(Device.EVENT_CONNECTION, self._on_connection)

    @classmethod
    @asynccontextmanager
    async def on_air(
        cls,
        port: HciPort,
        *,
        address: str,
        irk: bytes,
        mind: Mind,
        bonds: Bonds,
        window: PairingWindow,
        private: PrivateAddress | None = None,
        wires: Wires = NOBODY,
    ) -> AsyncIterator[Peripheral]:
        """Yield a powered-on peripheral on a controller; when the block ends, it is disconnected and powered off.

        `address` is its identity address, which it uses unless it has a private one.
        """
        device = roller_device(port, mind.facts, address, irk)
        device.keystore = bonds
        device.smp_session_proxy = RollerSession
        peripheral = cls(device, mind, bonds, window, private=private, wires=wires)
        device.pairing_config_factory = peripheral.desk.config
        await device.power_on()
        await peripheral._presence.begin(peripheral._clock())
        try:
            yield peripheral
        finally:
            await device.power_off()

    @property
    def connected(self) -> bool:
        """Whether a host is connected."""
        return len(self._links) > 0

    @property
    def address(self) -> str:
        """The present address."""
        return self._presence.address

    def renew_address(self) -> bool:
        """Take another private address once no host is connected; return whether private addresses are in use."""
        self._changed.set()
        return self._presence.expire_address()

    @property
    def bonded(self) -> bool:
        """Whether there is any bond."""
        return self._bonds.count > 0

    async def run(self) -> None:
        """Advertise and keep deadlines until cancelled."""
        while True:
            self._changed.clear()
            await self._keep_house()
            raise_if_cancelled()
            with suppress(TimeoutError):
                async with asyncio.timeout(_HOUSEKEEPING_S):
                    await self._changed.wait()

    def backlog(self) -> int:
        """Return the number of packets on their way to the host."""
        return self._server.backlog

    def fall_silent(self, *, silent: bool) -> None:
        """Stop advertising while the firmware does not run, or resume it."""
        self._presence.silent = silent
        self._changed.set()

    def drop_host(self, reason: hci.HCI_ErrorCode) -> None:
        """End every connection: for the roller at once, for hosts when the radio is done."""
        for link in self._links:
            self._unwanted.add(link.connection, reason)
            self._lose(link)

    def drop_unbonded(self) -> None:
        """Have the connection of a host end whose bond has gone; one that has paired anew in it has another bond.

        Until the radio has ended it the host is heard, since it may stop a massage that is not its own.
        """
        self._turn_away(self._links.unbonded, hci.HCI_ErrorCode.AUTHENTICATION_FAILURE_ERROR)

    def limit_mtu(self, *, limit: bool) -> None:
        """Agree to the smallest MTU only, or to the usual one, from the next connection on."""
        self._server.max_mtu = att.ATT_DEFAULT_MTU if limit else MTU

    def update_table(self) -> None:
        """Change the attribute table to a later firmware's, or back to this one's."""
        self._table.update(self._links)
        for link in self._links:
            link.send_next(self._clock())

    def open_window(self) -> None:
        """Open the pairing window: a person has held the button."""
        self._window.open(self._clock())
        self._admission.forgive()
        self._changed.set()

    def _build(self, updated: bool) -> Served:  # noqa: FBT001 - as the table calls it
        return add_services(self._server, self._mind, self._requests.gate, self._requests, updated=updated)

    @property
    def _served(self) -> Served:
        return self._table.served

    def _on_confirmation(self, bearer: att.Bearer) -> None:
        link = self._links.of(bearer)
        if link is not None:
            link.confirm(self._clock())

    def _on_subscription(self, bearer: att.Bearer) -> None:
        link = self._links.of(bearer)
        if link is not None and link.trusted:
            self._remember(link)

    def _remember(self, link: Link) -> None:
        """Keep a host's subscriptions with its bond (Core, Vol 3, Part G, 3.3.3.3)."""
        self._bonds.subscribe(str(link.connection.peer_address), self._server.subscriptions(link.connection))

    def _on_connection(self, connection: Connection) -> None:
        self._presence.answered()
        self._changed.set()
        now_s, address = self._clock(), str(connection.peer_address)
        in_window = self._window.is_open(now_s)
        # A host may have answered before advertising stopped.
        may = self._links.host is None and not self._presence.silent
        if not may or not self._admission.admit(address, self._links.strangers, now_s, in_window=in_window):
            self._unwanted.add(connection, _NO_ROOM)
            return
        patience_s = self._admission.patience_s(in_window=in_window)
        link = Link(connection, self._requests.indicate_on(connection), now_s, patience_s)
        self._links.add(link)
        connection.on(Connection.EVENT_DISCONNECTION, lambda _reason: self._on_disconnection(link))
        connection.on(Connection.EVENT_CONNECTION_ENCRYPTION_CHANGE, lambda: self._on_encryption(link))
        self._wires.on_link(address)

    def _on_disconnection(self, link: Link) -> None:
        # A dropped link is already gone, and there may be another one by now.
        if self._links.of(link.connection) is link:
            self._lose(link)

    def _lose(self, link: Link) -> None:
        now_s, address = self._clock(), str(link.connection.peer_address)
        if self._links.remove(link):
            if self._mind.forgets_host:
                self._bonds.drop(address)
            self._mind.on_link(up=False, authenticated=False)
        elif not link.trusted:
            self._admission.left(address, link.since_s, now_s, in_window=self._window.is_open(now_s))
        # Some hosts, such as BlueZ, do not hear again what was advertised while they were connected.
        self._presence.answered()
        self._wires.on_link(None)
        self._changed.set()

    def _on_encryption(self, link: Link) -> None:
        if self._links.of(link.connection) is not link:
            return
        session = self._device.smp_manager.sessions.get(link.connection.handle)
        if link.connection.encryption and not (isinstance(session, RollerSession) and session.verified):
            # It is not the key of a pairing under way, so it is a bond's; and only bonds that are good enough are kept.
            self._trust(link)

    def _on_bonded(self, link: Link) -> None:
        self._table.known_to(link)
        if link.trusted:  # over a bond that is gone by now; the firmware has to hear of the new one
            self._mind.on_link(up=True, authenticated=True, host=str(link.connection.peer_address))
        self._trust(link)

    def _trust(self, link: Link) -> None:
        if not link.trusted:
            others = self._links.welcome(link)
            if others is None:
                self._turn_away([link])
                return
            self._turn_away(others)
            self._admission.trust(str(link.connection.peer_address))
            self.reports.begin()
            self._table.welcome(link)
            link.trusted = True
            self._mind.on_link(up=True, authenticated=True, host=str(link.connection.peer_address))
        self._remember(link)
        link.send_next(self._clock())

    def _turn_away(self, links: Iterable[Link], reason: hci.HCI_ErrorCode = _NO_ROOM) -> None:
        for link in links:
            self._unwanted.add(link.connection, reason)
        self._changed.set()

    async def _keep_house(self) -> None:
        now_s = self._clock()
        self._window.expire(now_s)
        await self._presence.keep_address(now_s)
        # First, since powering off waits for a host that does not answer.
        await self._presence.advertise(self._welcome(now_s), now_s)
        for link in self._links:
            if link.overdue(now_s):
                await hang_up(link.connection, hci.HCI_ErrorCode.AUTHENTICATION_FAILURE_ERROR)
        await self._unwanted.end_all()

    def _welcome(self, now_s: float) -> Welcome:
        """Return the hosts that may connect at this moment."""
        if self._links.host is not None:
            return Welcome.NOBODY
        return self._admission.welcome(self._links.strangers, now_s, in_window=self._window.is_open(now_s))

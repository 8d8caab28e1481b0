"""The air that virtual controllers share: each hears what the others send, unless it has left.

It differs from bumble's own link where that is kinder or harsher than a radio: packets to a controller that has left
are lost and raise nothing, a connection request without an answer fails, and a host that vanishes is a supervision
timeout for its peers. Each roller's radio has conditions, which can change at any time.
"""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

from bumble import core, hci, ll
from bumble.link import LocalLink

from glowsim.air.carrier import Carrier, End
from glowsim.air.conditions import IDEAL, LinkConditions

if TYPE_CHECKING:
    from collections.abc import Callable

    from bumble.controller import Connection, Controller

#: If a controller answers the feature exchange at once, data overtakes the event that reports the connection, and some
#: hosts never notice that they are connected. On a radio, too, the exchange takes a few connection intervals.
FEATURE_EXCHANGE_DELAY_S: Final = 0.03

_DELAYED: Final = (ll.FeatureReq, ll.PeripheralFeatureReq, ll.FeatureRsp)


@runtime_checkable
class Acknowledged(Protocol):
    """A controller that is told when its data has arrived."""

    def take_acknowledgement(self) -> Callable[[], None]:
        """Return the function to call once the data being sent has arrived."""
        ...


class Medium(LocalLink):
    """The medium of a virtual air. Controllers join when they are made, and leave by `vanish`.

    Under conditions that are not ideal, everything depends only on `seed` and on the order of connections.
    """

    def __init__(self, seed: int = 1) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # bumble's constructor has no annotations
        self._seed = seed
        # bumble keeps a set, whose order differs from process to process.
        self._in_order: dict[Controller, None] = {}
        self._usual = IDEAL
        self._conditions: dict[hci.Address, LinkConditions] = {}
        self._identities: dict[hci.Address, hci.Address] = {}
        self._carriers: dict[tuple[hci.Address, hci.Address], Carrier] = {}
        self._connections = 0
        self._scanning_chance = random.Random(f"{seed}/scanning")  # noqa: S311 - reproducible on purpose

    def conditions(self, roller_address: str | hci.Address) -> LinkConditions:
        """Return the conditions of a roller's radio."""
        return self._conditions.get(self._identity(roller_address), self._usual)

    def set_conditions(self, conditions: LinkConditions, roller_address: str | hci.Address | None = None) -> None:
        """Set the conditions of one roller's radio from now on; without an address, of all radios on this air."""
        if roller_address is None:
            self._usual = conditions
            self._conditions.clear()
        else:
            self._conditions[self._identity(roller_address)] = conditions
        for carrier in set(self._carriers.values()):
            wanted = self.conditions(carrier.ends[0].address)
            if wanted != carrier.conditions:
                carrier.change(wanted)

    def goes_by(self, identity: str | hci.Address, address: str | hci.Address) -> None:
        """Note a roller's private address: the conditions of its identity apply to it, until the next one."""
        former = [known for known, whose in self._identities.items() if whose == _address(identity)]
        for known in former:
            del self._identities[known]
        self._identities[_address(address)] = _address(identity)

    def _identity(self, address: str | hci.Address) -> hci.Address:
        return self._identities.get(_address(address), _address(address))

    def cut(self, roller_address: str | hci.Address, after_s: float = 0.0) -> None:
        """End a roller's connections with a supervision timeout on both sides, now or after `after_s`."""
        wanted = self._identity(roller_address)
        if after_s > 0:
            asyncio.get_running_loop().call_later(after_s, self.cut, wanted)
            return
        for carrier in set(self._carriers.values()):
            if self._identity(carrier.ends[0].address) == wanted:
                self._end(carrier)

    def add_controller(self, controller: Controller) -> None:
        """Put a controller on the air; controllers do so themselves."""
        super().add_controller(controller)
        self._in_order[controller] = None

    def remove_controller(self, controller: Controller) -> None:
        """Take a controller off the air; nothing happens when it has already left."""
        self.controllers.discard(controller)
        self._in_order.pop(controller, None)

    def vanish(self, controller: Controller) -> None:
        """Take a controller off the air as if its power were cut: each of its peers sees a supervision timeout."""
        self.remove_controller(controller)
        self.abandon(controller)

    def abandon(self, controller: Controller) -> None:
        """Drop a controller's connections silently: each of its peers sees a supervision timeout."""
        connections = list(controller.le_connections.values())
        controller.le_connections.clear()
        for connection in connections:
            carrier = self._carriers.get((connection.self_address, connection.peer_address))
            if carrier is None:
                continue
            if carrier.conditions.vanished_after_s:
                carrier.fall_silent()
            else:
                asyncio.get_running_loop().call_soon(self._end, carrier)

    def receiver(self, connection: Connection) -> Controller | None:
        """Return the controller at the other end of a connection."""
        carrier = self._carriers.get((connection.self_address, connection.peer_address))
        return None if carrier is None else carrier.ends[carrier.direction_from(connection.self_address)].controller

    def send_acl_data(
        self,
        sender_controller: Controller,
        destination_address: hci.Address,
        transport: core.PhysicalTransport,
        data: bytes,
    ) -> None:
        """Send the data of an L2CAP PDU to the peer; it is lost when the peer has gone."""
        # Not the controller's present random address: a host takes another one to scan.
        connection = sender_controller.le_connections.get(destination_address)
        carrier = None if connection is None else self._carriers.get((connection.self_address, destination_address))
        if connection is None or carrier is None or transport is not core.PhysicalTransport.LE:
            return
        direction = carrier.direction_from(connection.self_address)
        if isinstance(sender_controller, Acknowledged):
            carrier.carry(direction, data, sender_controller.take_acknowledgement())
        else:
            carrier.carry(direction, data)

    def send_ll_control_pdu(
        self, sender_address: hci.Address, receiver_address: hci.Address, packet: ll.ControlPdu
    ) -> None:
        """Deliver a control PDU to the peer; it is lost when the peer has gone."""
        carrier = self._carriers.get((sender_address, receiver_address))
        if carrier is None:
            return
        direction = carrier.direction_from(sender_address)
        if isinstance(packet, _DELAYED):
            asyncio.get_running_loop().call_later(FEATURE_EXCHANGE_DELAY_S, carrier.carry, direction, packet)
        else:
            carrier.carry(direction, packet)

    def send_advertising_pdu(self, sender_controller: Controller, packet: ll.AdvertisingPdu) -> None:
        """Let every other controller hear an advertisement; a connection request reaches only its addressee."""
        if isinstance(packet, ll.ConnectInd):
            self._connect(sender_controller, packet)
            return
        advertiser = getattr(packet, "advertiser_address", None)
        conditions = IDEAL if advertiser is None else self.conditions(advertiser)
        loop = asyncio.get_running_loop()
        if not conditions.in_reach:
            return
        for controller in self._in_order:
            # Of the many controllers on an air, only a few listen.
            listens = controller.le_scan_enable or controller.pending_le_connection is not None
            if listens and controller is not sender_controller and not self._missed(conditions):
                loop.call_soon(controller.on_ll_advertising_pdu, packet)

    def _missed(self, conditions: LinkConditions) -> bool:
        return conditions.advertising_drop > 0 and self._scanning_chance.random() < conditions.advertising_drop

    def _connect(self, sender: Controller, packet: ll.ConnectInd) -> None:
        # At once, so that only the first of two centrals that answer the same advertisement is accepted.
        for controller in tuple(self._in_order):
            if controller is not sender:
                # A peripheral already connected to this central, such as another roller, has not taken this request.
                before = controller.le_connections.get(packet.initiator_address)
                controller.on_ll_advertising_pdu(packet)
                taken = controller.le_connections.get(packet.initiator_address)
                if taken is not None and taken is not before:
                    self._join(End(controller, packet.advertiser_address), End(sender, packet.initiator_address))
                    return
        failed = ll.TerminateInd(hci.HCI_ErrorCode.CONNECTION_FAILED_TO_BE_ESTABLISHED_ERROR)
        asyncio.get_running_loop().call_soon(_deliver, sender, packet.advertiser_address, failed)

    def _join(self, peripheral: End, central: End) -> None:
        self._connections += 1
        # Reproducible on purpose.
        chance = random.Random(f"{self._seed}/{peripheral.address}/{self._connections}")  # noqa: S311 - see above
        carrier = Carrier(peripheral, central, self.conditions(peripheral.address), chance, self._end)
        for key in ((peripheral.address, central.address), (central.address, peripheral.address)):
            former = self._carriers.pop(key, None)
            if former is not None:
                former.close()
            self._carriers[key] = carrier

    def _end(self, carrier: Carrier) -> None:
        carrier.close()
        one, other = carrier.ends
        for key in ((one.address, other.address), (other.address, one.address)):
            if self._carriers.get(key) is carrier:
                del self._carriers[key]
        lost = ll.TerminateInd(hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR)
        for end, peer in ((one, other), (other, one)):
            if not self._renewed(end.controller, peer.address):
                _deliver(end.controller, peer.address, lost)

    def _renewed(self, controller: Controller, peer: hci.Address) -> bool:
        """Return whether a controller has a newer connection with this peer, under another address of its own."""
        ends = (carrier.ends for carrier in self._carriers.values())
        pairs = (pair for one, other in ends for pair in ((one, other), (other, one)))
        return any(mine.controller is controller and theirs.address == peer for mine, theirs in pairs)


def _address(address: str | hci.Address) -> hci.Address:
    return hci.Address(address) if isinstance(address, str) else address


def _deliver(receiver: Controller, sender_address: hci.Address, packet: ll.ControlPdu) -> None:
    # The connection may have ended while the packet was on its way.
    if sender_address in receiver.le_connections:
        receiver.on_ll_control_pdu(sender_address, packet)

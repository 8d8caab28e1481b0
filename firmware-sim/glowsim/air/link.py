"""The air that virtual controllers share: what one sends, the others hear, unless they have gone.

It differs from bumble's own link where that is kinder than a radio or harsher than one: packets to someone who has
left are lost instead of raising, a connection that nobody takes fails to be established, and a host that vanishes is a
supervision timeout for its peers.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from bumble import hci, ll
from bumble.link import LocalLink

if TYPE_CHECKING:
    from bumble.controller import Controller

#: A controller that answers the feature exchange at once lets data overtake the host's own news of the connection;
#: some hosts then never notice that they are connected. A radio needs a few connection intervals for it as well.
FEATURE_EXCHANGE_DELAY_S: Final = 0.03

_DELAYED: Final = (ll.FeatureReq, ll.PeripheralFeatureReq, ll.FeatureRsp)


class Air(LocalLink):
    """A virtual air. Controllers join when they are made and leave with `vanish`."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # bumble's constructor has no annotations

    def remove_controller(self, controller: Controller) -> None:
        """Take a controller off the air; nothing happens when it has already left."""
        self.controllers.discard(controller)

    def vanish(self, controller: Controller) -> None:
        """Take a controller off the air as if its power were cut: each of its peers sees a supervision timeout."""
        self.remove_controller(controller)
        for connection in list(controller.le_connections.values()):
            lost = ll.TerminateInd(hci.HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR)
            self.send_ll_control_pdu(connection.self_address, connection.peer_address, lost)
        controller.le_connections.clear()

    def send_ll_control_pdu(
        self, sender_address: hci.Address, receiver_address: hci.Address, packet: ll.ControlPdu
    ) -> None:
        """Deliver a control PDU to the peer, or to nobody when the peer has gone."""
        receiver = self.find_le_controller(receiver_address)
        if receiver is None:
            return
        delay_s = FEATURE_EXCHANGE_DELAY_S if isinstance(packet, _DELAYED) else 0.0
        loop = asyncio.get_running_loop()
        if delay_s:
            loop.call_later(delay_s, _deliver, receiver, sender_address, packet)
        else:
            loop.call_soon(_deliver, receiver, sender_address, packet)

    def send_advertising_pdu(self, sender_controller: Controller, packet: ll.AdvertisingPdu) -> None:
        """Let every other controller hear an advertisement; a connection request reaches only the one it names."""
        if not isinstance(packet, ll.ConnectInd):
            super().send_advertising_pdu(sender_controller, packet)
            return
        # At once, so that of two centrals that answer the same advertisement only the first is taken.
        for controller in list(self.controllers):
            if controller is not sender_controller:
                controller.on_ll_advertising_pdu(packet)
                if packet.initiator_address in controller.le_connections:
                    return
        failed = ll.TerminateInd(hci.HCI_ErrorCode.CONNECTION_FAILED_TO_BE_ESTABLISHED_ERROR)
        asyncio.get_running_loop().call_soon(_deliver, sender_controller, packet.advertiser_address, failed)


def _deliver(receiver: Controller, sender_address: hci.Address, packet: ll.ControlPdu) -> None:
    # The connection may have ended while the packet was in the air.
    if sender_address in receiver.le_connections:
        receiver.on_ll_control_pdu(sender_address, packet)

"""bumble's host and device, extended to notice losses, and to handle frequent packets quickly."""

from __future__ import annotations

import logging
import struct
from typing import TYPE_CHECKING, Final, TypeAlias

from bumble import att, hci
from bumble.device import Device
from bumble.host import Host
from bumble.transport.common import TransportLostError

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from bumble.host import Connection as HostConnection
    from bumble.transport.common import Transport

logger = logging.getLogger(__name__)

#: Opcode and handle, before the value (Core, Vol 3, Part F, 3.4.7.1).
_NOTIFICATION: Final = bytes((att.Opcode.ATT_HANDLE_VALUE_NOTIFICATION,))
_NOTIFIED: Final = struct.Struct("<BH")

_BUMBLE_LOG: Final = logging.getLogger("bumble.host")

#: How a controller answers a command.
_Answer: TypeAlias = hci.HCI_Command_Complete_Event[hci.HCI_ReturnParameters] | hci.HCI_Command_Status_Event


class HciHost(Host):
    """bumble's host, extended: a transport that is lost, or accepts nothing any more, ends every command at once.

    bumble formats every packet for its log before it checks whether the log is read; here that costs nothing while it
    is not read.
    """

    #: Takes ATT's PDUs, by handle of the connection, bypassing the emitter that all others use.
    on_att: Callable[[int, bytes], None] | None = None

    #: Called with the handle of a connection whose peer sent a packet that does not decode.
    on_malformed: Callable[[int], None] | None = None

    def __init__(self, transport: Transport, on_lost: Callable[[], None]) -> None:
        super().__init__(transport.source, transport.sink)
        self.is_lost = False
        self._on_lost = on_lost
        transport.source.terminated.add_done_callback(self._on_terminated)

    def _on_terminated(self, terminated: asyncio.Future[None]) -> None:
        if not terminated.cancelled() and (error := terminated.exception()) is not None:
            logger.warning("the transport failed: %s", error)
        self.on_transport_lost()

    def on_transport_lost(self) -> None:
        """End everything that waits for the controller, once."""
        if self.is_lost:
            return
        self.is_lost = True
        if self.pending_response is not None and not self.pending_response.done():
            self.pending_response.set_exception(TransportLostError("transport lost"))
        self.emit("flush")
        self._on_lost()

    def send_hci_packet(self, packet: hci.HCI_Packet) -> None:
        """Pass a packet to the transport; TransportLostError when that is lost, or fails."""
        if self.is_lost:
            raise TransportLostError("transport lost")
        try:
            if self._is_read_along or self.hci_sink is None:
                super().send_hci_packet(packet)
            else:
                self.hci_sink.on_packet(bytes(packet))
        except OSError as error:  # a cable, a socket or a driver that fails as it gets a packet
            logger.warning("the transport failed: %s", error)
            self.on_transport_lost()
            raise TransportLostError("transport lost") from error

    def on_hci_packet(self, packet: hci.HCI_Packet) -> None:
        """Take a packet of the controller."""
        if self._is_read_along:
            super().on_hci_packet(packet)
        elif isinstance(packet, hci.HCI_AclDataPacket):
            self.on_hci_acl_data_packet(packet)
        elif isinstance(packet, hci.HCI_Number_Of_Completed_Packets_Event):
            self.on_hci_number_of_completed_packets_event(packet)
        elif isinstance(packet, hci.HCI_Event):
            self.on_hci_event_packet(packet)
        else:
            super().on_hci_packet(packet)

    def on_command_processed(self, event: _Answer) -> None:
        """Take the answer to a command, unless its sender was cancelled and no longer waits."""
        if self.pending_response is None or not self.pending_response.done():
            super().on_command_processed(event)

    def on_l2cap_pdu(self, connection: HostConnection, cid: int, pdu: bytes) -> None:
        """Take a packet of the peer; a packet that does not decode ends the connection."""
        try:
            if cid == att.ATT_CID and self.on_att is not None:
                self.on_att(connection.handle, pdu)
            else:
                super().on_l2cap_pdu(connection, cid, pdu)
        except Exception as error:  # noqa: BLE001 - bumble takes packets apart without a look at their length
            logger.warning("a packet of the peer does not decode: %r (%r)", pdu[:32], error)
            if self.on_malformed is not None:
                self.on_malformed(connection.handle)

    @property
    def _is_read_along(self) -> bool:
        return self.snooper is not None or _BUMBLE_LOG.isEnabledFor(logging.DEBUG)


class CentralDevice(Device):
    """bumble's device, extended: it takes an address as it was heard, without a scan of its own before connecting.

    Notifications come many times a second; this class parses them itself, in a tenth of the time.
    """

    def on_gatt_pdu(self, connection_handle: int, pdu: bytes) -> None:
        """Take an ATT packet of the peer."""
        if pdu[:1] == _NOTIFICATION and len(pdu) >= _NOTIFIED.size:
            connection = self.lookup_connection(connection_handle)
            if connection is not None and connection.gatt_client is not None:
                _, handle = _NOTIFIED.unpack_from(pdu)
                value = pdu[_NOTIFIED.size :]
                connection.gatt_client.on_gatt_pdu(att.ATT_Handle_Value_Notification(handle, value))
                return
        super().on_gatt_pdu(connection_handle, pdu)

    async def find_peer_by_identity_address(self, identity_address: hci.Address) -> hci.Address:
        """Return the address unchanged: a caller that connects has heard it."""
        return identity_address

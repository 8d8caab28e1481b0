"""bumble's host, without the cost of its logging.

bumble formats every packet for its log before it checks whether the log is on. At two hundred readings per second,
that is most of the cost of a packet, so packets bypass it while the log is off. Between a host and a controller in
the same process, data need not become bytes either.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final, TypeAlias

from bumble import att, hci
from bumble.controller import Controller
from bumble.device import Device
from bumble.host import Host

if TYPE_CHECKING:
    from collections.abc import Callable

    from bumble.device import DeviceConfiguration
    from bumble.host import Connection

    from glowsim.peripheral.hci import HciPort

_LOG: Final = logging.getLogger("bumble.host")


#: The answer of a controller to a command.
_Answer: TypeAlias = hci.HCI_Command_Complete_Event[hci.HCI_ReturnParameters] | hci.HCI_Command_Status_Event


def quiet_device(configuration: DeviceConfiguration, port: HciPort) -> Device:
    """Return a device on a quiet host, on a port."""
    host = QuietHost(port, port)
    device = Device(config=configuration, host=host)
    host.on_att = device.on_gatt_pdu
    return device


class QuietHost(Host):
    """A host that formats packets only for a log that is on, or for a snooper."""

    #: The receivers of ATT's PDUs, by connection handle; they bypass the emitter that all other PDUs go through.
    on_att: Callable[[int, bytes], None] | None = None

    @property
    def _read_along(self) -> bool:
        return self.snooper is not None or _LOG.isEnabledFor(logging.DEBUG)

    def take_packet(self, packet: hci.HCI_Packet) -> None:
        """Take a packet of a controller in the same process."""
        if self.ready:
            self.on_hci_packet(packet)
        else:
            self.on_packet(bytes(packet))

    def on_hci_packet(self, packet: hci.HCI_Packet) -> None:
        """Take a packet of the controller."""
        if self._read_along:
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

    def on_l2cap_pdu(self, connection: Connection, cid: int, pdu: bytes) -> None:
        """Take a PDU of the peer."""
        if cid == att.ATT_CID and self.on_att is not None:
            self.on_att(connection.handle, pdu)
        else:
            super().on_l2cap_pdu(connection, cid, pdu)

    def send_hci_packet(self, packet: hci.HCI_Packet) -> None:
        """Send a packet to the controller."""
        if self._read_along or self.hci_sink is None:
            super().send_hci_packet(packet)
        elif isinstance(packet, hci.HCI_AclDataPacket) and isinstance(self.hci_sink, Controller):
            self.hci_sink.on_hci_packet(packet)
        else:
            self.hci_sink.on_packet(bytes(packet))


def raise_if_cancelled() -> None:
    """Raise `asyncio.CancelledError` when this task was cancelled and a command of bumble's swallowed that."""
    # `asyncio.wait_for` of Python 3.11, which bumble uses for commands, loses a cancellation that comes together
    # with the answer.
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError

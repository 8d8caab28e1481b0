"""A virtual Bluetooth LE controller: bumble's, made to behave like hardware where hosts rely on it."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from functools import partial
from typing import TYPE_CHECKING, Final

from bumble import hci, ll
from bumble.controller import Controller, LegacyAdvertiser

from glowsim.air.accept_list import FILTERS_CONNECTIONS, AcceptList
from glowsim.air.radio_parameters import RadioParameters

if TYPE_CHECKING:
    from collections.abc import Callable

    from bumble.transport.common import TransportSink

    from glowsim.air.medium import Medium


#: The longest ACL packet that LE allows; with bumble's default of 27 bytes throughput is half.
ACL_PACKET_SIZE: Final = 251

#: Features that are not offered: hosts that find them would rely on parts that the virtual controller does not support.
_NOT_OFFERED: Final = hci.LeFeatureMask.LL_PRIVACY | hci.LeFeatureMask.LE_EXTENDED_ADVERTISING

_LOG: Final = logging.getLogger("bumble.controller")

#: Packets that a host in this process may take as objects, because there are hundreds of them per second.
_FREQUENT: Final = (hci.HCI_AclDataPacket, hci.HCI_Number_Of_Completed_Packets_Event)

_ACTIVE_SCANNING: Final = 1
_SHORTEST_INTERVAL_S: Final = 0.02


@dataclasses.dataclass
class _ScannableAdvInd(ll.AdvInd):
    """An advertisement that carries its sender's scan response."""

    scan_response: bytes = b""


class _Advertiser(LegacyAdvertiser):
    def _on_timer_fired(self) -> None:
        self.send_advertising_data()
        # Intervals come in units of 0.625 ms; bumble takes them as milliseconds.
        interval_s = max(_SHORTEST_INTERVAL_S, self.advertising_interval_min * 0.625e-3)
        self.timer_handle = asyncio.get_running_loop().call_later(interval_s, self._on_timer_fired)

    def send_advertising_data(self) -> None:
        if self.enabled:
            self.controller.send_advertising_pdu(
                _ScannableAdvInd(
                    advertiser_address=self.address,
                    data=self.advertising_data,
                    scan_response=self.scan_response_data,
                )
            )


class VirtualController(RadioParameters):
    """A controller on an air: random addresses only, separate scan responses, cancellable connection attempts."""

    le_acl_data_packet_length = ACL_PACKET_SIZE
    le_features = Controller.le_features & ~_NOT_OFFERED

    def __init__(self, name: str, air: Medium) -> None:
        self._hand_over: Callable[[hci.HCI_Packet], None] | None = None
        super().__init__(name, link=air)
        self.air = air
        self.le_legacy_advertiser = _Advertiser(self)
        self._accept_list = AcceptList()
        self._congested = False
        self._owed: dict[int, int] = {}
        self._acknowledgement: Callable[[], None] = _nobody_waits

    def leave(self) -> None:
        """Leave the air as if the power were cut."""
        self.le_legacy_advertiser.stop()
        self.le_scan_enable = False
        self.pending_le_connection = None
        self.hci_sink = None
        self.air.vanish(self)
        self._set_congested(congested=False)

    def set_packet_sink(self, sink: TransportSink | None) -> None:
        """Pass packets to `sink`; frequent ones as objects instead of bytes, if it has a `take_packet`."""
        super().set_packet_sink(sink)
        self._hand_over = getattr(sink, "take_packet", None)

    def pause(self) -> None:
        """Hold senders back: the host takes packets more slowly than they come."""
        self._set_congested(congested=True)

    def resume(self) -> None:
        """Let senders continue."""
        self._set_congested(congested=False)

    def _set_congested(self, *, congested: bool) -> None:
        self._congested = congested
        if not congested:
            for controller in self.air.controllers:
                if isinstance(controller, VirtualController):
                    controller.pay_credits()

    def on_hci_packet(self, packet: hci.HCI_Packet) -> None:
        """Take a packet of the host; format it for bumble's log only if the log is on."""
        if isinstance(packet, hci.HCI_AclDataPacket) and not _LOG.isEnabledFor(logging.DEBUG):
            self.on_hci_acl_data_packet(packet)
        else:
            super().on_hci_packet(packet)

    def send_hci_packet(self, packet: hci.HCI_Packet) -> None:
        """Send a packet to the host in the loop's next turn; format it for bumble's log only if the log is on."""
        if self.host is None or _LOG.isEnabledFor(logging.DEBUG):
            super().send_hci_packet(packet)
        elif self._hand_over is not None and isinstance(packet, _FREQUENT):
            asyncio.get_running_loop().call_soon(self._hand_over, packet)
        else:
            asyncio.get_running_loop().call_soon(self.host.on_packet, bytes(packet))

    def on_hci_acl_data_packet(self, packet: hci.HCI_AclDataPacket) -> None:
        """Send data to the peer; the host's buffer is free again once data has arrived and the peer's host keeps up.

        This is the flow control of the link layer; without it, packets for a slow host would pile up.
        """
        connection = self.find_le_connection_by_handle(packet.connection_handle)
        if connection is None:
            return
        acknowledge = partial(self._acknowledge, connection.handle, self.air.receiver(connection))
        self._acknowledgement = acknowledge
        connection.assembler.feed_packet(packet)
        if self.take_acknowledgement() is acknowledge:
            # The rest of the PDU is still to come.
            acknowledge()

    def take_acknowledgement(self) -> Callable[[], None]:
        """Return the function to call once the data being sent has arrived."""
        acknowledgement, self._acknowledgement = self._acknowledgement, _nobody_waits
        return acknowledgement

    def _acknowledge(self, handle: int, receiver: Controller | None) -> None:
        self._owed[handle] = self._owed.get(handle, 0) + 1
        if not (isinstance(receiver, VirtualController) and receiver._congested):  # noqa: SLF001 - same class
            self.pay_credits()

    def pay_credits(self) -> None:
        """Report to the host every completed packet that has not been reported yet."""
        owed, self._owed = self._owed, {}
        for handle, count in owed.items():
            if self.find_le_connection_by_handle(handle) is not None:
                self.send_hci_packet(
                    hci.HCI_Number_Of_Completed_Packets_Event(
                        connection_handles=[handle], num_completed_packets=[count]
                    )
                )

    def on_advertising_pdu(self, pdu: ll.AdvInd | ll.AdvExtInd) -> None:
        """Report an advertisement, with its scan response if the host scans actively; then connect if asked to."""
        if self.le_scan_enable:
            kinds = hci.HCI_LE_Advertising_Report_Event.EventType
            self._report(kinds.ADV_IND, pdu.advertiser_address, pdu.data)
            if isinstance(pdu, _ScannableAdvInd) and self.le_scan_type == _ACTIVE_SCANNING:
                self._report(kinds.SCAN_RSP, pdu.advertiser_address, pdu.scan_response)
        wanted = self.pending_le_connection
        if wanted is not None and wanted.peer_address == pdu.advertiser_address:
            self.create_le_connection(pdu.advertiser_address)

    def _report(self, kind: int, address: hci.Address, data: bytes) -> None:
        report = hci.HCI_LE_Advertising_Report_Event.Report(
            event_type=kind,
            address_type=address.address_type,
            address=address,
            data=data,
            rssi=self.air.conditions(address).rssi_dbm,
        )
        self.send_hci_packet(hci.HCI_LE_Advertising_Report_Event([report]))

    def on_hci_le_create_connection_cancel_command(
        self, _command: hci.HCI_LE_Create_Connection_Cancel_Command
    ) -> hci.HCI_StatusReturnParameters:
        """Cancel a connection attempt, and tell the host that it has ended (Core, Vol 4, Part E, 7.8.13)."""
        pending, self.pending_le_connection = self.pending_le_connection, None
        if pending is None:
            return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.COMMAND_DISALLOWED_ERROR)
        ended = hci.HCI_LE_Connection_Complete_Event(
            status=hci.HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR,
            connection_handle=0,
            role=hci.Role.CENTRAL,
            peer_address_type=pending.peer_address.address_type,
            peer_address=pending.peer_address,
            connection_interval=0,
            peripheral_latency=0,
            supervision_timeout=0,
            central_clock_accuracy=0,
        )
        asyncio.get_running_loop().call_soon(self.send_hci_packet, ended)
        return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.SUCCESS)

    def on_le_connect_ind(self, packet: ll.ConnectInd) -> None:
        """Take a connection request, unless the accept list excludes its sender: that request gets no answer."""
        filtered = self.le_legacy_advertiser.advertising_filter_policy in FILTERS_CONNECTIONS
        if not filtered or self._accept_list.accepts(packet.initiator_address):
            super().on_le_connect_ind(packet)

    def on_hci_le_clear_filter_accept_list_command(
        self, _command: hci.HCI_LE_Clear_Filter_Accept_List_Command
    ) -> hci.HCI_StatusReturnParameters:
        """Clear the list."""
        self._accept_list.clear()
        return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.SUCCESS)

    def on_hci_le_add_device_to_filter_accept_list_command(
        self, command: hci.HCI_LE_Add_Device_To_Filter_Accept_List_Command
    ) -> hci.HCI_StatusReturnParameters:
        """Put an identity on the list."""
        self._accept_list.add(command.address)
        return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.SUCCESS)

    def on_hci_le_clear_resolving_list_command(
        self, _command: hci.HCI_LE_Clear_Resolving_List_Command
    ) -> hci.HCI_StatusReturnParameters:
        """Drop the keys of private addresses."""
        self._accept_list.clear_keys()
        return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.SUCCESS)

    def on_hci_le_add_device_to_resolving_list_command(
        self, command: hci.HCI_LE_Add_Device_To_Resolving_List_Command
    ) -> hci.HCI_StatusReturnParameters:
        """Add the key of an identity's private addresses."""
        self._accept_list.add_key(command.peer_identity_address, command.peer_irk)
        return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.SUCCESS)

    def on_hci_reset_command(self, _command: hci.HCI_Reset_Command) -> hci.HCI_StatusReturnParameters:
        """End everything that a former host was doing, so that the next host finds an idle controller."""
        self.le_legacy_advertiser.stop()
        self.le_scan_enable = False
        self.pending_le_connection = None
        self._accept_list = AcceptList()
        self.air.abandon(self)
        return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.SUCCESS)


def _nobody_waits() -> None:
    pass

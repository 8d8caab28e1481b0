"""The GATT server: bumble's, with enforced permissions, and with sending that does not wait."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from bumble import att, crypto, gatt, gatt_server
from bumble.profiles.gap import GenericAccessService
from bumble.profiles.gatt_service import GenericAttributeProfileService

from glowsim.peripheral.gatt.attributes import GuardedCharacteristic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from bumble.device import Connection, Device

#: With the ACL packets of 251 bytes that LE allows, one PDU of this size is one packet.
MTU: Final = 247

#: With more packets than this on their way to the host, notifications are dropped: the host does not keep up.
BACKLOG_PACKETS: Final = 96

#: Opcode and handle, before the value (Core, Vol 3, Part F, 3.4.7.1).
_NOTIFICATION: Final = struct.Struct("<BH")

#: The last handle.
LAST_HANDLE: Final = 0xFFFF

_PERMISSIONS = att.Attribute.Permissions


def database_hash(attributes: Iterable[att.Attribute[bytes]]) -> bytes:
    """Return the Database Hash of a table, as its characteristic carries it (Core, Vol 3, Part G, 7.3)."""
    data = b"".join(map(GenericAttributeProfileService.get_attribute_data, attributes))
    code: bytes = crypto.aes_cmac(data, bytes(16))  # type: ignore[attr-defined]  # exported without saying so
    return code[::-1]


class RollerGattServer(gatt_server.Server):
    """Notifies without waiting, and enforces the permissions of an attribute for every kind of request."""

    def __init__(
        self,
        device: Device,
        *,
        on_confirmation: Callable[[att.Bearer], None],
        on_subscription: Callable[[att.Bearer], None],
    ) -> None:
        super().__init__(device)
        self.max_mtu = MTU
        self._on_confirmation = on_confirmation
        self._on_subscription = on_subscription
        self._name = device.name
        self.begin_table()

    def begin_table(self) -> None:
        """Start a new table, with the attributes that every table begins with; all other subscriptions are void."""
        for found in (self.services, self.attributes, self.attributes_by_handle):
            found.clear()
        self.add_service(GenericAccessService(self._name))
        generic = _generic_attribute_service()
        self.add_service(generic)
        (self.service_changed,) = (
            offered for offered in generic.characteristics if offered.uuid == gatt.GATT_SERVICE_CHANGED_CHARACTERISTIC
        )
        self.first_changing = self.next_handle()
        for known in self.subscribers.values():
            for handle in [handle for handle in known if handle >= self.first_changing]:
                del known[handle]

    @property
    def backlog(self) -> int:
        """The number of packets on their way to hosts."""
        queue = self.device.host.le_acl_packet_queue
        return 0 if queue is None else queue.pending

    def wants_indications(self, connection: Connection, characteristic: gatt.Characteristic[bytes]) -> bool:
        """Return whether the host has subscribed to indications of a characteristic; notifications do not count."""
        return bool(self.read_cccd(connection, characteristic)[0] & _INDICATE)

    def notify_now(self, connection: Connection, characteristic: GuardedCharacteristic, value: bytes) -> bool:
        """Notify one host, cut to its MTU; return whether it was sent: the host has subscribed and keeps up."""
        if not self.read_cccd(connection, characteristic)[0] & _NOTIFY:
            return False
        if self.backlog > BACKLOG_PACKETS:
            return False
        # Encoded here, since bumble's own encoder takes longer than everything else, and there are many per second.
        head = _NOTIFICATION.pack(att.Opcode.ATT_HANDLE_VALUE_NOTIFICATION, characteristic.handle)
        self.send_gatt_pdu(connection, head + value[: connection.att_mtu - _NOTIFICATION.size])
        return True

    def send_response(self, bearer: att.Bearer, response: att.ATT_PDU) -> None:
        """Answer a request, without formatting the answer for a log."""
        self.send_gatt_pdu(bearer, bytes(response))

    def indicate_now(self, connection: Connection, characteristic: gatt.Characteristic[bytes], value: bytes) -> bool:
        """Indicate to one host, cut to its MTU; return whether it was sent: the host wants indications.

        `on_confirmation` is called when the host has confirmed.
        """
        if not self.wants_indications(connection, characteristic):
            return False
        pdu = att.ATT_Handle_Value_Indication(
            attribute_handle=characteristic.handle, attribute_value=value[: connection.att_mtu - 3]
        )
        self.send_gatt_pdu(connection, bytes(pdu))
        return True

    def configure(self, connection: Connection, characteristic: GuardedCharacteristic, value: bytes) -> None:
        """Take a host's client configuration; raises `att.ATT_Error` for another length than two bytes."""
        if len(value) != 2:
            raise att.ATT_Error(error_code=att.ErrorCode.INVALID_ATTRIBUTE_LENGTH)
        self.write_cccd(connection, characteristic, value)

    def write_cccd(self, bearer: att.Bearer, characteristic: gatt.Characteristic[bytes], value: bytes) -> None:
        """Take a host's client configuration, then call `on_subscription`."""
        super().write_cccd(bearer, characteristic, value)
        self._on_subscription(bearer)

    def subscriptions(self, connection: Connection) -> dict[int, int]:
        """Return a host's client configurations by handle."""
        values = self.subscribers.get(connection, {})
        return {handle: int.from_bytes(value, "little") for handle, value in values.items()}

    def resubscribe(self, connection: Connection, kept: Mapping[int, int]) -> None:
        """Restore a host's client configurations of an earlier connection, except those that it has already changed.

        Configurations of characteristics that the table does not have (any more) are left out, and so are bits that a
        characteristic does not use.
        """
        known = self.subscribers.setdefault(connection, {})
        for handle, value in kept.items():
            attribute = self.get_attribute(handle)
            if isinstance(attribute, gatt.Characteristic):
                known.setdefault(handle, (value & _configurable(attribute.properties)).to_bytes(2, "little"))

    def on_att_write_request(self, bearer: att.Bearer, request: att.ATT_Write_Request) -> None:
        """Write Request: refused for attributes that no host may write."""
        if self._writable(bearer, request, request.attribute_handle):
            super().on_att_write_request(bearer, request)

    def on_att_write_command(self, bearer: att.Bearer, request: att.ATT_Write_Command) -> None:
        """Write Command: ignored where the table has no write without response, or from hosts the gate refuses."""
        attribute = self.get_attribute(request.attribute_handle)
        if (
            isinstance(attribute, GuardedCharacteristic)
            and attribute.properties & gatt.Characteristic.Properties.WRITE_WITHOUT_RESPONSE
            and attribute.allows_writing(bearer)
        ):
            super().on_att_write_command(bearer, request)

    def on_att_prepare_write_request(self, bearer: att.Bearer, request: att.ATT_Prepare_Write_Request) -> None:
        """Prepare Write Request: refused for attributes that no host may write."""
        if self._writable(bearer, request, request.attribute_handle):
            super().on_att_prepare_write_request(bearer, request)

    def on_att_find_by_type_value_request(
        self, bearer: att.Bearer, request: att.ATT_Find_By_Type_Value_Request
    ) -> None:
        """Find By Type Value Request: for services only, so that no value that needs a bond can be guessed."""
        if request.attribute_type == gatt.GATT_PRIMARY_SERVICE_ATTRIBUTE_TYPE:
            super().on_att_find_by_type_value_request(bearer, request)
        else:
            self._refuse(bearer, request, request.starting_handle, att.ErrorCode.ATTRIBUTE_NOT_FOUND)

    def on_att_read_multiple_request(self, bearer: att.Bearer, request: att.ATT_Read_Multiple_Request) -> None:
        """Read Multiple Request: optional, and not offered."""
        self._refuse(bearer, request, 0, att.ErrorCode.REQUEST_NOT_SUPPORTED)

    def on_att_read_multiple_variable_request(
        self, bearer: att.Bearer, request: att.ATT_Read_Multiple_Variable_Request
    ) -> None:
        """Read Multiple Variable Request: optional, and not offered."""
        self._refuse(bearer, request, 0, att.ErrorCode.REQUEST_NOT_SUPPORTED)

    def on_att_handle_value_confirmation(
        self,
        bearer: att.Bearer,
        confirmation: att.ATT_Handle_Value_Confirmation,  # noqa: ARG002 - it carries nothing
    ) -> None:
        """Handle Value Confirmation: passed on to the sender of the indication."""
        self._on_confirmation(bearer)

    def _writable(self, bearer: att.Bearer, request: att.ATT_PDU, handle: int) -> bool:
        attribute = self.get_attribute(handle)
        if attribute is None or attribute.permissions & _PERMISSIONS.WRITEABLE:
            return True
        self._refuse(bearer, request, handle, att.ErrorCode.WRITE_NOT_PERMITTED)
        return False

    def _refuse(self, bearer: att.Bearer, request: att.ATT_PDU, handle: int, error: att.ErrorCode) -> None:
        self.send_response(
            bearer,
            att.ATT_Error_Response(
                request_opcode_in_error=request.op_code, attribute_handle_in_error=handle, error_code=error
            ),
        )


_NOTIFY: Final = 0x01
_INDICATE: Final = 0x02


def _configurable(properties: gatt.Characteristic.Properties) -> int:
    """Return the bits that may be set in the client configuration of a characteristic."""
    allowed = gatt.Characteristic.Properties
    return (_NOTIFY if properties & allowed.NOTIFY else 0) | (_INDICATE if properties & allowed.INDICATE else 0)


def _generic_attribute_service() -> GenericAttributeProfileService:
    service = GenericAttributeProfileService()
    features = service.client_supported_features_characteristic
    if features is not None:
        # Hosts may set bits in it, which has no effect: a host that has not noticed the new table is not refused. A
        # value that one host writes is not kept for others to read.
        features.value = att.AttributeValue(lambda _connection: bytes(1), lambda _connection, _value: None)
    return service

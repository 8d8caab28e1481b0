"""Attributes that check the connected host before they answer.

bumble takes any encrypted link as authenticated, leaves client configuration descriptors open to every host, and does
not check the permission to write. The gate here decides, for every request that can reach an attribute.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from bumble import att, gatt

from glowsim.evidence.defects import note_defect
from glowtool.protocol.gatt import Access, Property

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bumble.device import Connection

    from glowtool.protocol import gatt as table

    #: Returns why a connection may not use a protected attribute; None when it may.
    Gate = Callable[[Connection], att.ErrorCode | None]
    Read = Callable[[Connection], bytes]
    Write = Callable[[Connection, bytes], None]

_PERMISSIONS = att.Attribute.Permissions

_READ_PROTECTED: Final = _PERMISSIONS.READ_REQUIRES_ENCRYPTION | _PERMISSIONS.READ_REQUIRES_AUTHENTICATION
_WRITE_PROTECTED: Final = _PERMISSIONS.WRITE_REQUIRES_ENCRYPTION | _PERMISSIONS.WRITE_REQUIRES_AUTHENTICATION

_WRITES: Final = Property.WRITE | Property.WRITE_WITHOUT_RESPONSE
_SUBSCRIBES: Final = Property.NOTIFY | Property.INDICATE


class GuardedCharacteristic(gatt.Characteristic[bytes]):
    """A characteristic of the roller, made from its row of the table.

    `read` and `write` are called with the connection, and raise `att.ATT_Error` to refuse. `on_defect` is called when
    one of them fails in any other way.
    """

    def __init__(
        self,
        row: table.Characteristic,
        gate: Gate,
        on_defect: Callable[[], None],
        read: Read | None = None,
        write: Write | None = None,
    ) -> None:
        properties = gatt.Characteristic.Properties(int(row.properties))
        super().__init__(row.uuid, properties, _permissions(row), _value(read, write))
        self.row = row
        self._gate = gate
        self.on_defect = on_defect

    @property
    def protected(self) -> bool:
        """Whether a host needs an authenticated bond."""
        return self.row.access is Access.AUTHENTICATED

    @property
    def subscribable(self) -> bool:
        """Whether the characteristic notifies or indicates."""
        return bool(self.row.properties & _SUBSCRIBES)

    def allows_writing(self, bearer: att.Bearer) -> bool:
        """Whether the host may write the value."""
        try:
            _check(self, bearer, self._gate if self.protected else None, _PERMISSIONS.WRITEABLE)
        except att.ATT_Error:
            return False
        return True

    async def read_value(self, bearer: att.Bearer) -> bytes:
        """Return the value; raises `att.ATT_Error` when the host may not read it."""
        _check(self, bearer, self._gate if self.protected else None, _PERMISSIONS.READABLE)
        with _answered(self):
            return await super().read_value(bearer)

    async def write_value(self, bearer: att.Bearer, value: bytes) -> None:
        """Take a value; raises `att.ATT_Error` when the host may not write it."""
        _check(self, bearer, self._gate if self.protected else None, _PERMISSIONS.WRITEABLE)
        with _answered(self):
            await super().write_value(bearer, value)


@contextmanager
def _answered(characteristic: GuardedCharacteristic) -> Iterator[None]:
    """Answer for a failed handler with Unlikely Error, as bumble does not, and tell the firmware."""
    try:
        yield
    except att.ATT_Error:
        raise
    except Exception as error:
        note_defect(characteristic.row.name, error)
        characteristic.on_defect()
        raise att.ATT_Error(error_code=att.ErrorCode.UNLIKELY_ERROR, att_handle=characteristic.handle) from error


class GuardedSubscription(gatt.Descriptor):
    """The client configuration of a characteristic, protected like the characteristic itself."""

    def __init__(self, characteristic: GuardedCharacteristic, gate: Gate, read: Read, write: Write) -> None:
        permissions = _PERMISSIONS.READABLE | _PERMISSIONS.WRITEABLE
        if characteristic.protected:
            permissions |= _READ_PROTECTED | _WRITE_PROTECTED
        super().__init__(gatt.GATT_CLIENT_CHARACTERISTIC_CONFIGURATION_DESCRIPTOR, permissions, _value(read, write))
        self._gate = gate if characteristic.protected else None

    async def read_value(self, bearer: att.Bearer) -> bytes:
        """Return the host's own configuration."""
        _check(self, bearer, self._gate, _PERMISSIONS.READABLE)
        value: bytes = await super().read_value(bearer)
        return value

    async def write_value(self, bearer: att.Bearer, value: bytes) -> None:
        """Change the host's own configuration."""
        _check(self, bearer, self._gate, _PERMISSIONS.WRITEABLE)
        await super().write_value(bearer, value)


def _check(
    attribute: att.Attribute[bytes], bearer: att.Bearer, gate: Gate | None, needed: att.Attribute.Permissions
) -> None:
    error = None
    if not attribute.permissions & needed:
        reading = needed is _PERMISSIONS.READABLE
        error = att.ErrorCode.READ_NOT_PERMITTED if reading else att.ErrorCode.WRITE_NOT_PERMITTED
    elif gate is not None:
        error = gate(bearer.connection if att.is_enhanced_bearer(bearer) else bearer)
    if error is not None:
        raise att.ATT_Error(error_code=error, att_handle=attribute.handle)


def _permissions(row: table.Characteristic) -> att.Attribute.Permissions:
    permissions = _PERMISSIONS(0)
    if row.properties & Property.READ:
        permissions |= _PERMISSIONS.READABLE
    if row.properties & _WRITES:
        permissions |= _PERMISSIONS.WRITEABLE
    if row.access is Access.AUTHENTICATED:
        permissions |= _READ_PROTECTED | _WRITE_PROTECTED
    return permissions


def _value(read: Read | None, write: Write | None) -> att.AttributeValue[bytes]:
    return att.AttributeValue(read, write)

"""The bytes of a capture: ATT operations as the HCI packets that a controller carries, in btsnoop's format.

The format is that of RFC 1761 with the datalink H4 (1002), as Wireshark and BlueZ read it. Each packet is one ACL
packet with a whole L2CAP frame on the channel of ATT (Core Specification, Vol 3, Part A, 3.1, and Part F, 3.4).
"""

from __future__ import annotations

import enum
import struct
from dataclasses import dataclass
from typing import Final

_IDENTIFICATION: Final = b"btsnoop\0"
_VERSION: Final = 1
_DATALINK_H4: Final = 1002

#: Microseconds from the year 0 to 1970, by which btsnoop counts.
_YEAR_0_US: Final = 0x00DC_DDB3_0F2F_8000

_H4_ACL: Final = 0x02
_ATT_CHANNEL: Final = 0x0004
#: Packet boundary flags: the first, automatically flushable, from a controller; the first, not flushable, from a host.
_FROM_CONTROLLER, _FROM_HOST = 0x2000, 0x0000

#: What arrives, and what is sent, in the flags of a record.
_SENT, _RECEIVED = 0, 1


class Op(enum.Enum):
    """An ATT operation: its opcode, whether it is sent by this host, and its name in JSON."""

    MTU_REQUEST = (0x02, True, "mtu_request")
    MTU_RESPONSE = (0x03, False, "mtu_response")
    DECLARATION_REQUEST = (0x08, True, "declaration_request")
    DECLARATION_RESPONSE = (0x09, False, "declaration")
    READ_REQUEST = (0x0A, True, "read_request")
    READ_RESPONSE = (0x0B, False, "read")
    WRITE_REQUEST = (0x12, True, "write")
    WRITE_RESPONSE = (0x13, False, "written")
    NOTIFICATION = (0x1B, False, "notification")
    INDICATION = (0x1D, False, "indication")
    CONFIRMATION = (0x1E, True, "confirmation")
    WRITE_COMMAND = (0x52, True, "write_command")

    @property
    def opcode(self) -> int:
        """Its opcode."""
        return self.value[0]

    @property
    def is_sent(self) -> bool:
        """Whether this host sends it."""
        return self.value[1]

    @property
    def key(self) -> str:
        """Its name in JSON."""
        return self.value[2]


@dataclass(frozen=True, slots=True)
class Captured:
    """One operation: when (unix µs), on which connection (its HCI handle), and its parameters after the opcode.

    `uuid` names the characteristic, empty where it is about none; `value` is the characteristic's value in it.
    """

    time_us: int
    connection: int
    op: Op
    parameters: bytes
    uuid: str = ""
    handle: int = 0
    value: bytes = b""


def file_header() -> bytes:
    """Return the head of a btsnoop file."""
    return _IDENTIFICATION + struct.pack(">II", _VERSION, _DATALINK_H4)


def record(captured: Captured, dropped: int) -> bytes:
    """Return an operation as a record of a btsnoop file; `dropped` is how many were left out before it."""
    packet = h4_packet(captured)
    flags = _SENT if captured.op.is_sent else _RECEIVED
    stamp = captured.time_us + _YEAR_0_US
    return struct.pack(">IIIIq", len(packet), len(packet), flags, dropped, stamp) + packet


def h4_packet(captured: Captured) -> bytes:
    """Return an operation as an HCI ACL packet behind its H4 indicator."""
    att = bytes((captured.op.opcode,)) + captured.parameters
    l2cap = struct.pack("<HH", len(att), _ATT_CHANNEL) + att
    boundary = _FROM_HOST if captured.op.is_sent else _FROM_CONTROLLER
    return struct.pack("<BHH", _H4_ACL, captured.connection | boundary, len(l2cap)) + l2cap


def declaration(handle: int, properties: int, value_handle: int, uuid: bytes) -> bytes:
    """Return the parameters of a response that declares one characteristic; `uuid` is little-endian."""
    entry = struct.pack("<HBH", handle, properties, value_handle) + uuid
    return bytes((len(entry),)) + entry

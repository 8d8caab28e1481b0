"""The kernel's management socket: facts about a controller that D-Bus does not show and that any user may read.

Protocol: doc/mgmt-api.txt of BlueZ. Read Controller Information needs no privilege.
"""

from __future__ import annotations

import ctypes
import os
import socket
import struct
from contextlib import closing
from dataclasses import dataclass
from typing import Final

_AF_BLUETOOTH: Final = 31
_BTPROTO_HCI: Final = 1
_NO_DEVICE: Final = 0xFFFF
_CONTROL_CHANNEL: Final = 3

_READ_INFORMATION: Final = 0x0004
_COMMAND_COMPLETE: Final = 0x0001
_COMMAND_STATUS: Final = 0x0002

_HEADER: Final = struct.Struct("<HHH")
_ANSWER: Final = struct.Struct("<HB")
_INFORMATION: Final = struct.Struct("<6sBHII")

_POWERED: Final = 1 << 0
_LOW_ENERGY: Final = 1 << 9
_SECURE_CONNECTIONS: Final = 1 << 11

_TIMEOUT_S: Final = 1.0
_LONGEST: Final = 1024
#: Other events may come before the answer.
_PACKETS: Final = 20


@dataclass(frozen=True, slots=True)
class Controller:
    """A controller as the kernel knows it; `core_number` is the number of its version of the core specification."""

    core_number: int
    powered: bool
    low_energy: bool
    secure_connections: bool


def read_controller(name: str) -> Controller | None:
    """Return the kernel's facts about the adapter (`hci0`), or None."""
    index = name.removeprefix("hci")
    if not index.isdigit():
        return None
    try:
        with closing(_open()) as channel:
            channel.send(_HEADER.pack(_READ_INFORMATION, int(index), 0))
            for _ in range(_PACKETS):
                answer = channel.recv(_LONGEST)
                if _answers(answer):
                    return decode_information(answer)
    except (OSError, AttributeError, struct.error):
        # No Bluetooth in this kernel, no such socket on this system, or no answer in time.
        return None
    return None


def decode_information(packet: bytes) -> Controller | None:
    """Return the controller that an answer to Read Controller Information describes; None for a failure."""
    event, _, _ = _HEADER.unpack_from(packet)
    _, status = _ANSWER.unpack_from(packet, _HEADER.size)
    if event != _COMMAND_COMPLETE or status:
        return None
    _, number, _, supported, current = _INFORMATION.unpack_from(packet, _HEADER.size + _ANSWER.size)
    return Controller(
        core_number=number,
        powered=bool(current & _POWERED),
        low_energy=bool(supported & _LOW_ENERGY),
        secure_connections=bool(supported & _SECURE_CONNECTIONS),
    )


def _answers(packet: bytes) -> bool:
    event, _, _ = _HEADER.unpack_from(packet)
    if event not in {_COMMAND_COMPLETE, _COMMAND_STATUS}:
        return False
    return bool(_ANSWER.unpack_from(packet, _HEADER.size)[0] == _READ_INFORMATION)


def _open() -> socket.socket:
    channel = socket.socket(_AF_BLUETOOTH, socket.SOCK_RAW | socket.SOCK_CLOEXEC, _BTPROTO_HCI)
    try:
        channel.settimeout(_TIMEOUT_S)
        _bind(channel)
    except BaseException:
        channel.close()
        raise
    return channel


def _bind(channel: socket.socket) -> None:
    """Bind to the control channel, by the C library: Python binds Bluetooth sockets to devices only."""
    address = struct.pack("=HHH", _AF_BLUETOOTH, _NO_DEVICE, _CONTROL_CHANNEL)
    library = ctypes.CDLL(None, use_errno=True)
    if library.bind(channel.fileno(), address, len(address)) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

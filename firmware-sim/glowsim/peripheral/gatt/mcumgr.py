"""The minimal answer to MCUmgr's Simple Management Protocol: no well-formed request is supported yet.

Header: op, flags, length (big-endian), group (big-endian), sequence, id; then a CBOR map.
"""

from __future__ import annotations

import struct
from typing import Final

_HEADER: Final = struct.Struct(">BBHHBB")

#: The low three bits of the first byte are the operation; the two bits above are the version of the header.
_OPERATION_MASK: Final = 0x07
_RESPONSE_TO: Final = {0: 1, 2: 3}

#: CBOR for {"rc": 8}, MGMT_ERR_ENOTSUP.
_NOT_SUPPORTED: Final = bytes.fromhex("a162726308")


def answer(request: bytes) -> bytes | None:
    """Return the answer to a request; None for bytes that are not a request, which are ignored."""
    if len(request) < _HEADER.size:
        return None
    first, _flags, length, group, sequence, command = _HEADER.unpack_from(request)
    response = _RESPONSE_TO.get(first & _OPERATION_MASK)
    if response is None or length != len(request) - _HEADER.size:
        return None
    head = (first & ~_OPERATION_MASK & 0xFF) | response
    return _HEADER.pack(head, 0, len(_NOT_SUPPORTED), group, sequence, command) + _NOT_SUPPORTED

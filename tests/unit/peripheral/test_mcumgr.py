"""The Simple Management Protocol gets a matching answer or none, for any bytes."""

from __future__ import annotations

import struct

from hypothesis import example, given
from hypothesis import strategies as st

from glowsim.peripheral.gatt.mcumgr import answer


def test_an_echo_request_is_answered_as_not_supported() -> None:
    # Version 1, read; group OS (0), sequence 66, command echo (0); {"d": "hi"}.
    request = bytes.fromhex("0800000600004200a16164626869")
    assert answer(request) == bytes.fromhex("0900000500004200a162726308")


@given(st.binary(max_size=64))
@example(bytes(8))
def test_any_bytes_get_a_matching_answer_or_none(data: bytes) -> None:
    response = answer(data)
    well_formed = len(data) >= 8 and struct.unpack_from(">H", data, 2)[0] == len(data) - 8 and data[0] & 7 in {0, 2}
    assert (response is not None) == well_formed
    if response is not None:
        assert response[0] == data[0] + 1
        assert response[4:8] == data[4:8]
        assert response[8:] == bytes.fromhex("a162726308")

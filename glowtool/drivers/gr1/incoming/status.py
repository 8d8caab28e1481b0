"""The roller's status as it comes over the air, in people's units: here it leaves the wire."""

from __future__ import annotations

from glowtool.model.status import Status
from glowtool.protocol.status import Status as WireStatus
from glowtool.protocol.wire import decode, size_of


def is_cut(data: bytes | bytearray) -> bool:
    """Return whether the MTU has cut a notified status, so that it has to be read."""
    return len(data) < size_of(WireStatus)


def status_in(data: bytes | bytearray) -> Status:
    """Return the status in a notification or in what was read; raises `DecodeError`."""
    said = decode(WireStatus, data)
    return Status(
        state=said.state,
        step=said.step_index,
        steps=said.steps,
        battery_percent=said.battery_percent,
        interlocks=said.interlocks,
        faults=said.faults,
        levels=said.outputs.levels,
        step_elapsed_ms=said.step_elapsed_ms,
        massage_elapsed_ms=said.massage_elapsed_ms,
        vibration_percent=said.vibration_percent,
        current_percent=said.current_percent,
        device_time_us=said.device_time_us,
        unix_ms=said.unix_ms,
    )

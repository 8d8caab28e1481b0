"""Opening a roller from the command line: with the gate, and with its clock set."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from bleak.backends.device import BLEDevice

    from glowtool.device.roller import Roller
    from glowtool.link.adapter import Adapter


def open_roller(adapter: Adapter, device: BLEDevice) -> AbstractAsyncContextManager[Roller]:
    """Return the context of a connected roller whose every command goes through the gate."""
    from glowtool.device.roller import Roller
    from glowtool.safety import Gate

    return Roller.open(lambda lost: adapter.client(device, lost), Gate())

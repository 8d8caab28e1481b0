"""The Linux kernel's Bluetooth, plugged into the virtual air: a controller behind /dev/vhci."""

from __future__ import annotations

import asyncio
import logging
import os
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from glowsim.air.air import Air
    from glowsim.air.controller import VirtualController

DEVICE: Final = "/dev/vhci"

#: H4 packet type of the device's own two packets, and "a primary controller" (drivers/bluetooth/hci_vhci.c).
_VENDOR: Final = 0xFF
_PRIMARY: Final = 0x00

_LONGEST_PACKET: Final = 4096
_LOG: Final = logging.getLogger(__name__)


class _Kernel:
    """The kernel as a controller's host. The device carries one H4 packet with each read and each write."""

    def __init__(self) -> None:
        self._device = os.open(DEVICE, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        self._closed = False
        os.write(self._device, bytes((_VENDOR, _PRIMARY)))

    def read_into(self, controller: VirtualController) -> None:
        """Pass what the kernel sends on to the controller, from now on."""

        def read() -> None:
            packet = os.read(self._device, _LONGEST_PACKET)
            if packet and packet[0] != _VENDOR:
                controller.on_packet(packet)

        asyncio.get_running_loop().add_reader(self._device, read)

    def on_packet(self, packet: bytes) -> None:
        """Take a packet of the controller."""
        if not self._closed:
            os.write(self._device, packet)

    def close(self) -> None:
        """Unplug: the kernel's adapter disappears."""
        self._closed = True
        asyncio.get_running_loop().remove_reader(self._device)
        os.close(self._device)


@asynccontextmanager
async def kernel_on(air: Air, name: str = "kernel") -> AsyncIterator[VirtualController]:
    """Give the kernel a controller on this air for the time of the block: its next adapter, usually hci0.

    The controller has no public address: the kernel takes a random static one, without which the air carries nothing.
    """
    kernel = _Kernel()
    try:
        async with air.attach(name) as controller:
            controller.set_packet_sink(kernel)
            kernel.read_into(controller)
            yield controller
    finally:
        kernel.close()

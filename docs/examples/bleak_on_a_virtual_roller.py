"""A program written for bleak, on glowtool's backend: find a roller, connect, read, and hear its status.

    python docs/examples/bleak_on_a_virtual_roller.py                      # a virtual roller of its own
    python docs/examples/bleak_on_a_virtual_roller.py tcp:127.0.0.1:9477   # one that `glowsim serve` runs
    python docs/examples/bleak_on_a_virtual_roller.py usb:0                # a USB dongle, without the system's stack

Between `open_adapter` and the end of its block, everything is bleak's own API; only `backend=` is added.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from bleak import BleakClient, BleakScanner

from glowtool.link.adapters import AdapterSpec, open_adapter
from glowtool.protocol.gatt import FIRMWARE_REVISION, MODEL_NUMBER, ROLLER_SERVICE


async def main(spec: str, folder: Path) -> None:
    """Scan, connect and read over the adapter that `spec` names; bonds and a virtual roller's state go to `folder`."""
    async with open_adapter(
        AdapterSpec.parse(spec), bonds_dir=folder / "bonds", state_dir=folder / "state", announce=print
    ) as adapter:
        scanner = BleakScanner(service_uuids=[ROLLER_SERVICE.uuid], backend=adapter.scanner_backend)
        async with scanner:
            async for device, advertisement in scanner.advertisement_data():
                print(f"heard {advertisement.local_name} ({device.address}), {advertisement.rssi} dBm")
                if advertisement.local_name:
                    break

        async with BleakClient(device, backend=adapter.client_backend) as client:
            for what in (MODEL_NUMBER, FIRMWARE_REVISION):
                value = await client.read_gatt_char(what.uuid)
                print(f"{what.name}: {bytes(value).decode()}")
            print(f"MTU {client.mtu_size}, {len(client.services.services)} services")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "sim", Path(temporary)))

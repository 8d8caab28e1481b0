"""Make ten thousand random writes of many packets over bumble's link, and count those that arrived changed."""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from pathlib import Path
from random import Random

from glowtool.link.bumble.adapter import open_bumble_adapter
from glowtool.link.scan import find_device
from support.air.tiny_peripheral import CuttableTransport, TinyPeripheral, new_air
from support.host.long_writes import write_at_random


async def main(writes: int, seed: int, mtu: int) -> None:
    """Do the writes and print what became of them."""
    air = new_air()
    peripheral = TinyPeripheral(air)
    peripheral.device.gatt_server.max_mtu = mtu
    await peripheral.start()
    with tempfile.TemporaryDirectory() as folder:
        async with open_bumble_adapter("test", CuttableTransport(air), Path(folder)) as adapter:
            device = await find_device(adapter, "tiny", 5.0)
            async with adapter.client(device) as client:
                tally = await write_at_random(client, peripheral, Random(seed), writes)
                agreed = client.mtu_size
    print(f"seed {seed}, MTU {agreed}, {writes} writes of up to 512 bytes, up to 4 together: {tally}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--writes", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--mtu", type=int, default=247, help="the largest that the peer takes, from 23")
    given = parser.parse_args()
    asyncio.run(main(given.writes, given.seed, given.mtu))

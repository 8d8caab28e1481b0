"""Strangers that want a roller's link: they hold it or come again and again, under one address or many."""

from __future__ import annotations

import asyncio
import random
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bumble import core, hci
from bumble.device import Connection

from glowsim.peripheral.advertising.privacy import resolvable_address
from support.air.radio import host_on_air

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from bumble.device import Device

    from glowsim.air.air import Air

#: Not the key that hosts of these tests have.
IRK = bytes(range(100, 116))


@dataclass(frozen=True, slots=True)
class Manner:
    """The behaviour of a stranger: its longest hold of a link, and whether it takes another address each time."""

    hold_s: float
    renews: bool = False
    private: bool = False


MANNERS = {
    "holds": Manner(1e6),
    "holds, ever new": Manner(1e6, renews=True),
    "holds, ever new private ones": Manner(1e6, renews=True, private=True),
    "leaves before its time": Manner(9.0, renews=True),
    "comes and goes": Manner(0.0),
    "comes and goes, ever new": Manner(0.0, renews=True),
}


@dataclass(slots=True)
class Strangers:
    """The links of strangers: when each was made, by the loop's clock, and how long each lasted.

    `over` ends them: a cancellation alone does not, since bumble's commands lose one that comes with the answer.
    """

    made_s: list[float] = field(default_factory=list)
    lasted_s: list[float] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)


@asynccontextmanager
async def strangers(air: Air, target: Callable[[], str], *manners: Manner) -> AsyncIterator[Strangers]:
    """Have a stranger of each manner want the link of the roller that goes by `target`, for the time of the block."""
    done = Strangers()
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_pester(air, target, manner, number, done)) for number, manner in enumerate(manners)]
        yield done
        done.over.set()
        for task in tasks:
            task.cancel()


async def _pester(air: Air, target: Callable[[], str], manner: Manner, number: int, done: Strangers) -> None:
    chance = random.Random(f"stranger {number}")  # noqa: S311 - reproducible on purpose
    clock = asyncio.get_running_loop().time
    async with host_on_air(air, address=f"C6:00:00:00:00:{number:02X}") as host:
        while not done.over.is_set():
            if manner.renews:
                await _renew(host.device, manner, chance)
            with suppress(core.BaseBumbleError):
                connection = await host.device.connect(hci.Address(target()))
                began_s = clock()
                if not done.over.is_set() and await _hold(host.device, connection, manner.hold_s):
                    done.made_s.append(began_s)
                    done.lasted_s.append(clock() - began_s)
            # Even the quickest host needs an event or two to begin anew.
            await asyncio.sleep(0.005)


async def _hold(device: Device, connection: Connection, hold_s: float) -> bool:
    """Hold a link until it ends or the time is over; returns whether the roller took it at all."""
    if connection.handle not in device.connections:
        return False
    gone: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    connection.on(Connection.EVENT_DISCONNECTION, gone.set_result)
    await asyncio.wait({gone}, timeout=max(hold_s, 0.01))
    if not gone.done():
        await connection.disconnect()
        return True
    return gone.result() != hci.HCI_ErrorCode.CONNECTION_FAILED_TO_BE_ESTABLISHED_ERROR


async def _renew(device: Device, manner: Manner, chance: random.Random) -> None:
    if manner.private:
        address = resolvable_address(IRK, chance)
    else:
        octets = bytearray(chance.randbytes(6))
        octets[5] |= 0xC0
        address = hci.Address(bytes(octets), hci.AddressType.RANDOM_DEVICE)
    await device.send_sync_command(hci.HCI_LE_Set_Random_Address_Command(random_address=address))
    device.random_address = address

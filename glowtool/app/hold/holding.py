"""Using a roller from the command line: held by one glowtool at a time, stoppable from another terminal, and noted."""

from __future__ import annotations

import asyncio
import os
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from glowtool.app.hold.control import Stopped, listening
from glowtool.cli.stopping import stop_once
from glowtool.errors import GlowtoolError, StoreError, WeakPairingError
from glowtool.units import MILLISECONDS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from contextlib import AbstractAsyncContextManager

    from bleak.backends.device import BLEDevice

    from glowtool.cli.options import Options
    from glowtool.device.retrying import Attempt
    from glowtool.drivers.gr1.identity import Identity
    from glowtool.drivers.gr1.roller import Roller
    from glowtool.link.adapter import Adapter
    from glowtool.link.pairing import SecurityLevel


class Held:
    """A roller that this command holds, and whoever waits for it to be stopped.

    Tell it what becomes of the roller: `seen` once it is open, `zero` whenever its outputs are confirmed zero.
    """

    def __init__(self, options: Options, address: str, *, stoppable: bool = True) -> None:
        self.address = address
        self._stoppable = stoppable
        self._options = options
        self._clock = asyncio.get_running_loop().time
        self._asked_s: float | None = None
        self._stopped: asyncio.Future[Stopped] = asyncio.get_running_loop().create_future()

    @property
    def asked(self) -> bool:
        """Whether another terminal asked for a stop."""
        return self._asked_s is not None

    def zero(self, stop_ms: float | None, *, confirmed: bool = True) -> None:
        """Answer those who asked for a stop; the first answer counts. `stop_ms` is the time since, None: until now."""
        if stop_ms is None and confirmed and self._asked_s is not None:
            stop_ms = (self._clock() - self._asked_s) * MILLISECONDS_PER_SECOND
        if not self._stopped.done():
            self._stopped.set_result(Stopped(confirmed=confirmed, stop_ms=stop_ms))

    async def stop(self) -> Stopped:
        """Stop the command as one Ctrl-C does, and return how that went."""
        if self._asked_s is None:
            self._asked_s = self._clock()
        if self._stoppable:
            stop_once()
        return await asyncio.shield(self._stopped)

    def require_bond(self, level: SecurityLevel | None) -> None:
        """Raise `WeakPairingError` when the bond proves less than that with which the roller was paired.

        So a pairing leaves it that was killed before it was known with what it was made. Nothing is asked of a command
        that stops the roller: that harms nobody, whatever answers.
        """
        from glowtool.link.pairing import SecurityLevel
        from glowtool.store.rollers.registry import DeviceRegistry

        known = DeviceRegistry(self._options.root).of(self.address)
        if known is None or known.paired is None or not self._stoppable:
            return
        if level is SecurityLevel.UNAUTHENTICATED and known.gives_up(level):
            raise WeakPairingError(
                f"{known.spoken} was {known.how_paired}, and the bond that is kept now was made without a check: "
                "another device may answer in its place; pair again with the digits "
                f"(`glowtool pair --repair {self.address}`), or forget it first "
                f"(`glowtool devices forget {self.address}`)"
            )

    def seen(self, identity: Identity, battery_percent: int, level: SecurityLevel | None = None) -> None:
        """Note in the registry that the roller answered, what it said, and what the bond proves.

        A full disk is said, no more.
        """
        from datetime import UTC, datetime

        from glowtool.cli.terminal.output import Output
        from glowtool.store.rollers.registry import DeviceRegistry

        try:
            DeviceRegistry(self._options.root).saw(
                self.address,
                datetime.now(UTC),
                serial=identity.serial,
                model=identity.model,
                firmware=identity.firmware,
                battery_percent=battery_percent,
                level=level,
            )
        except StoreError as error:
            Output(self._options).problem(f"glowtool: that the roller was seen is not noted: {error}")


@asynccontextmanager
async def holding(options: Options, address: str, command: str, *, stoppable: bool = True) -> AsyncIterator[Held]:
    """Hold the roller of that address for the time of the block; `InUseError` at once when another glowtool does.

    Meanwhile `glowtool stop` in another terminal stops this command as one Ctrl-C does, and is answered as soon as
    `Held.zero` is called, at the latest at the end of the block: enter it before the adapter is opened. A
    command that stops the roller anyway is not `stoppable`: who asks it waits for its answer.
    """
    from datetime import UTC, datetime

    from glowtool.cli.runtime import close_data, make_private_dir
    from glowtool.kit.process import start_of
    from glowtool.store.rollers.in_use import Holder, hold, lock_path
    from glowtool.store.rollers.registry import DeviceRegistry

    close_data(make_private_dir(options.root))
    known = DeviceRegistry(options.root).of(address)
    name = known.spoken if known else ""
    pid, now_utc = os.getpid(), datetime.now(UTC)
    holder = Holder(command, pid, now_utc, address, name, started=start_of(pid))
    held = Held(options, address, stoppable=stoppable)
    with hold(options.root, holder) as note:
        async with listening(lock_path(options.root, address).with_suffix(".sock"), held.stop) as control:
            note(replace(holder, control=control))
            try:
                yield held
            finally:
                held.zero(None, confirmed=False)


def open_roller(
    adapter: Adapter,
    device: BLEDevice,
    held: Held | None = None,
    *,
    tell: Callable[[Attempt], None] | None = None,
) -> AbstractAsyncContextManager[Roller]:
    """Return the context of a connected roller whose every command goes through the gate; `held` is told of it.

    `tell` hears of every attempt to connect that failed, and of the next.
    """
    from glowtool.device.retrying import untold
    from glowtool.drivers.gr1.roller import Roller
    from glowtool.link.backoff import CONNECTING
    from glowtool.safety import Gate

    opening = Roller.open(lambda lost: adapter.client(device, lost), Gate(), patience=CONNECTING, tell=tell or untold)
    return opening if held is None else _telling(opening, held, adapter)


@asynccontextmanager
async def _telling(opening: AbstractAsyncContextManager[Roller], held: Held, adapter: Adapter) -> AsyncIterator[Roller]:
    level = await adapter.bond_level(held.address)
    held.require_bond(level)
    async with opening as roller:
        held.seen(roller.identity, roller.battery_percent, level)
        try:
            yield roller
        finally:
            if held.asked:
                with suppress(GlowtoolError):  # it is then not confirmed, and whoever asked sees to it
                    await roller.stop()
                    held.zero(None)

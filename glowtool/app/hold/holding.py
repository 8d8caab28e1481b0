"""The hold on a roller: one glowtool at a time, stoppable from another terminal, noted in the registry."""

from __future__ import annotations

import asyncio
import os
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from glowtool.app.hold.control import Stopped, listening
from glowtool.app.hold.interruption import STOPPER, Stopper
from glowtool.app.hold.requests import EMERGENCY, ask_of, reply_of
from glowtool.app.news import NotNoted, untold
from glowtool.app.place import make_ready
from glowtool.errors import StoreError, WeakPairingError
from glowtool.kit.system.process import start_of
from glowtool.link.pairing import SecurityLevel
from glowtool.store.rollers import in_use
from glowtool.store.rollers.in_use import Holder, hold, lock_path
from glowtool.store.rollers.registry import DeviceRegistry
from glowtool.units import MILLISECONDS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
    from contextlib import AbstractContextManager

    from glowtool.app.news import Tell
    from glowtool.app.place import Place
    from glowtool.device.identity import Identity
    from glowtool.session.news import Steered
    from glowtool.session.wishes import Ask
    from glowtool.store.rollers.known import KnownRoller


def holder_of(place: Place, known: KnownRoller) -> Holder | None:
    """Return the process that uses a roller now, or None."""
    return in_use.holder_of(place.root, known.address)


def holders(place: Place) -> tuple[Holder, ...]:
    """Return all processes that use a roller now, the earliest first."""
    return in_use.holders(place.root)


class Held:
    """A roller that this process holds, and the callers that wait for its stop.

    The user of the roller calls `seen` once it is open, and `zero` whenever its outputs are confirmed zero. A stop from
    outside calls `stopper`; with `stoppable`, so does one from another terminal.
    """

    def __init__(
        self,
        place: Place,
        address: str,
        *,
        stopper: Stopper | None = None,
        stoppable: bool = True,
        tell: Tell = untold,
    ) -> None:
        self.address = address
        self._stopper = stopper or Stopper()
        self._stoppable = stoppable
        self._place = place
        self._tell = tell
        self._clock = asyncio.get_running_loop().time
        self._asked_s: float | None = None
        self._steering: tuple[Callable[[Ask], Awaitable[Steered]], Callable[[], None]] | None = None
        self._stopped: asyncio.Future[Stopped] = asyncio.get_running_loop().create_future()

    @property
    def asked(self) -> bool:
        """Whether another terminal asked for a stop."""
        return self._asked_s is not None

    def stopping_by(self, stop: Callable[[], None]) -> AbstractContextManager[None]:
        """For the time of the block, let a stop call `stop` from the event loop instead of cancelling anything."""
        return self._stopper.does_instead(stop)

    def stop_once(self) -> None:
        """Stop the use of the roller as one Ctrl-C does, however often it is asked."""
        self._stopper.once()

    @contextmanager
    def steering_by(
        self, steer: Callable[[Ask], Awaitable[Steered]], emergency_stop: Callable[[], None]
    ) -> Iterator[None]:
        """For the time of the block, let another terminal steer a massage, and stop it in an emergency."""
        self._steering = steer, emergency_stop
        try:
            yield
        finally:
            self._steering = None

    async def do(self, word: str, said: Mapping[str, object]) -> Mapping[str, object] | None:
        """Do what another terminal asks besides a stop, and return the answer; None: nothing here knows that word.

        A request that makes no sense is answered by why.
        """
        if self._steering is None:
            return None
        steer, emergency_stop = self._steering
        if word == EMERGENCY:
            if self._asked_s is None:
                self._asked_s = self._clock()
            emergency_stop()
            return asdict(await asyncio.shield(self._stopped))
        try:
            ask = ask_of(said)
        except (TypeError, ValueError) as error:
            return {"done": False, "why": str(error)}
        return None if ask is None else reply_of(await steer(ask))

    def zero(self, stop_ms: float | None, *, confirmed: bool = True) -> None:
        """Answer the callers that asked for a stop; the first answer counts. `stop_ms` None: the time until now."""
        if stop_ms is None and confirmed and self._asked_s is not None:
            stop_ms = (self._clock() - self._asked_s) * MILLISECONDS_PER_SECOND
        if not self._stopped.done():
            self._stopped.set_result(Stopped(confirmed=confirmed, stop_ms=stop_ms))

    async def stop(self) -> Stopped:
        """Stop the use of the roller as one Ctrl-C does, and return the result."""
        if self._asked_s is None:
            self._asked_s = self._clock()
        if self._stoppable:
            self._stopper.once()
        return await asyncio.shield(self._stopped)

    def require_bond(self, level: SecurityLevel | None) -> None:
        """Raise `WeakPairingError` when the bond proves less than the pairing with the roller did.

        A pairing that was killed before its method was noted leaves such a bond. A command that stops the roller is not
        checked: a stop harms nobody, whatever device answers.
        """
        known = DeviceRegistry(self._place.root).of(self.address)
        if known is None or known.paired is None or not self._stoppable:
            return
        if level is SecurityLevel.UNAUTHENTICATED and known.gives_up(level):
            raise WeakPairingError(
                f"{known.spoken} was {known.how_paired}, but the present bond was made without a check: "
                "another device may answer in its place",
                advice=(
                    "pair again with the digits "
                    f"(`glowtool pair --repair {self.address}`), or forget it first "
                    f"(`glowtool devices forget {self.address}`)"
                ),
            )

    def seen(self, identity: Identity, battery_percent: int, level: SecurityLevel | None = None) -> None:
        """Note in the registry that the roller answered, what it said, and what the bond proves.

        A full disk is reported, but stops nothing.
        """
        try:
            DeviceRegistry(self._place.root).saw(
                self.address,
                datetime.now(UTC),
                serial=identity.serial,
                model=identity.model,
                firmware=identity.firmware,
                battery_percent=battery_percent,
                level=level,
            )
        except StoreError as error:
            self._tell(NotNoted(error))


@asynccontextmanager
async def holding(
    place: Place, address: str, command: str, tell: Tell = untold, *, stoppable: bool = True
) -> AsyncIterator[Held]:
    """Hold the roller of that address for the time of the block; raise `InUseError` at once if another glowtool does.

    Meanwhile `glowtool stop` in another terminal stops the block as one Ctrl-C does. It is answered as soon as
    `Held.zero` is called, at the latest at the end of the block; so enter it before the adapter is opened. A command
    that stops the roller anyway is not `stoppable`: a caller waits for its answer.
    """
    make_ready(place, tell)
    known = DeviceRegistry(place.root).of(address)
    name = known.spoken if known else ""
    pid, now_utc = os.getpid(), datetime.now(UTC)
    holder = Holder(command, pid, now_utc, address, name, started=start_of(pid))
    with ExitStack() as stack:
        stopper = STOPPER.get(None)
        if stopper is None:
            stopper = Stopper()
            stack.enter_context(stopper.stops_this_task())
        held = Held(place, address, stopper=stopper, stoppable=stoppable, tell=tell)
        note = stack.enter_context(hold(place.root, holder))
        async with listening(lock_path(place.root, address).with_suffix(".sock"), held.stop, held.do) as control:
            note(replace(holder, control=control))
            try:
                yield held
            finally:
                held.zero(None, confirmed=False)

"""The pairing with a roller, once: find it, hold it, bond, open it over the bond, and only then make it known."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from glowtool.app.asks import Nobody, Repair, SameDigits, WithoutCheck
from glowtool.app.hold.holding import holding
from glowtool.app.news import Looking, NewIdentity, Pairing, SystemAsks, TryingBond, Unchecked, WrongPasskey, untold
from glowtool.app.rollers.adapters import adapter_of
from glowtool.app.rollers.downgrade import Remembered
from glowtool.app.rollers.finding import find_to_pair
from glowtool.app.rollers.opening import open_device
from glowtool.app.rollers.sighting import kind_of
from glowtool.app.routines import proposed_for
from glowtool.errors import InterruptedSessionError, MissingExtraError, PairingError, PasskeyWrongError, ProtocolError
from glowtool.link.pairing import PairingAnswers, SecurityLevel
from glowtool.link.refusal import full, is_closed, window_closed
from glowtool.store.rollers.known import KnownRoller, Paired
from glowtool.store.rollers.registry import DeviceRegistry

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from glowtool.app.asks import Asks
    from glowtool.app.news import Tell
    from glowtool.app.place import Place
    from glowtool.app.rollers.sighting import Sighting
    from glowtool.app.routines import Proposal
    from glowtool.device.identity import Identity
    from glowtool.drivers.kinds import DriverKind
    from glowtool.link.adapter import Adapter
    from glowtool.link.pairing import PairingMethod

#: A roller closes its pairing window after this many wrong passkeys; so do we.
ATTEMPTS: Final = 3


@dataclass(frozen=True, slots=True)
class Wish:
    """The roller to pair, and how to pair it.

    `device` is its name or address; None means the only one nearby. `attempts` limits the tries with wrong passkeys.
    `repair` replaces an existing bond; `yes` asks neither before that nor before pairing without a check.
    """

    device: str | None = None
    alias: str | None = None
    attempts: int = ATTEMPTS
    repair: bool = False
    yes: bool = False


@dataclass(frozen=True, slots=True)
class Bonded:
    """A roller that is paired, and what to begin with on it.

    `method` says how it was paired, None where a bond was taken up again that was kept here.
    """

    known: KnownRoller
    identity: Identity
    method: PairingMethod | None
    proposal: Proposal


async def pair(place: Place, asks: Asks = Nobody(), wish: Wish = Wish(), tell: Tell = untold) -> Bonded:  # noqa: B008 - frozen
    """Find a roller, bond with it, and make it known.

    Raises `DeviceNotFoundError`, `InUseError`, `PairingError`, `BondStaleError` when a bond kept here is no longer
    valid, `InterruptedSessionError` when the answer was no, and the errors of opening the roller.
    """
    registry = DeviceRegistry(place.root)
    async with adapter_of(place, tell) as adapter:
        tell(Looking(adapter.name))
        sighting = await find_to_pair(adapter, wish.device, registry.rollers(), tell, repair=wish.repair)
        registry.check_alias(wish.alias, sighting.is_known_as)
        remembered = await Remembered.of(adapter, registry.rollers(), sighting)
        if wish.repair or not await adapter.bonded(sighting.device.address):
            await remembered.ask_before(sighting, asks)
        async with holding(place, sighting.device.address, "pair", tell):
            bonding = Bonding(adapter, sighting, asks, wish, tell)
            if not wish.repair and await bonding.is_adoptable(registry):
                bonded = await bonding.adopt()
            else:
                bonded = await bonding.bond_anew(remembered)
            known = await remember(adapter, registry, bonded.known, tell)
    return replace(bonded, known=known)


async def remember(adapter: Adapter, registry: DeviceRegistry, entry: KnownRoller, tell: Tell) -> KnownRoller:
    """Make a roller known, and only then drop the bond of an identity that it no longer has."""
    former = registry.former(entry)
    known = registry.remember(entry)
    if former is not None:
        await adapter.forget(former.address)  # no device answers to it any more
        tell(NewIdentity(former.spoken, former.address))
    return known


async def _nothing() -> None:
    """Restore nothing."""


@dataclass(frozen=True, slots=True)
class Bonding:
    """One roller, and the wish for its pairing."""

    adapter: Adapter
    sighting: Sighting
    asks: Asks
    wish: Wish
    tell: Tell

    async def is_adoptable(self, registry: DeviceRegistry) -> bool:
        """Return whether a bond is kept with an unknown roller, as when the file of known rollers was moved away."""
        address = await self.adapter.identity_address(self.sighting.device)
        return registry.of(address) is None and await self.adapter.bonded(self.sighting.device.address)

    async def adopt(self) -> Bonded:
        """Use the bond with a roller that this computer still keeps; raises `BondStaleError` when it is stale."""
        self.tell(TryingBond(self.sighting.spoken))
        level = await self.adapter.bond_level(self.sighting.device.address) or SecurityLevel.UNAUTHENTICATED
        return await self.opened(Paired(level=level))

    async def bond_anew(self, remembered: Remembered) -> Bonded:
        """Pair in place of an existing bond; when that fails, or is weaker than before, the old bond stays.

        A bond without a check stays only once its peer is known: until then it may be with any device.
        """
        adapter, sighting = self.adapter, self.sighting
        async with AsyncExitStack() as on_failure:
            if self.wish.repair:
                on_failure.push_async_callback(await self.drop_bond())
            self.tell(Pairing(sighting.spoken))
            method = await self.bond(accepted=remembered.given_up is not None)
            if method.level is SecurityLevel.AUTHENTICATED:
                on_failure.pop_all()  # the roller has replaced its side
            else:
                on_failure.push_async_callback(adapter.forget, sighting.device.address)
            bonded = await self.opened(Paired(method=method, level=method.level, since_utc=datetime.now(UTC)))
            remembered.require_as_strong(bonded.known)
            on_failure.pop_all()
        return bonded

    async def drop_bond(self) -> Callable[[], Awaitable[None]]:
        """Remove the bond on this side, after one question; return a function that restores it if the pairing fails.

        The roller replaces its own side when it pairs. Until it can be paired, the bond stays: it may still be valid.
        """
        adapter, sighting = self.adapter, self.sighting
        if not await adapter.bonded(sighting.device.address):
            return _nothing
        signs = sighting.kind.signs
        seems_closed = sighting.announcement is not None and not sighting.pairing_open
        if signs is not None and seems_closed and await is_closed(adapter, sighting.device, signs):
            raise window_closed(sighting.device.address)
        if not self.wish.yes and not await self.asks.yes(Repair(sighting.spoken)):
            raise InterruptedSessionError("nothing was done: the answer was no")
        return await adapter.set_aside(sighting.device.address)

    async def bond(self, *, accepted: bool = False) -> PairingMethod:
        """Pair, with a new attempt after a wrong passkey; `accepted`: a weaker way was already agreed to."""
        sighting, wish = self.sighting, self.wish
        if self.adapter.asks_by_itself:
            self.tell(SystemAsks())
        if sighting.bonds_full and not wish.repair:
            raise full(sighting.device.address)
        answers = self._answers(consented=accepted or wish.yes)
        for attempt in range(1, wish.attempts + 1):
            try:
                return await self.adapter.pair(sighting.device, answers, signs=sighting.kind.signs)
            except PasskeyWrongError as error:
                if wish.attempts == 1:
                    raise
                if attempt == wish.attempts:
                    # The earlier bond is restored, so the command has to be repeated unchanged.
                    command = f"glowtool pair{' --repair' if wish.repair else ''} {sighting.device.address}"
                    raise PasskeyWrongError(
                        f"{attempt} wrong passkeys: nothing was paired, and nothing was changed",
                        advice=f"hold the roller's button for two seconds and run `{command}` again",
                    ) from error
                self.tell(WrongPasskey(attempt, wish.attempts))
        raise PairingError("no attempt was made")

    def _answers(self, *, consented: bool) -> PairingAnswers:
        """Return the answers of a person; they allow Just Works only for a roller without a display.

        With `consented`, the weaker pairing is only announced, not asked about; a comparison is always asked about.
        """

        async def compare(number: int) -> bool:
            return await self.asks.yes(SameDigits(number))

        async def just_works() -> bool:
            if not consented:
                return await self.asks.yes(WithoutCheck())
            self.tell(Unchecked())
            return True

        return PairingAnswers(self.asks.passkey, compare, None if self.sighting.has_display else just_works)

    async def opened(self, paired: Paired) -> Bonded:
        """Open the roller over the bond: the proof that it works, and what the roller says of itself.

        Raises `ProtocolError` when another driver would be taken for the model that it says it is: from then on every
        command chooses by the model.
        """
        adapter, sighting = self.adapter, self.sighting
        async with open_device(adapter, sighting.device, sighting.kind) as roller:
            identity = roller.identity
            entry = KnownRoller(
                address=await adapter.identity_address(sighting.device),
                name=sighting.name or sighting.device.address,
                serial=identity.serial,
                model=identity.model,
                firmware=identity.firmware,
                alias=self.wish.alias,
                last_seen_utc=datetime.now(UTC),
                battery_percent=roller.battery_percent,
                paired=paired,
            )
            if _kind_from_now_on(entry, sighting) is not sighting.kind:
                raise ProtocolError(
                    f"the driver {sighting.kind.name!r} recognised {sighting.spoken}, but does not know its model "
                    f"{identity.model!r}: it is not made known",
                    advice="update the package that brings the driver",
                )
            return Bonded(entry, identity, paired.method, proposed_for(roller.limits))


def _kind_from_now_on(entry: KnownRoller, sighting: Sighting) -> DriverKind:
    try:
        return kind_of(entry)
    except MissingExtraError:
        if sighting.is_ours:  # it speaks as a GR-1, whatever a package that cannot be loaded might know
            return sighting.kind
        raise

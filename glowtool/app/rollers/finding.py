"""Find the roller that a person means, and a way to reach it."""

from __future__ import annotations

import asyncio
import logging
import re
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING, Final

from glowtool.app.news import Listening, untold
from glowtool.app.rollers.adapters import adapter_of
from glowtool.app.rollers.sighting import Recogniser, Sighting, kind_of
from glowtool.drivers.kinds import GR1
from glowtool.errors import BondStaleError, DeviceNotFoundError, MissingExtraError, NotPairedError
from glowtool.link.pairing import bond_refused_advice
from glowtool.link.scan import discover
from glowtool.store.rollers.registry import DeviceRegistry

if TYPE_CHECKING:
    from collections.abc import Callable

    from glowtool.app.news import Tell
    from glowtool.app.place import Place
    from glowtool.app.rollers.sighting import Other
    from glowtool.drivers.kinds import DriverKind
    from glowtool.link.adapter import Adapter
    from glowtool.store.rollers.known import KnownRoller

#: A Bluetooth address, or the name that a system gives to a device whose address it hides.
_ADDRESS: Final = re.compile(r"[0-9a-f]{2}(?::[0-9a-f]{2}){5}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

_LOG = logging.getLogger(__name__)

#: How long a search for a roller lasts; it advertises several times a second.
FIND_TIMEOUT_S = 10.0

#: Other rollers get this long after the first one before that is taken for the only one.
OTHERS_S = 1.5

#: A roller's name comes with the scan response, soon after its address.
NAME_S = 0.5

#: A known roller that is heard with another identity gets this long to appear with its own.
ELSEWHERE_S = 2.0


def registry(place: Place) -> DeviceRegistry:
    """Return the registry of the rollers known at a place."""
    return DeviceRegistry(place.root)


async def hear(
    place: Place, timeout_s: float, take: Callable[[str, Sighting | Other], None], tell: Tell = untold
) -> None:
    """Listen for some time, and pass on every advertisement with its address; raises `AdapterError`.

    A device of another maker is recognised by its driver, when the package that brings it is installed.
    """
    recogniser = Recogniser.of_all(tell)
    async with adapter_of(place, tell) as adapter:
        listening = partial(tell, Listening(adapter.name, timeout_s))
        async with aclosing(discover(adapter, timeout_s, on_listening=listening)) as heard:
            async for device, data in heard:
                take(device.address, recogniser.heard_as(device, data))


def known_roller(place: Place, device: str | None = None) -> KnownRoller:
    """Return the known roller that DEVICE names, or the only one without it; raises `DeviceNotFoundError`."""
    return registry(place).find(device)


async def find_known(adapter: Adapter, known: KnownRoller) -> Sighting:
    """Return the known roller as it is heard now; one that is heard as a GR-1 is that, whatever model it said.

    Raises `NotPairedError` when no bond with it is kept on this adapter, `BondStaleError` when it is heard with
    another identity, `DeviceNotFoundError` when it is not heard, `MissingExtraError` when its driver cannot be loaded.
    """
    if not await adapter.bonded(known.address):
        raise NotPairedError(
            f"{known.spoken} ({known.address}) is known, but there is no bond with it on {adapter.name}",
            advice=f"run `glowtool pair {known.address}`",
        )
    # The caller holds the roller (`holding`), so no other glowtool can be connected to it.
    await adapter.end_leftover(known.address)
    heard = await _hear(adapter, known)
    if heard is None:
        raise DeviceNotFoundError(
            f"{known.spoken} ({known.address}) was silent for {FIND_TIMEOUT_S:g} s on {adapter.name}",
            advice="switch it on, bring it near, and make sure that no other host is connected to it",
        )
    if heard.device.address.casefold() != known.address.casefold():
        raise BondStaleError(
            f"{known.spoken} ({known.address}) is silent, but a roller with the end of its serial number answers as "
            f"{heard.device.address}: it has a new identity, as after a factory reset, and the bond is void; or it is "
            "another device that claims so",
            advice=bond_refused_advice(heard.device.address),
        )
    return heard


async def _hear(adapter: Adapter, known: KnownRoller) -> Sighting | None:
    """Return the known roller as heard: with its own address, or with another one when that stays silent."""
    clock = asyncio.get_running_loop().time
    elsewhere: Sighting | None = None
    kinds, missing = _kinds_of(known)
    recogniser = Recogniser(kinds)
    until_s = clock() + FIND_TIMEOUT_S
    async with aclosing(discover(adapter, FIND_TIMEOUT_S)) as heard:
        async for device, data in heard:
            recognised = recogniser.sighting_of(device, data)
            sighting = recognised or Sighting(device, data.local_name, data.rssi, None, kinds[-1])
            if device.address.casefold() == known.address.casefold():
                if recognised is None and missing is not None:
                    raise missing
                _LOG.info("%s was heard with %d dBm", device.address, data.rssi)
                return sighting
            if sighting.is_known_as(known) and elsewhere is None:
                elsewhere, until_s = sighting, min(until_s, clock() + ELSEWHERE_S)
            if clock() >= until_s:
                break
    return elsewhere


def _kinds_of(known: KnownRoller) -> tuple[tuple[DriverKind, ...], MissingExtraError | None]:
    """Return the kinds that a known device can be, the one of its model last, and why that is not certain, if so."""
    try:
        kind = kind_of(known)
    except MissingExtraError as error:
        # It may be a GR-1 under a model number of its own, and then no package may keep it from being stopped.
        return (GR1,), error
    return ((GR1,) if kind is GR1 else (GR1, kind)), None


async def find_to_pair(
    adapter: Adapter,
    wanted: str | None,
    known: tuple[KnownRoller, ...],
    tell: Tell = untold,
    *,
    repair: bool = False,
) -> Sighting:
    """Return the roller to pair with: the one named, else the only one nearby; raises `DeviceNotFoundError`.

    An address means that address and nothing else. When two rollers have the name, the error lists both, each with the
    command that names it. With `repair` and no name, it is the only known roller.
    """
    command = "glowtool pair --repair" if repair else "glowtool pair"
    recogniser = Recogniser.of_all(tell)
    if wanted is None and not (repair and len(known) == 1):
        return _choice(await _gather(adapter, recogniser, lambda _: True, OTHERS_S), command)
    if wanted is None:
        return await _again(adapter, recogniser, known[0].spoken, known[0])
    folded = wanted.casefold()
    if _ADDRESS.fullmatch(folded) or any(roller.address.casefold() == folded for roller in known):
        return _one(await _gather(adapter, recogniser, _at(wanted), NAME_S, _at(wanted)), wanted, command)
    meant = [roller for roller in known if folded in {(roller.alias or "").casefold(), roller.serial.casefold()}]
    if meant:
        return await _again(adapter, recogniser, wanted, meant[0])
    found = await _gather(adapter, recogniser, lambda sighting: (sighting.name or "").casefold() == folded, OTHERS_S)
    return _one(found, wanted, command)


async def _again(adapter: Adapter, recogniser: Recogniser, wanted: str, known: KnownRoller) -> Sighting:
    """Return a known roller as heard: with its own address, or with another identity when that stays silent."""
    found = await _gather(
        adapter, recogniser, lambda sighting: sighting.is_known_as(known), ELSEWHERE_S, _at(known.address)
    )
    own = [sighting for sighting in found if _at(known.address)(sighting)]
    return _one(own or found, wanted, "glowtool pair --repair")


def _at(address: str) -> Callable[[Sighting], bool]:
    return lambda sighting: sighting.device.address.casefold() == address.casefold()


async def _gather(
    adapter: Adapter,
    recogniser: Recogniser,
    wanted: Callable[[Sighting], bool],
    settle_s: float,
    enough: Callable[[Sighting], bool] = lambda _: False,
) -> list[Sighting]:
    """Return the wanted rollers that are heard until `settle_s` after the first one, each once.

    When one is `enough`, it waits only for its name, which comes a little after the address.
    """
    clock = asyncio.get_running_loop().time
    found: dict[str, Sighting] = {}
    until_s = clock() + FIND_TIMEOUT_S
    async with aclosing(discover(adapter, FIND_TIMEOUT_S)) as heard:
        async for device, data in heard:
            sighting = recogniser.sighting_of(device, data)
            if sighting is not None and wanted(sighting):
                until_s = min(until_s, clock() + settle_s)
                if sighting.name is not None or device.address not in found:
                    found[device.address] = sighting
                if enough(sighting):
                    until_s = min(until_s, clock() + (NAME_S if sighting.name is None else 0.0))
            if clock() >= until_s:
                break
    return list(found.values())


def _one(found: list[Sighting], wanted: str, command: str) -> Sighting:
    if len(found) == 1:
        return found[0]
    if found:
        raise _which(f"{len(found)} rollers are called {wanted!r}", found, command)
    raise DeviceNotFoundError(
        f"no roller called {wanted!r} was heard within {FIND_TIMEOUT_S:g} s",
        advice="`glowtool scan` shows which rollers are near",
    )


def _choice(found: list[Sighting], command: str) -> Sighting:
    if not found:
        raise DeviceNotFoundError(
            f"no roller was heard within {FIND_TIMEOUT_S:g} s",
            advice="switch it on, bring it near, and hold its button for two seconds",
        )
    candidates = [sighting for sighting in found if sighting.pairing_open] or found
    if len(candidates) == 1:
        return candidates[0]
    raise _which(f"{len(candidates)} rollers are near", candidates, command)


def _which(says: str, found: list[Sighting], command: str) -> DeviceNotFoundError:
    nearest = sorted(found, key=lambda sighting: -sighting.rssi_dbm)
    lines = [f"  `{command} {each.device.address}`  {each.name or 'no name'}, {each.rssi_dbm} dBm" for each in nearest]
    return DeviceNotFoundError(f"{says}", advice="name the one that you mean (nearest first):").listing(*lines)

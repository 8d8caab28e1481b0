"""Which roller a command means, and the way to it."""

from __future__ import annotations

import logging
from contextlib import aclosing
from typing import TYPE_CHECKING

from glowtool.cli.scan import Sighting, sighting_of
from glowtool.errors import BondStaleError, DeviceNotFoundError, NotPairedError

if TYPE_CHECKING:
    from pathlib import Path

    from bleak.backends.device import BLEDevice

    from glowtool.link.adapter import Adapter
    from glowtool.store.registry import KnownRoller

_LOG = logging.getLogger(__name__)

#: How long a roller is looked for; it advertises several times a second.
FIND_TIMEOUT_S = 10.0

#: After the first roller was heard, others get this long before the first one is taken for the only one.
OTHERS_S = 1.5

#: A known roller that is heard with another identity gets this long to be heard with its own.
ELSEWHERE_S = 2.0


def known_roller(data_dir: Path, device: str | None) -> KnownRoller:
    """Return the known roller that DEVICE means, the only one when it is left out; `DeviceNotFoundError`."""
    from glowtool.store.registry import DeviceRegistry

    return DeviceRegistry(data_dir).find(device)


async def find_known(adapter: Adapter, known: KnownRoller) -> BLEDevice:
    """Return the known roller as heard now.

    Raises `NotPairedError` when no bond with it is kept on this adapter, `BondStaleError` when it is heard with
    another identity, `DeviceNotFoundError` when it is not heard.
    """
    if not await adapter.bonded(known.address):
        raise NotPairedError(
            f"{known.spoken} ({known.address}) is known, but there is no bond with it on {adapter.name}; "
            "run `glowtool pair`"
        )
    # Whoever looks for a roller holds it (`holding`), so that no other glowtool can be connected to it.
    await adapter.end_leftover(known.address)
    heard = await _hear(adapter, known)
    if heard is None:
        raise DeviceNotFoundError(
            f"{known.spoken} ({known.address}) was silent for {FIND_TIMEOUT_S:g} s on {adapter.name}; "
            "switch it on, bring it near, and make sure that no other host is connected to it"
        )
    if heard.device.address.casefold() != known.address.casefold():
        from glowtool.link.pairing import BOND_REFUSED_ADVICE

        raise BondStaleError(
            f"{known.spoken} ({known.address}) is silent, and a roller with the end of its serial number is heard as "
            f"{heard.device.address}: it has a new identity, as after a factory reset, and the bond is void; or it is "
            f"another device that says so; {BOND_REFUSED_ADVICE}"
        )
    return heard.device


async def _hear(adapter: Adapter, known: KnownRoller) -> Sighting | None:
    """Return the known roller as heard, with its own address or, when that stays silent, with another one."""
    import asyncio

    from glowtool.link.scan import discover

    clock = asyncio.get_running_loop().time
    elsewhere: Sighting | None = None
    until_s = clock() + FIND_TIMEOUT_S
    async with aclosing(discover(adapter, FIND_TIMEOUT_S)) as heard:
        async for device, data in heard:
            sighting = sighting_of(device, data) or Sighting(device, data.local_name, data.rssi, None)
            if device.address.casefold() == known.address.casefold():
                _LOG.info("%s was heard with %d dBm", device.address, data.rssi)
                return sighting
            if sighting.is_known_as(known) and elsewhere is None:
                elsewhere, until_s = sighting, min(until_s, clock() + ELSEWHERE_S)
            if clock() >= until_s:
                break
    return elsewhere


async def find_to_pair(adapter: Adapter, wanted: str | None, known: tuple[KnownRoller, ...]) -> Sighting:
    """Return the roller to pair with: the one named, else the only one near; `DeviceNotFoundError`."""
    if wanted is None:
        return await _only_one(adapter)
    names = wanted.casefold()
    meant = [r for r in known if names in {(r.alias or "").casefold(), r.serial.casefold(), r.address.casefold()}]
    return await _named(adapter, wanted, meant)


async def _named(adapter: Adapter, wanted: str, meant: list[KnownRoller]) -> Sighting:
    """Return the roller of that name or address, or one of the known ones that are meant, whatever its identity."""
    from glowtool.link.scan import discover

    async with aclosing(discover(adapter, FIND_TIMEOUT_S)) as heard:
        async for device, data in heard:
            sighting = sighting_of(device, data)
            if sighting is None:
                continue
            called = {device.address.casefold(), (sighting.name or "").casefold()}
            if wanted.casefold() in called or any(map(sighting.is_known_as, meant)):
                return sighting
    raise DeviceNotFoundError(
        f"no roller called {wanted!r} was heard within {FIND_TIMEOUT_S:g} s; `glowtool scan` shows what is near"
    )


async def _only_one(adapter: Adapter) -> Sighting:
    import asyncio

    from glowtool.link.scan import discover

    clock = asyncio.get_running_loop().time
    found: dict[str, Sighting] = {}
    until_s = clock() + FIND_TIMEOUT_S
    async with aclosing(discover(adapter, FIND_TIMEOUT_S)) as heard:
        async for device, data in heard:
            sighting = sighting_of(device, data)
            if sighting is not None:
                if not found:
                    until_s = clock() + OTHERS_S
                if sighting.name is not None or device.address not in found:
                    found[device.address] = sighting
            if clock() >= until_s:
                break
    return _choice(list(found.values()))


def _choice(found: list[Sighting]) -> Sighting:
    if not found:
        raise DeviceNotFoundError(
            f"no roller was heard within {FIND_TIMEOUT_S:g} s; switch it on, bring it near, "
            "and hold its button for two seconds"
        )
    candidates = [sighting for sighting in found if sighting.pairing_open] or found
    if len(candidates) == 1:
        return candidates[0]
    names = ", ".join(f"{sighting.name} ({sighting.device.address})" for sighting in candidates)
    raise DeviceNotFoundError(f"{len(candidates)} rollers are near: {names}; say which: `glowtool pair DEVICE`")

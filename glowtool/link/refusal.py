"""The reasons why a roller refuses to pair: the Security Manager has one code for all, but the advertisement helps."""

from __future__ import annotations

import logging
from contextlib import aclosing
from typing import TYPE_CHECKING, Final

from glowtool.errors import BondsFullError, PairingError, PairingWindowClosedError
from glowtool.link.scan import discover

if TYPE_CHECKING:
    from bleak.backends.device import BLEDevice
    from bleak.backends.scanner import AdvertisementData

    from glowtool.link.adapter import Adapter
    from glowtool.link.pairing import Announced, PairingSigns

_LOG = logging.getLogger(__name__)

#: A roller advertises every 100 ms, and again as soon as the refused host is gone.
_LISTEN_S: Final = 2.0


def full(address: str) -> BondsFullError:
    """Return the error for a roller that has no room for another bond."""
    return BondsFullError(
        f"the roller {address} has no room for another bond",
        advice=(
            "forget the roller on a computer that is paired "
            "with it (`glowtool devices forget --help`), or drop all bonds on the roller itself, then pair again"
        ),
    )


def window_closed(address: str) -> PairingWindowClosedError:
    """Return the error for a roller whose button nobody held."""
    return PairingWindowClosedError(
        f"the roller {address} refuses to pair now",
        advice="hold its button for two seconds, until its display shows that it is ready to pair, then try again",
    )


async def is_closed(adapter: Adapter, device: BLEDevice, signs: PairingSigns) -> bool:
    """Listen for a moment; return True when the roller is heard but never announces that it can be paired.

    A single advertisement proves nothing: a system may show an old one.
    """

    def is_open(heard: BLEDevice, advertisement: AdvertisementData) -> bool:
        said = _announced(signs, advertisement) if heard.address == device.address else None
        return said is not None and said.pairing_open

    was_heard = False
    async with aclosing(discover(adapter, _LISTEN_S, stop_when=is_open)) as sightings:
        async for heard, advertisement in sightings:
            if is_open(heard, advertisement):
                return False
            was_heard = was_heard or heard.address == device.address
    return was_heard


async def why_refused(adapter: Adapter, device: BLEDevice, signs: PairingSigns | None) -> PairingError:
    """Listen to a roller that has just refused to pair, and return the error that says why.

    Without `signs` there is nothing to listen for, and a closed window is the usual reason.
    """
    if signs is None:
        return window_closed(device.address)

    def is_it(heard: BLEDevice, _: AdvertisementData) -> bool:
        return heard.address == device.address

    async with aclosing(discover(adapter, _LISTEN_S, stop_when=is_it)) as sightings:
        async for heard, advertisement in sightings:
            said = _announced(signs, advertisement) if is_it(heard, advertisement) else None
            if said is not None and said.bonds_full:
                return full(device.address)
    return window_closed(device.address)


def _announced(signs: PairingSigns, advertisement: AdvertisementData) -> Announced | None:
    """Return what a driver, maybe another maker's, reads from an advertisement; one that fails reads nothing."""
    try:
        return signs.announced(advertisement)
    except Exception as error:  # noqa: BLE001 - it must not hide why the pairing was refused
        _LOG.warning("an advertisement could not be read: %r", error)
        return None

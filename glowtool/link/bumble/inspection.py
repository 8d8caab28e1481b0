"""Inspection of a controller behind an HCI transport."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from bumble.hci import LeFeatureMask

from glowtool.link.radio import RadioFacts, core_version

if TYPE_CHECKING:
    from bumble.host import Host

#: Optional features that make telemetry fast.
_WANTED: Final = {
    "2M PHY": LeFeatureMask.LE_2M_PHY,
    "data length extension": LeFeatureMask.LE_DATA_PACKET_LENGTH_EXTENSION,
}


def radio_facts(name: str, host: Host, address: str) -> RadioFacts:
    """Return the facts that a started controller reports about itself."""
    said = host.local_version
    return RadioFacts(
        name=name,
        stack="bumble",
        stack_version=version("bumble"),
        address=address,
        powered=True,
        can_be_blocked=False,
        low_energy=True,
        # The host computes the P-256 keys itself; the controller only has to encrypt (Core Vol 3 Part H 2.3.5.6).
        secure_connections=host.supports_le_features(LeFeatureMask.LE_ENCRYPTION),
        core_version=None if said is None else core_version(said.hci_version),
        absent_features=tuple(words for words, mask in _WANTED.items() if not host.supports_le_features(mask)),
    )

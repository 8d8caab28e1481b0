"""The way from an adapter specification to an open adapter."""

from __future__ import annotations

import platform
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from glowtool.link.adapter import CONNECT_TIMEOUT_S, Adapter
from glowtool.link.allowed import ALLOWED_SPECS
from glowtool.link.pairing import PAIRING_TIMEOUT_S, PairingAnswers, PairingMethod, PasskeySource
from glowtool.link.spec import AdapterKind, AdapterSpec

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

__all__ = [
    "ALLOWED_SPECS",
    "CONNECT_TIMEOUT_S",
    "PAIRING_TIMEOUT_S",
    "Adapter",
    "AdapterKind",
    "AdapterSpec",
    "PairingAnswers",
    "PairingMethod",
    "PasskeySource",
    "open_adapter",
]


@asynccontextmanager
async def open_adapter(
    spec: AdapterSpec, *, bonds_dir: Path, state_dir: Path, announce: Callable[[str], None]
) -> AsyncIterator[Adapter]:
    """Open the adapter for the time of the block; AdapterUnavailableError says what to do when that fails.

    Bonds made over an HCI transport live in `bonds_dir`. `state_dir` and `announce` are for adapters from a package: a
    virtual peripheral keeps its state in the one, and shows its display, line by line, through the other.
    """
    if spec.kind in {AdapterKind.AUTO, AdapterKind.SYSTEM}:
        yield _system_adapter(None if spec.kind is AdapterKind.AUTO else spec.name)
        return

    from glowtool.link.bumble.adapter import open_bumble_adapter  # noqa: PLC0415 - bumble costs a third of a second
    from glowtool.link.bumble.transport import open_hci_transport  # noqa: PLC0415 - as above

    async with (
        open_hci_transport(spec, state_dir=state_dir, announce=announce) as transport,
        open_bumble_adapter(str(spec), transport, bonds_dir) as adapter,
    ):
        yield adapter


def _system_adapter(name: str | None) -> Adapter:
    if platform.system() == "Linux":
        from glowtool.link.bluez.adapter import BlueZAdapter  # noqa: PLC0415 - its D-Bus library is there on Linux only

        return BlueZAdapter(name)
    from glowtool.link.system import SystemAdapter  # noqa: PLC0415 - bleak is loaded only where it is used

    return SystemAdapter(name)

"""Each test has a bus of its own in place of the system bus."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.air.bluez_peer import passkey_asked
from support.air.small_bus import SmallBus, small_bus

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SmallBus]:
    async with small_bus(tmp_path, passkey_asked) as (bus, address):
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
        yield bus

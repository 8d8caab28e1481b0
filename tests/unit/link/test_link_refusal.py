"""Why a roller refuses to pair is told, whatever a driver makes of what it announces."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from glowtool.device.announcement import Announcement
from glowtool.errors import BondsFullError, PairingWindowClosedError
from glowtool.link import refusal
from glowtool.link.pairing import PairingSigns

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from glowtool.link.adapter import Adapter

DEVICE = BLEDevice("F1:00:00:00:00:01", "Brush", None)
HEARD = AdvertisementData("Brush", {}, {}, [], None, -50, ())


@pytest.fixture
def adapter(monkeypatch: pytest.MonkeyPatch) -> Adapter:
    async def discover(*_: object, **__: object) -> AsyncGenerator[tuple[BLEDevice, AdvertisementData], None]:
        yield DEVICE, HEARD

    monkeypatch.setattr(refusal, "discover", discover)
    return cast("Adapter", object())


def full(_heard: AdvertisementData) -> Announcement:
    return Announcement(bonds_full=True)


def fails(_heard: AdvertisementData) -> Announcement:
    raise KeyError("flags")


async def test_what_it_announces_is_the_reason(adapter: Adapter) -> None:
    assert isinstance(await refusal.why_refused(adapter, DEVICE, PairingSigns(full, "")), BondsFullError)
    assert await refusal.is_closed(adapter, DEVICE, PairingSigns(full, ""))


async def test_a_driver_that_fails_hides_no_reason(adapter: Adapter) -> None:
    signs = PairingSigns(fails, "")
    assert isinstance(await refusal.why_refused(adapter, DEVICE, signs), PairingWindowClosedError)
    assert await refusal.is_closed(adapter, DEVICE, signs)

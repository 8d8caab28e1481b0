"""Of which kind a device is that was heard: ours first, and no driver of others spoils what is heard of the rest."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, cast
from unittest.mock import sentinel

import pytest
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from glowtool.app.news import PassedOver
from glowtool.app.rollers import sighting
from glowtool.app.rollers.opening import driver_opener
from glowtool.app.rollers.sighting import Other, Recogniser, Sighting
from glowtool.cli.scan.lines import roller_words
from glowtool.device.announcement import Announcement, Recognised
from glowtool.drivers.kinds import GR1, DriverKind
from glowtool.errors import MissingExtraError
from glowtool.protocol.gatt import ROLLER_SERVICE
from glowtool.safety.bounds import NO_OUTPUT
from glowtool.store.rollers.known import KnownRoller

if TYPE_CHECKING:
    from collections.abc import Callable

    from glowtool.app.news import ErrandNews
    from glowtool.device.driver import Driver, OpenDriver

BRUSH_SERVICE: Final = "5d1e0000-8a3c-4f0e-9b1d-0a2b4c6d8e0f"
DEVICE: Final = BLEDevice("F1:00:00:00:00:01", "Brush", None)


def heard(*services: str) -> AdvertisementData:
    return AdvertisementData("Brush", {}, {}, list(services), None, -50, ())


def kind(recognises: Callable[..., object], name: str = "brush") -> DriverKind:
    read = cast("Callable[[AdvertisementData, str | None], Recognised | None]", recognises)
    return DriverKind(name, lambda model: model == "BR-7", GR1.opener, read)


def everything(_heard: AdvertisementData, _name: str | None) -> Recognised:
    return Recognised(Announcement(serial_tail="0007"))


def fails(_heard: AdvertisementData, _name: str | None) -> Recognised:
    raise ZeroDivisionError("by nothing")


def kind_heard(recogniser: Recogniser, *services: str) -> str | None:
    found = recogniser.heard_as(DEVICE, heard(*services))
    return None if isinstance(found, Other) else found.kind.name


def test_of_several_that_claim_one_ours_comes_first_and_then_the_first() -> None:
    recogniser = Recogniser((GR1, kind(everything), kind(everything, "comb")))
    assert kind_heard(recogniser, ROLLER_SERVICE.uuid) == "gr1"
    assert kind_heard(recogniser, BRUSH_SERVICE) == "brush"
    assert kind_heard(Recogniser(), BRUSH_SERVICE) is None


@pytest.mark.parametrize(
    ("bad", "why"), [(fails, "ZeroDivisionError: by nothing"), (lambda *_: True, "TypeError: it returned bool")]
)
def test_one_that_fails_is_named_once_and_passed_over(bad: Callable[..., object], why: str) -> None:
    told: list[ErrandNews] = []
    recogniser = Recogniser((GR1, kind(bad), kind(everything, "comb")), told.append)
    assert [kind_heard(recogniser, BRUSH_SERVICE) for _ in range(3)] == ["comb"] * 3
    assert kind_heard(recogniser, ROLLER_SERVICE.uuid) == "gr1"
    (news,) = told
    assert isinstance(news, PassedOver)
    assert f"the driver 'brush' cannot tell its devices from others ({why}" in str(news.error)


def test_a_line_of_a_scan_names_the_driver_of_others() -> None:
    brush = Sighting(DEVICE, "Brush", -50, Announcement(), kind(everything))
    assert roller_words(brush, None) == ["new", "driver brush"]
    assert roller_words(Sighting(DEVICE, "GR-1", -50, Announcement()), None) == ["new"]


def test_one_whose_driver_cannot_be_made_is_said_to_be_that() -> None:
    def opener(*_: object) -> OpenDriver:
        raise ImportError("no such wheel")

    odd = DriverKind("brush", lambda _: True, opener)
    with pytest.raises(MissingExtraError, match=r"the driver 'brush' cannot open its device .*no such wheel"):
        driver_opener(sentinel.adapter, DEVICE, odd, NO_OUTPUT)


class FailsToOpen:
    """A driver's context that fails as only another maker's code does."""

    async def __aenter__(self) -> Driver:
        raise KeyError("levels")

    async def __aexit__(self, *_: object) -> None:
        raise AssertionError("it was never open")


async def test_one_whose_driver_fails_while_it_opens_is_said_to_be_that() -> None:
    odd = DriverKind("brush", lambda _: True, lambda *_: lambda *_: FailsToOpen())
    opening = driver_opener(sentinel.adapter, DEVICE, odd, NO_OUTPUT)(lambda: 0, lambda _: None)
    with pytest.raises(MissingExtraError, match=r"the driver 'brush' cannot open its device \(KeyError: 'levels'\)"):
        await opening.__aenter__()


@pytest.mark.parametrize(
    ("serial", "model", "tail", "same"),
    [("0007", "BR-7", "0007", True), ("0007", "GR-1", "0007", False), ("", "BR-7", "", False)],
)
def test_a_known_device_comes_back_only_as_one_of_its_kind(serial: str, model: str, tail: str, *, same: bool) -> None:
    known = KnownRoller(address="00:07", name="B", serial=serial, model=model, last_seen_utc=datetime.now(UTC))
    there = Sighting(DEVICE, "Brush", -50, Announcement(serial_tail=tail), kind(everything))
    assert there.is_known_as(known) is same


def test_one_that_is_heard_as_ours_is_no_known_device_of_another_maker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sighting, "kind_for", lambda model: kind(everything) if model == "BR-7" else GR1)
    ours = Sighting(DEVICE, "GR-1", -50, Announcement(serial_tail="0007"))
    by_model = {
        model: KnownRoller(address="00:07", name="B", serial="0007", model=model, last_seen_utc=datetime.now(UTC))
        for model in ("GR-2", "OEM Roller", "BR-7")
    }
    assert [model for model, known in by_model.items() if ours.is_known_as(known)] == ["GR-2", "OEM Roller"]

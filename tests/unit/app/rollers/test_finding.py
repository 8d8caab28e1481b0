"""The roller that is meant is found by its address, and recognised when it comes back under another one."""

from __future__ import annotations

import asyncio
from importlib.metadata import EntryPoint
from typing import TYPE_CHECKING, cast

import pytest
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData

from glowsim.time.virtual_time import virtual_runner
from glowtool.app.rollers import finding
from glowtool.app.rollers.finding import find_known, find_to_pair
from glowtool.drivers import kinds
from glowtool.errors import BondStaleError, DeviceNotFoundError, NotPairedError
from glowtool.protocol.advertising import COMPANY_ID, Advertisement, AdvertisingFlag
from glowtool.protocol.gatt import ROLLER_SERVICE
from glowtool.protocol.wire import encode
from glowtool.store.rollers.known import KnownRoller

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Coroutine

    from glowtool.app.rollers.sighting import Sighting
    from glowtool.link.adapter import Adapter

    Find = Callable[["Air"], str]
    ToPair = Callable[["Air", str | None], str]

OWN, NEW, OTHER = "F0:F1:00:00:00:01", "C0:00:00:00:00:02", "C0:00:00:00:00:03"
DESK = KnownRoller.model_validate(
    {
        "address": OWN,
        "name": "GR-1 4F2A",
        "serial": "GR1000004F2A",
        "alias": "Desk",
        "last_seen_utc": "2026-11-22T12:30:00Z",
    }
)


class Air:
    """An adapter that hears what it is told, a tenth of a second apart, and then again from the beginning."""

    name = "virtual"

    def __init__(self, *heard: tuple[str, int], bonded: bool = True) -> None:
        self._heard = heard
        self._bonded = bonded

    async def bonded(self, _address: str) -> bool:
        return self._bonded

    async def end_leftover(self, address: str) -> None:
        assert address == OWN

    async def discover(self, _adapter: Adapter, timeout_s: float) -> AsyncGenerator[tuple[BLEDevice, object], None]:
        clock = asyncio.get_running_loop().time
        until_s = clock() + timeout_s
        while clock() < until_s:
            await asyncio.sleep(0.1)
            for address, tail in self._heard:
                said = Advertisement(1, 1, AdvertisingFlag.PAIRING_WINDOW_OPEN, 80, tail)
                name = f"GR-1 {tail:04X}"
                yield (
                    BLEDevice(address, name, None),
                    AdvertisementData(name, {COMPANY_ID: encode(said)}, {}, [ROLLER_SERVICE.uuid], None, -50, ()),
                )


def call(work: Coroutine[object, object, str]) -> str:
    with virtual_runner() as runner:
        return runner.run(work)


@pytest.fixture
def find(monkeypatch: pytest.MonkeyPatch) -> Find:
    def finder(air: Air) -> str:
        async def work() -> str:
            return (await find_known(cast("Adapter", air), DESK)).device.address

        monkeypatch.setattr(finding, "discover", air.discover)
        return call(work())

    return finder


@pytest.fixture
def to_pair(monkeypatch: pytest.MonkeyPatch) -> ToPair:
    def finder(air: Air, wanted: str | None) -> str:
        async def work() -> str:
            return (await find_to_pair(cast("Adapter", air), wanted, (DESK,))).device.address

        monkeypatch.setattr(finding, "discover", air.discover)
        return call(work())

    return finder


def test_a_known_roller_is_found_by_its_address_among_others(find: Find) -> None:
    assert find(Air((OTHER, 0x1111), (NEW, 0x4F2A), (OWN.lower(), 0x4F2A))) == OWN.lower()


def test_a_roller_that_speaks_as_ours_is_ours_whatever_package_cannot_be_loaded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unloaded(**_: str) -> object:
        return [EntryPoint("comb", "no_such_package:KIND", kinds.ENTRY_POINT_GROUP)]

    monkeypatch.setattr(kinds, "entry_points", unloaded)
    other_model = DESK.model_copy(update={"model": "OEM Roller"})

    async def found(air: Air) -> Sighting:
        monkeypatch.setattr(finding, "discover", air.discover)
        return await find_known(cast("Adapter", air), other_model)

    with virtual_runner() as runner:
        heard = runner.run(found(Air((OWN, 0x4F2A))))
    assert heard.is_ours
    # And under a new address it is told apart from a new roller, too.
    with virtual_runner() as runner, pytest.raises(BondStaleError):
        runner.run(found(Air((NEW, 0x4F2A))))


def test_a_known_roller_of_ours_waits_for_no_driver_of_others(find: Find, monkeypatch: pytest.MonkeyPatch) -> None:
    def looked(**_: str) -> object:
        raise AssertionError("the drivers of others were looked for")

    monkeypatch.setattr(kinds, "entry_points", looked)
    assert find(Air((OWN, 0x4F2A))) == OWN


def test_a_known_roller_with_a_new_identity_is_explained_and_not_used(find: Find) -> None:
    with pytest.raises(BondStaleError) as stale:
        find(Air((OTHER, 0x1111), (NEW, 0x4F2A)))
    for part in ("Desk", OWN, NEW, "new identity", "factory reset", f"`glowtool pair --repair {NEW}`"):
        assert part in str(stale.value)
    assert stale.value.exit_code == 14


def test_others_do_not_pass_for_it(find: Find) -> None:
    with pytest.raises(DeviceNotFoundError, match="was silent for 10 s on virtual"):
        find(Air((OTHER, 0x1111)))


def test_without_a_bond_nothing_is_looked_for(find: Find) -> None:
    with pytest.raises(NotPairedError, match="no bond with it on virtual"):
        find(Air((OWN, 0x4F2A), bonded=False))


@pytest.mark.parametrize("wanted", ["desk", "GR1000004f2a"])
def test_a_known_roller_is_paired_anew_whatever_its_identity(to_pair: ToPair, wanted: str) -> None:
    assert to_pair(Air((OTHER, 0x1111), (NEW, 0x4F2A)), wanted) == NEW


@pytest.mark.parametrize("first", [OWN, NEW])
@pytest.mark.parametrize(("wanted", "meant"), [("desk", OWN), (OWN.lower(), OWN), (NEW, NEW)])
def test_of_two_with_one_name_an_address_and_an_alias_mean_one(
    to_pair: ToPair, first: str, wanted: str, meant: str
) -> None:
    twins = [(OWN, 0x4F2A), (NEW, 0x4F2A)]
    assert to_pair(Air(*(twins if first == OWN else reversed(twins))), wanted) == meant


def test_a_name_that_two_have_is_nobodys_and_both_are_listed_with_their_commands(to_pair: ToPair) -> None:
    with pytest.raises(DeviceNotFoundError) as both:
        to_pair(Air((OWN, 0x4F2A), (NEW, 0x4F2A)), "GR-1 4F2A")
    assert "2 rollers are called 'GR-1 4F2A'" in str(both.value)
    assert f"`glowtool pair {OWN}`" in str(both.value)
    assert f"`glowtool pair {NEW}`" in str(both.value)


def test_an_address_that_is_silent_is_not_taken_for_another(to_pair: ToPair) -> None:
    with pytest.raises(DeviceNotFoundError, match="no roller called"):
        to_pair(Air((NEW, 0x4F2A)), OWN)


def test_a_repair_without_a_name_means_the_only_known_roller(monkeypatch: pytest.MonkeyPatch) -> None:
    async def find(known: tuple[KnownRoller, ...]) -> str:
        air = Air((OTHER, 0x1111), (OWN, 0x4F2A))
        monkeypatch.setattr(finding, "discover", air.discover)
        return (await find_to_pair(cast("Adapter", air), None, known, repair=True)).device.address

    assert call(find((DESK,))) == OWN
    with pytest.raises(DeviceNotFoundError, match=f"`glowtool pair --repair {OWN}`"):
        call(find(()))


def test_an_unknown_roller_is_paired_by_name_or_address(to_pair: ToPair) -> None:
    air = Air((OTHER, 0x1111), (NEW, 0x4F2A))
    assert to_pair(air, "gr-1 1111") == to_pair(air, OTHER.lower()) == OTHER
    with pytest.raises(DeviceNotFoundError, match="2 rollers are near"):
        to_pair(air, None)
    assert to_pair(Air((OTHER, 0x1111)), None) == OTHER

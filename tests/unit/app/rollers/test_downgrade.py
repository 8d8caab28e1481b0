"""A known roller is not paired in a weaker way than before, whatever it announces and whatever options are given."""

from __future__ import annotations

import asyncio
import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

import pytest
from bleak.backends.device import BLEDevice
from hypothesis import given
from hypothesis import strategies as st

from glowtool.app.asks import GivenPasskey
from glowtool.app.hold.holding import Held
from glowtool.app.news import untold
from glowtool.app.place import Place
from glowtool.app.rollers.downgrade import Remembered
from glowtool.app.rollers.opening import open_roller
from glowtool.app.rollers.pairing import Bonded, Bonding, Wish
from glowtool.app.rollers.sighting import Sighting
from glowtool.app.routines import Proposal
from glowtool.cli.terminal.asking.questions import Terminal
from glowtool.device.identity import Identity
from glowtool.drivers.gr1.advertisement import SIGNS, announcement_of
from glowtool.errors import VersionRefusedError, WeakPairingError
from glowtool.link.bluez.adapter import BlueZAdapter
from glowtool.link.pairing import PairingMethod, SecurityLevel
from glowtool.protocol.advertising import Advertisement, AdvertisingFlag
from glowtool.store.rollers.known import KnownRoller, Paired
from glowtool.store.rollers.registry import DeviceRegistry

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from glowtool.link.adapter import Adapter
    from glowtool.link.pairing import PairingAnswers, PairingSigns

ADDRESS, ELSEWHERE = "F0:F1:00:00:00:01", "F0:F1:00:00:00:66"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
CHECKED = Paired(method=PairingMethod.PASSKEY, level=SecurityLevel.AUTHENTICATED, since_utc=NOON)
UNCHECKED = Paired(method=PairingMethod.JUST_WORKS, level=SecurityLevel.UNAUTHENTICATED, since_utc=NOON)
BLIND = AdvertisingFlag.PAIRING_WINDOW_OPEN | AdvertisingFlag.NO_DISPLAY


def desk(paired: Paired | None = CHECKED, address: str = ADDRESS, serial: str = "GR1000004F2A") -> KnownRoller:
    return KnownRoller(
        address=address, name="GR-1 4F2A", serial=serial, alias="Desk", last_seen_utc=NOON, paired=paired
    )


def heard(flags: AdvertisingFlag = BLIND, address: str = ADDRESS, tail: int = 0x4F2A) -> Sighting:
    said = announcement_of(Advertisement(major=1, model=1, flags=flags, battery_percent=80, serial_tail=tail))
    return Sighting(BLEDevice(address, "GR-1 4F2A", None), "GR-1 4F2A", -50, said)


class Keeper:
    """An adapter that keeps bonds, of which each proves something."""

    asks_by_itself = False

    def __init__(self, **bonds: SecurityLevel | None) -> None:
        self.bonds = {name.replace("_", ":"): level for name, level in bonds.items()}
        self.way = PairingMethod.JUST_WORKS

    async def bond_level(self, address: str) -> SecurityLevel | None:
        return self.bonds.get(address)

    async def bonded(self, address: str) -> bool:
        return address in self.bonds

    async def forget(self, address: str) -> None:
        self.bonds.pop(address, None)

    async def set_aside(self, address: str) -> Callable[[], Awaitable[None]]:
        kept = self.bonds.pop(address)

        async def put_back() -> None:
            self.bonds[address] = kept

        return put_back

    async def pair(self, device: BLEDevice, answers: PairingAnswers, *, signs: PairingSigns) -> PairingMethod:
        assert signs is SIGNS
        if self.way is PairingMethod.JUST_WORKS and answers.just_works is None:
            raise WeakPairingError("the peer says that it has no display")
        self.bonds[device.address] = self.way.level
        return self.way


@pytest.fixture
def type_(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    return lambda text: monkeypatch.setattr("sys.stdin", io.StringIO(text))


async def asked(known: KnownRoller, sighting: Sighting, adapter: object = None) -> KnownRoller | None:
    remembered = await Remembered.of(cast("Adapter", adapter or Keeper()), (known,), sighting)
    await remembered.ask_before(sighting, Terminal())
    return remembered.given_up


@pytest.mark.parametrize("typed", ["\n", "y\n", "yes\n", "desk\n", "Desk!\n", ""])
async def test_only_the_name_itself_gives_the_check_up(
    type_: Callable[[str], None], capsys: pytest.CaptureFixture[str], typed: str
) -> None:
    type_(typed)
    with pytest.raises(WeakPairingError, match=r"Desk was paired by passkey on 2026-11-22.*nothing was changed") as no:
        await asked(desk(), heard())
    assert "Another device may answer in its place" in str(no.value)
    assert "devices forget" in str(no.value)
    assert "anyone nearby can imitate" in capsys.readouterr().err

    type_("Desk\n")
    assert await asked(desk(), heard()) == desk()


@pytest.mark.parametrize(
    ("known", "sighting"),
    [
        (desk(UNCHECKED), heard()),
        (desk(), heard(AdvertisingFlag.PAIRING_WINDOW_OPEN)),
        (desk(), heard(address=ELSEWHERE, tail=0x0001)),
    ],
    ids=["it never had a check", "it has a display", "it is another roller"],
)
async def test_nothing_is_asked_where_nothing_is_given_up(known: KnownRoller, sighting: Sighting) -> None:
    assert await asked(known, sighting) is None


async def test_the_end_of_the_serial_number_is_enough_to_be_asked(type_: Callable[[str], None]) -> None:
    type_("\n")
    with pytest.raises(WeakPairingError):
        await asked(desk(), heard(address=ELSEWHERE))


async def test_an_older_registry_takes_over_what_the_bond_proves(type_: Callable[[str], None]) -> None:
    assert await asked(desk(None), heard(), Keeper(F0_F1_00_00_00_01=SecurityLevel.UNAUTHENTICATED)) is None
    type_("\n")
    with pytest.raises(WeakPairingError, match="Desk was paired with a check of digits, but"):
        await asked(desk(None), heard(), Keeper(F0_F1_00_00_00_01=SecurityLevel.AUTHENTICATED))


async def test_on_bluez_which_does_not_tell_what_is_not_known_counts_as_checked(type_: Callable[[str], None]) -> None:
    type_("\n")
    with pytest.raises(WeakPairingError, match="by an older glowtool, which did not note how"):
        await asked(desk(None), heard(), BlueZAdapter(None))


@given(st.sampled_from([None, CHECKED, UNCHECKED]), st.sampled_from(PairingMethod))
def test_only_what_is_weaker_gives_something_up(paired: Paired | None, method: PairingMethod) -> None:
    weak_before, weak_now = paired == UNCHECKED, method is PairingMethod.JUST_WORKS
    assert desk(paired).gives_up(method.level) is (weak_now and not weak_before)


async def bond_anew(
    adapter: Keeper, sighting: Sighting, entry: KnownRoller | BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def said(*arguments: object) -> Bonded:
        if isinstance(entry, BaseException):
            raise entry
        return Bonded(entry, Identity("Glow", "GR-1", entry.serial, "A", "1.3.0"), None, Proposal("first-glow"))

    monkeypatch.setattr(Bonding, "opened", said)
    remembered = await Remembered.of(cast("Adapter", adapter), (desk(),), sighting)
    wish = Wish(attempts=1, repair=True, yes=True)
    bonding = Bonding(cast("Adapter", adapter), sighting, GivenPasskey(123456), wish, untold)
    await bonding.bond_anew(remembered)


async def test_a_stranger_that_turns_out_to_be_a_known_roller_takes_nothing_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    adapter = Keeper(F0_F1_00_00_00_01=SecurityLevel.AUTHENTICATED)
    stranger = heard(address=ELSEWHERE, tail=0x0001)  # it names the serial number only once it is paired
    with pytest.raises(WeakPairingError, match="Desk was paired by passkey"):
        await bond_anew(adapter, stranger, desk(UNCHECKED, ELSEWHERE), monkeypatch)
    assert adapter.bonds == {ADDRESS: SecurityLevel.AUTHENTICATED}


@pytest.mark.parametrize("error", [VersionRefusedError("update glowtool"), asyncio.CancelledError()])
async def test_a_bond_without_a_check_does_not_outlive_what_never_said_who_it_is(
    error: BaseException, monkeypatch: pytest.MonkeyPatch, type_: Callable[[str], None]
) -> None:
    type_("Desk\n")
    for sighting in (heard(address=ELSEWHERE, tail=0x0001), heard()):
        adapter = Keeper(F0_F1_00_00_00_01=SecurityLevel.AUTHENTICATED)
        with pytest.raises(type(error)):
            await bond_anew(adapter, sighting, error, monkeypatch)
        assert adapter.bonds == {ADDRESS: SecurityLevel.AUTHENTICATED}


async def test_a_bond_with_a_check_stays_though_the_roller_is_of_a_later_version(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    adapter = Keeper(F0_F1_00_00_00_01=SecurityLevel.UNAUTHENTICATED)
    adapter.way = PairingMethod.PASSKEY
    with pytest.raises(VersionRefusedError):
        await bond_anew(adapter, heard(), VersionRefusedError("update glowtool"), monkeypatch)
    assert adapter.bonds == {ADDRESS: SecurityLevel.AUTHENTICATED}


@pytest.mark.parametrize("level", [None, *SecurityLevel])
async def test_a_bond_outlives_the_file_of_the_known_rollers(
    level: SecurityLevel | None, type_: Callable[[str], None]
) -> None:
    remembered = await Remembered.of(cast("Adapter", Keeper(F0_F1_00_00_00_01=level)), (), heard())
    type_("\n")
    if level is SecurityLevel.AUTHENTICATED:
        with pytest.raises(WeakPairingError, match="GR-1 4F2A was paired with a check of digits"):
            await remembered.ask_before(heard(), Terminal())
    else:
        await remembered.ask_before(heard(), Terminal())


async def test_a_repair_that_fails_gives_the_old_bond_back(monkeypatch: pytest.MonkeyPatch) -> None:
    adapter = Keeper(F0_F1_00_00_00_01=SecurityLevel.AUTHENTICATED)
    with pytest.raises(WeakPairingError):  # it announces a display, and then has none
        await bond_anew(adapter, heard(AdvertisingFlag.PAIRING_WINDOW_OPEN), desk(), monkeypatch)
    assert adapter.bonds == {ADDRESS: SecurityLevel.AUTHENTICATED}


async def test_a_repair_in_the_same_way_replaces_the_bond(monkeypatch: pytest.MonkeyPatch) -> None:
    adapter = Keeper(F0_F1_00_00_00_01=SecurityLevel.UNAUTHENTICATED)
    adapter.way = PairingMethod.COMPARISON
    await bond_anew(adapter, heard(AdvertisingFlag.PAIRING_WINDOW_OPEN), desk(), monkeypatch)
    assert adapter.bonds == {ADDRESS: SecurityLevel.AUTHENTICATED}


def test_what_a_bond_proves_is_noted_once(tmp_path: Path) -> None:
    registry = DeviceRegistry(tmp_path)
    registry.remember(desk(None))
    said = {"serial": "GR1000004F2A", "model": "GR-1", "firmware": "1"}
    for level in (None, SecurityLevel.AUTHENTICATED, SecurityLevel.UNAUTHENTICATED):
        registry.saw(ADDRESS, NOON, battery_percent=1, level=level, **said)
    assert registry.find().paired == Paired(level=SecurityLevel.AUTHENTICATED)


@pytest.mark.parametrize("level", [None, *SecurityLevel])
@pytest.mark.parametrize("paired", [None, CHECKED, UNCHECKED])
@pytest.mark.parametrize("stoppable", [True, False])
async def test_a_bond_that_a_killed_pairing_left_weaker_is_not_used_but_to_stop(
    tmp_path: Path, level: SecurityLevel | None, paired: Paired | None, *, stoppable: bool
) -> None:
    DeviceRegistry(tmp_path).remember(desk(paired))
    held = Held(Place(data_dir=tmp_path), ADDRESS, stoppable=stoppable)
    if level is SecurityLevel.UNAUTHENTICATED and paired == CHECKED and stoppable:
        with pytest.raises(WeakPairingError, match="the present bond was made without a check"):
            held.require_bond(level)
    else:
        held.require_bond(level)


async def test_the_bond_is_looked_at_before_anything_is_connected(tmp_path: Path) -> None:
    DeviceRegistry(tmp_path).remember(desk())
    adapter = cast("Adapter", Keeper(F0_F1_00_00_00_01=SecurityLevel.UNAUTHENTICATED))
    held = Held(Place(data_dir=tmp_path), ADDRESS)
    with pytest.raises(WeakPairingError):
        async with open_roller(adapter, heard().device, held):
            pytest.fail("it was connected")

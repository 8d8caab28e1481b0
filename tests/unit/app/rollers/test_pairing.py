"""`glowtool pair` asks a person only what it must, and says why a pairing failed."""

from __future__ import annotations

import io
import shlex
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

import pytest
from bleak.backends.device import BLEDevice

from glowtool.app.asks import GivenPasskey, Repair
from glowtool.app.news import untold
from glowtool.app.rollers.pairing import ATTEMPTS, Bonding, Wish, remember
from glowtool.app.rollers.sighting import Sighting
from glowtool.app.routines import command_to_run
from glowtool.cli.options import Options
from glowtool.cli.terminal.asking.passkey import spoken_digits
from glowtool.cli.terminal.asking.questions import Terminal
from glowtool.cli.terminal.news_words import shown_by
from glowtool.cli.terminal.output import Printer
from glowtool.drivers.gr1.advertisement import SIGNS, announcement_of
from glowtool.errors import (
    BondsFullError,
    InterruptedSessionError,
    PairingCancelledError,
    PasskeyWrongError,
    StoreError,
    WeakPairingError,
)
from glowtool.link.pairing import PairingAnswers, PairingMethod, PairingSigns
from glowtool.protocol.advertising import Advertisement, AdvertisingFlag
from glowtool.store.rollers.known import KnownRoller
from glowtool.store.rollers.registry import DeviceRegistry

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from glowtool.link.adapter import Adapter

ADDRESS = "F0:F1:00:00:00:01"
OPEN = AdvertisingFlag.PAIRING_WINDOW_OPEN


@dataclass
class FakeAdapter:
    """An adapter that pairs as `way` does with a person's answers."""

    way: Callable[[PairingAnswers], Awaitable[PairingMethod]]
    asks_by_itself: bool = False
    bonds: set[str] = field(default_factory=set)
    pairings: int = 0

    async def pair(self, device: BLEDevice, answers: PairingAnswers, *, signs: PairingSigns) -> PairingMethod:
        assert (device.address, signs) == (ADDRESS, SIGNS)
        self.pairings += 1
        return await self.way(answers)

    async def bonded(self, address: str) -> bool:
        return address in self.bonds

    async def forget(self, address: str) -> None:
        self.bonds.discard(address)

    async def set_aside(self, address: str) -> Callable[[], Awaitable[None]]:
        self.bonds.discard(address)

        async def put_back() -> None:
            self.bonds.add(address)

        return put_back


async def typed(answers: PairingAnswers) -> PairingMethod:
    if await answers.passkey() != 123456:
        raise PasskeyWrongError("the passkey is not the one on the display")
    return PairingMethod.PASSKEY


async def compared(answers: PairingAnswers) -> PairingMethod:
    if not await answers.compare(1042):
        raise PairingCancelledError("the digits are not the same")
    return PairingMethod.COMPARISON


async def unchecked(answers: PairingAnswers) -> PairingMethod:
    if answers.just_works is None or not await answers.just_works():
        raise WeakPairingError("not accepted")
    return PairingMethod.JUST_WORKS


def heard(flags: AdvertisingFlag = OPEN) -> Sighting:
    said = announcement_of(Advertisement(major=1, model=1, flags=flags, battery_percent=80, serial_tail=0x4F2A))
    return Sighting(BLEDevice(ADDRESS, "GR-1 4F2A", None), "GR-1 4F2A", -50, said)


def bonding(adapter: FakeAdapter, sighting: Sighting, wanted: Wish, passkey: int = 123456) -> Bonding:
    asks = GivenPasskey(passkey, Terminal())
    return Bonding(cast("Adapter", adapter), sighting, asks, wanted, shown_by(Printer(Options())))


async def bond(adapter: FakeAdapter, sighting: Sighting, wanted: Wish, passkey: int = 123456) -> PairingMethod:
    return await bonding(adapter, sighting, wanted, passkey).bond()


def typing(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


@pytest.mark.parametrize(("number", "spoken"), [(0, "000 000"), (1042, "001 042"), (999_999, "999 999")])
def test_digits_are_spoken_as_a_display_shows_them(number: int, spoken: str) -> None:
    assert spoken_digits(number) == spoken


@pytest.mark.parametrize(
    ("line", "yes"), [("y\n", True), ("YES\n", True), ("\n", False), ("n\n", False), ("?\n", False)]
)
async def test_only_a_yes_is_a_yes(line: str, yes: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    typing(monkeypatch, line)
    assert await Terminal().yes(Repair("Desk")) is yes


async def test_nobody_there_to_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    typing(monkeypatch, "")
    with pytest.raises(PairingCancelledError, match="standard input ended"):
        await Terminal().yes(Repair("Desk"))


async def test_a_comparison_is_asked_even_when_yes_was_said_before(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typing(monkeypatch, "y\n")
    assert await bond(FakeAdapter(compared), heard(), Wish(attempts=1, yes=True)) is PairingMethod.COMPARISON
    assert "Does the roller's display show 001 042? [y/N]" in capsys.readouterr().err

    typing(monkeypatch, "n\n")
    with pytest.raises(PairingCancelledError):
        await bond(FakeAdapter(compared), heard(), Wish(attempts=1, yes=True))


async def test_just_works_is_warned_of_and_asked_where_the_roller_has_no_display(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    without = heard(OPEN | AdvertisingFlag.NO_DISPLAY)
    typing(monkeypatch, "y\n")
    assert await bond(FakeAdapter(unchecked), without, Wish(attempts=1)) is PairingMethod.JUST_WORKS
    said = capsys.readouterr().err
    assert "weaker than with a passkey" in said
    assert "[y/N]" in said

    typing(monkeypatch, "\n")
    with pytest.raises(WeakPairingError):
        await bond(FakeAdapter(unchecked), without, Wish(attempts=1))

    typing(monkeypatch, "")  # nothing is read: it was agreed to before, and is warned of all the same
    capsys.readouterr()
    assert await bond(FakeAdapter(unchecked), without, Wish(attempts=1, yes=True)) is PairingMethod.JUST_WORKS
    assert "weaker than with a passkey" in capsys.readouterr().err


@pytest.mark.parametrize("said", [heard(), Sighting(BLEDevice(ADDRESS, None, None), None, -50, None)])
async def test_just_works_is_never_offered_where_a_display_is_not_denied(said: Sighting) -> None:
    with pytest.raises(WeakPairingError):
        await bond(FakeAdapter(unchecked), said, Wish(attempts=1, yes=True))


async def test_a_wrong_passkey_gets_as_many_attempts_as_the_roller_gives(capsys: pytest.CaptureFixture[str]) -> None:
    adapter = FakeAdapter(typed)
    with pytest.raises(PasskeyWrongError, match=r"3 wrong passkeys.*hold the roller's button"):
        await bond(adapter, heard(), Wish(attempts=ATTEMPTS), passkey=1)
    assert adapter.pairings == ATTEMPTS
    assert capsys.readouterr().err.count("Wrong passkey, attempt") == ATTEMPTS - 1


@pytest.mark.parametrize(("repair", "command"), [(False, "glowtool pair"), (True, "glowtool pair --repair")])
async def test_after_too_many_wrong_passkeys_the_way_that_was_wished_is_advised(repair: bool, command: str) -> None:
    with pytest.raises(PasskeyWrongError) as caught:
        await bond(FakeAdapter(typed), heard(), Wish(attempts=ATTEMPTS, repair=repair), passkey=1)
    assert f"`{command} {ADDRESS}` again" in str(caught.value)
    assert "no bond" not in str(caught.value)  # a bond from before a repair is kept


async def test_a_full_roller_is_refused_before_anything_is_tried() -> None:
    full = heard(OPEN | AdvertisingFlag.BONDS_FULL)
    adapter = FakeAdapter(typed)
    with pytest.raises(BondsFullError, match="has no room for another bond"):
        await bond(adapter, full, Wish(attempts=1))
    assert adapter.pairings == 0

    # It replaces the bond of a host that it knows.
    assert await bond(adapter, full, Wish(attempts=1, repair=True)) is PairingMethod.PASSKEY


async def test_a_system_with_a_dialogue_of_its_own_is_announced(capsys: pytest.CaptureFixture[str]) -> None:
    await bond(FakeAdapter(typed, asks_by_itself=True), heard(), Wish(attempts=1))
    assert "Your system asks for the passkey" in capsys.readouterr().err


@pytest.mark.parametrize(("ask", "line", "kept"), [(True, "y\n", False), (True, "\n", True), (False, "", False)])
async def test_a_repair_takes_one_yes(ask: bool, line: str, kept: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    typing(monkeypatch, line)
    adapter = FakeAdapter(typed, bonds={ADDRESS})
    if kept:
        with pytest.raises(InterruptedSessionError, match="nothing was done"):
            await bonding(adapter, heard(), Wish(repair=True, yes=not ask)).drop_bond()
    else:
        await bonding(adapter, heard(), Wish(repair=True, yes=not ask)).drop_bond()
    assert await adapter.bonded(ADDRESS) is kept


async def test_a_repair_asks_nothing_where_there_is_no_bond(monkeypatch: pytest.MonkeyPatch) -> None:
    typing(monkeypatch, "")
    await bonding(FakeAdapter(typed), heard(), Wish(repair=True)).drop_bond()


@pytest.mark.parametrize(
    ("names", "command"),
    [
        (["GR-1 4F2A"], "glowtool run first-glow"),
        (["GR-1 82D8", "GR-1 4F2A"], "glowtool run first-glow 'GR-1 4F2A'"),
        (["GR-1 4F2A", "GR-1 4F2A"], f"glowtool run first-glow {ADDRESS}"),
        (["GR-1 82D8", "it's `rm`"], "glowtool run first-glow 'it'\"'\"'s `rm`'"),
        (["GR-1 82D8", "GR\u202e1\n"], f"glowtool run first-glow {ADDRESS}"),
    ],
)
def test_the_command_that_comes_next_means_this_roller_as_it_is_printed(
    tmp_path: Path, names: list[str], command: str
) -> None:
    addresses = [f"C0:00:00:00:00:0{number}" for number in range(1, len(names))] + [ADDRESS]
    registry = DeviceRegistry(tmp_path)
    known = None
    for address, name in zip(addresses, names, strict=True):
        seen = datetime(2026, 11, 29, tzinfo=UTC)
        known = registry.remember(KnownRoller(address=address, name=name, serial=address, last_seen_utc=seen))
    assert known is not None
    assert command_to_run(registry, known, "first-glow") == command
    assert registry.find(*shlex.split(command)[3:]).address == ADDRESS


async def test_the_bond_of_a_former_identity_stays_until_the_new_one_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unused(_answers: PairingAnswers) -> PairingMethod:
        raise AssertionError("nothing is paired here")

    former = "F0:F1:00:00:00:02"
    registry, adapter = DeviceRegistry(tmp_path), FakeAdapter(unused, bonds={ADDRESS, former})
    old = KnownRoller(address=former, name="GR-1 0042", serial="0042", last_seen_utc=datetime(2026, 1, 1, tzinfo=UTC))
    registry.remember(old)
    new = old.model_copy(update={"address": ADDRESS})

    def full(_content: object) -> None:
        raise StoreError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(registry, "_write", full)
        with pytest.raises(StoreError):
            await remember(cast("Adapter", adapter), registry, new, untold)
    assert adapter.bonds == {ADDRESS, former}
    assert await remember(cast("Adapter", adapter), registry, new, untold) == registry.of(ADDRESS)
    assert adapter.bonds == {ADDRESS}

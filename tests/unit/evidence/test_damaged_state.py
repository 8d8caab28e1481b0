"""A damaged state file is reported once and kept aside, and its undamaged part goes on serving."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from bumble import hci
from bumble.keys import PairingKeys
from hypothesis import given, settings
from hypothesis import strategies as st

from glowsim.roller.state_dir import StateDir
from glowtool.errors import GlowtoolError, InputError, StoreError
from glowtool.link.bumble.gatt.services import Characteristic, Descriptor, Service
from glowtool.link.bumble.gatt.table_cache import TableCache
from glowtool.link.bumble.keys.bonds import BondStore
from glowtool.store.rollers.in_use import Holder
from glowtool.store.rollers.known import KnownRoller
from glowtool.store.rollers.registry import DeviceRegistry
from support.processes.console import Host

if TYPE_CHECKING:
    from collections.abc import Callable

PEERS = ("F1:00:00:00:00:01", "F1:00:00:00:00:02", "F1:00:00:00:00:03")
NOW = datetime(2026, 11, 22, tzinfo=UTC)
HASH = bytes(range(16))
TABLE = (Service(1, "s", (Characteristic(3, "c", 0x12, (Descriptor(4, "d"),)), Characteristic(6, "e", 2))),)


async def store_with_bonds(folder: Path) -> BondStore:
    store = BondStore(folder, "own")
    for number, peer in enumerate(PEERS):
        key = PairingKeys.Key(value=bytes([number] * 16), authenticated=True)
        await store.update(peer, PairingKeys(address_type=hci.AddressType.RANDOM_DEVICE, ltk=key))
    return store


def known(number: int) -> KnownRoller:
    return KnownRoller(address=PEERS[number], name=f"GR-1 000{number}", alias=f"no{number}", last_seen_utc=NOW)


def registry_with_rollers(folder: Path) -> DeviceRegistry:
    registry = DeviceRegistry(folder)
    for number in range(len(PEERS)):
        registry.remember(known(number))
    registry.use(PEERS[0])
    return registry


@pytest.mark.parametrize("moment", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00", "2026-11-22T12:00:00"])
def test_a_moment_that_no_clock_shows_is_damage(
    tmp_path: Path, moment: str, capsys: pytest.CaptureFixture[str]
) -> None:
    registry = registry_with_rollers(tmp_path)
    content = json.loads(registry.path.read_text())
    content["rollers"][1]["last_seen_utc"] = moment
    registry.path.write_text(json.dumps(content))
    host = Host(tmp_path, "tcp:127.0.0.1:1")
    assert f"{PEERS[1]} could not be read" in host.call_here(capsys, "devices", "list").err
    assert host.call_here(capsys, "devices", "list").status == 0
    note = Holder("run", 1, NOW, PEERS[0]).to_json() | {"since_utc": moment}
    with pytest.raises(ValueError, match="does not say which process"):
        Holder.from_json(note)


def test_a_clock_that_was_never_set_is_one(tmp_path: Path) -> None:
    start = datetime(1970, 1, 1, 0, 0, 30, tzinfo=UTC)
    registry = DeviceRegistry(tmp_path)
    registry.remember(known(0).model_copy(update={"last_seen_utc": start}))
    assert registry.find().last_seen_utc == start


@pytest.mark.parametrize("wrong", [1, {}, {"ltk": {"value": "00"}}, {"ltk": {"value": "zz"}}, None])
async def test_one_damaged_bond_costs_no_other(tmp_path: Path, wrong: object) -> None:
    store = await store_with_bonds(tmp_path)
    content = json.loads(store.path.read_text())
    content["own"][PEERS[1]] = wrong
    store.path.write_text(json.dumps(content))
    before = store.path.read_bytes()

    with pytest.raises(
        InputError, match=rf"the bond with {PEERS[1]} could not be read; .*damaged-1, and 2 other bonds"
    ):
        store.mend()
    store.mend()

    assert [peer for peer, _ in await store.get_all()] == [PEERS[0], PEERS[2]]
    assert (tmp_path / "bonds.json.damaged-1").read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"\0" * 500, b"{", b"[]", b"\xff", b"[" * 100_000, b'{"own": 1}'])
async def test_bonds_that_are_no_bonds_are_kept_aside(tmp_path: Path, content: bytes) -> None:
    store = BondStore(tmp_path, "own")
    store.path.write_bytes(content)
    with pytest.raises(InputError, match="was damaged"):
        store.mend()
    assert (tmp_path / "bonds.json.damaged-1").read_bytes() == content
    assert await store.get_all() == []


def test_one_damaged_roller_costs_no_other(tmp_path: Path) -> None:
    registry = registry_with_rollers(tmp_path)
    content = json.loads(registry.path.read_text())
    content["rollers"][1]["last_seen_utc"] = "yesterday"
    registry.path.write_text(json.dumps(content))
    before = registry.path.read_bytes()

    with pytest.raises(StoreError, match=rf"{PEERS[1]} could not be read; .*damaged-1, and 2 other rollers stay"):
        registry.find("no0")

    assert registry.find().alias == "no0", "the default stays"
    assert {roller.alias for roller in registry.rollers()} == {"no0", "no2"}
    assert (tmp_path / "devices.json.damaged-1").read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"\0" * 500, b"{", b"[]", b"\xff", b"[" * 100_000, b'{"rollers": 1}'])
def test_a_registry_that_is_none_is_kept_aside(tmp_path: Path, content: bytes) -> None:
    registry = DeviceRegistry(tmp_path)
    for number in (1, 2):
        registry.path.write_bytes(content)
        with pytest.raises(StoreError, match=f"all of its content could not be read; .*damaged-{number}"):
            registry.rollers()
        assert registry.rollers() == ()
        assert (tmp_path / f"devices.json.damaged-{number}").read_bytes() == content


def damage(content: bytes, seed: int) -> bytes:
    """Flip bits, cut or blank a part; the same seed does the same."""
    draw = random.Random(seed)  # noqa: S311 - reproducible on purpose
    changed, at = bytearray(content), draw.randrange(len(content))
    match draw.randrange(3):
        case 0:
            changed[at] ^= 1 << draw.randrange(8)
        case 1:
            del changed[at:]
        case _:
            changed[at : at + draw.randint(1, 60)] = bytes(draw.randint(1, 60))
    return bytes(changed)


@given(st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_whatever_happens_to_a_cached_table_it_is_read_as_it_was_put_or_not_at_all(seed: int) -> None:
    with TemporaryDirectory() as folder:
        cache = TableCache(Path(folder))
        cache.put(PEERS[0], HASH, TABLE)
        cache.path.write_bytes(damage(cache.path.read_bytes(), seed))
        assert cache.get(PEERS[0], HASH) in {None, TABLE}
        cache.put(PEERS[0], HASH, TABLE)
        assert cache.get(PEERS[0], HASH) == TABLE


def test_handles_that_were_changed_by_hand_are_not_believed(tmp_path: Path) -> None:
    cache = TableCache(tmp_path)
    cache.put(PEERS[0], HASH, TABLE)
    content = json.loads(cache.path.read_text())
    first, second = content[PEERS[0]]["table"][0]["characteristics"]
    first["handle"], second["handle"] = second["handle"], first["handle"]
    cache.path.write_text(json.dumps(content))
    assert cache.get(PEERS[0], HASH) is None


@given(st.integers(0, 2**32))
@settings(max_examples=40, deadline=None)
def test_whatever_happens_to_the_registry_no_whole_roller_is_lost_in_silence(seed: int) -> None:
    with TemporaryDirectory() as folder:
        registry = registry_with_rollers(Path(folder))
        registry.path.write_bytes(damage(registry.path.read_bytes(), seed))
        damaged = registry.path.read_bytes()
        rollers: tuple[KnownRoller, ...] = ()
        said = None
        try:
            rollers = registry.rollers()
        except StoreError as error:
            said = str(error)
        if said is None:
            assert len(rollers) == len(PEERS)
        elif "format version" not in said:
            assert registry.path.with_name("devices.json.damaged-1").read_bytes() == damaged
            registry.rollers()


@pytest.mark.parametrize("content", [b"{", b"[]", b"\xff", b"[" * 100_000])
def test_a_virtual_rollers_state_is_told_and_left(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "settings.json").write_bytes(content)
    with pytest.raises(GlowtoolError, match=r"settings\.json is damaged .*move it away"):
        StateDir(tmp_path).read("settings.json")
    assert (tmp_path / "settings.json").read_bytes() == content


@pytest.mark.parametrize("read", [lambda at: BondStore(at, "own").mend(), lambda at: DeviceRegistry(at).rollers()])
def test_what_is_no_file_is_not_waited_for(tmp_path: Path, read: Callable[[Path], object]) -> None:
    for name in ("bonds.json", "devices.json"):
        (tmp_path / name).symlink_to("/dev/zero")
    with pytest.raises(StoreError, match="is not a regular file"):
        read(tmp_path)

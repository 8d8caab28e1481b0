"""The flash keeps eight bonds at most, and forgotten hosts stay forgotten."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from bumble.hci import AddressType
from bumble.keys import PairingKeys
from hypothesis import given
from hypothesis import strategies as st

from glowsim.firmware.flash.chip import never
from glowsim.firmware.flash.layout import Kind
from glowsim.firmware.retained.bonds import (
    MAX_BONDS,
    TABLE_SIZE,
    UNKNOWN_TABLE,
    Bond,
    BondsFullError,
    BondTable,
    decode_bond,
    encode_bond,
)
from glowsim.peripheral.pairing.bonds import Bonds
from glowsim.roller.state_dir import StateDir
from glowtool.errors import InputError
from support.device.volatile_memory import VolatileMemory

if TYPE_CHECKING:
    from pathlib import Path

KEY = st.binary(min_size=16, max_size=16).filter(any)
HANDLE = st.integers(0, 0xFFFF)
BOND = st.builds(
    Bond,
    st.binary(min_size=6, max_size=6),
    st.sampled_from([int(kind) for kind in AddressType]),
    KEY,
    st.none() | KEY,
    st.none() | KEY,
    st.lists(st.tuples(HANDLE, HANDLE), max_size=8).map(tuple),
    st.booleans(),
    st.binary(min_size=TABLE_SIZE, max_size=TABLE_SIZE),
)

NAME = "C4:11:22:33:44:55"


def bond(number: int) -> Bond:
    return Bond(bytes([number, 2, 3, 4, 5, 0xC0]), 1, bytes([number + 1]) * 16)


def keys(value: bytes = bytes(range(16)), *, authenticated: bool = True) -> PairingKeys:
    return PairingKeys(address_type=AddressType.RANDOM_DEVICE, ltk=PairingKeys.Key(value, authenticated))


@given(BOND)
def test_a_bond_comes_back_from_its_bytes(kept: Bond) -> None:
    assert decode_bond(encode_bond(kept)) == kept


@given(st.binary(max_size=100))
def test_bytes_of_another_firmware_are_no_bond_and_no_crash(data: bytes) -> None:
    found = decode_bond(data)
    assert found is None or decode_bond(encode_bond(found)) == found


def test_a_bond_of_the_first_format_is_authenticated_and_knows_no_table() -> None:
    kept = replace(bond(1), subscriptions=((23, 1), (26, 2)))
    data = bytearray(encode_bond(kept))
    data[0] = 1
    del data[56 : 56 + 1 + TABLE_SIZE]
    assert decode_bond(bytes(data)) == kept


def test_keys_of_another_size_are_no_bond() -> None:
    for ltk in (b"", bytes(15), bytes(17)):
        with pytest.raises(ValueError, match="is not a bond"):
            Bond(bytes(6), 1, ltk)


def test_eight_hosts_are_kept_a_ninth_is_refused_and_one_of_them_may_pair_again() -> None:
    table = BondTable(VolatileMemory())
    for number in range(MAX_BONDS):
        table.keep(bond(number))
    with pytest.raises(BondsFullError, match="8 hosts"):
        table.keep(bond(99))
    again = replace(bond(3), ltk=bytes([77]) * 16)
    table.keep(again)
    assert table.all() == [again if number == 3 else bond(number) for number in range(MAX_BONDS)]
    table.drop(bond(5).identity)
    table.keep(bond(99))
    assert table.find(bond(5).identity) is None
    assert table.find(bond(99).identity) == bond(99)


def test_one_address_public_and_random_is_two_hosts() -> None:
    table = BondTable(VolatileMemory())
    public = replace(bond(1), address_type=0, ltk=bytes([9]) * 16)
    table.keep(bond(1))
    table.keep(public)
    assert table.find(bond(1).identity) == bond(1)
    assert table.find(public.identity) == public


def test_bonds_and_their_removal_outlive_the_power() -> None:
    memory = VolatileMemory()
    table = BondTable(memory)
    for number in range(3):
        table.keep(bond(number))
    table.drop(bond(1).identity)
    memory.mount()
    assert table.all() == [bond(0), bond(2)]
    table.forget()
    memory.mount()
    assert table.all() == []


def test_a_flash_full_of_massages_has_room_for_every_bond_and_the_rest_of_the_roller() -> None:
    memory = VolatileMemory()
    for size in (1500, 20):
        while memory.records.room() > size + 20:
            memory.records.put(Kind.MASSAGE, memory.records.live_bytes % 65536, bytes(size))
    table = BondTable(memory)
    for number in range(MAX_BONDS):
        given_keys = replace(bond(number), irk=b"i" * 16, csrk=b"c" * 16)
        table.keep(replace(given_keys, subscriptions=tuple((handle, 1) for handle in range(8))))
    memory.save({name: {"x": "y" * 200} for name in ("settings", "tare", "dose", "counters", "fuel_gauge")})
    assert len(table.all()) == MAX_BONDS


async def test_what_bumble_asks_of_a_key_store() -> None:
    bonds = Bonds(VolatileMemory())
    await bonds.update(NAME, keys())
    await bonds.update(f"{NAME}/P", replace(keys(bytes([3]) * 16), address_type=AddressType.PUBLIC_DEVICE))
    assert bonds.addresses == [NAME, f"{NAME}/P"]
    assert await bonds.get(NAME) == keys()
    with pytest.raises(ValueError, match="not authenticated"):
        await bonds.update(NAME, keys(authenticated=False))
    await bonds.delete(NAME)
    assert await bonds.get(NAME) is None
    assert [name for name, _ in await bonds.get_all()] == [f"{NAME}/P"]


async def test_without_a_display_a_bond_that_nobody_vouched_for_is_one() -> None:
    memory = VolatileMemory()
    weak, strong = Bonds(memory, vouched_for=False), Bonds(memory)
    await weak.update(NAME, keys(authenticated=False))
    assert await weak.get(NAME) == keys(authenticated=False)
    assert (weak.count, strong.count) == (1, 0)
    assert await strong.get(NAME) is None
    assert NAME not in strong
    weak.drop_what_nobody_vouched_for()
    assert weak.addresses == [NAME]
    strong.drop_what_nobody_vouched_for()
    assert weak.addresses == []


async def test_which_table_a_host_knows_belongs_to_the_bond() -> None:
    bonds, table = Bonds(VolatileMemory()), b"a table!"
    bonds.know_table(NAME, table)
    assert bonds.table(NAME) == UNKNOWN_TABLE
    await bonds.update(NAME, keys())
    bonds.know_table(NAME, table)
    assert bonds.table(NAME) == table
    await bonds.update(NAME, keys(bytes([5]) * 16))
    assert bonds.table(NAME) == UNKNOWN_TABLE, "a new bond begins with none"


async def test_power_that_fails_in_a_bond_is_reported_and_no_bond_is_there() -> None:
    memory = VolatileMemory()
    failed: list[bool] = []
    bonds = Bonds(memory, on_power_lost=lambda: failed.append(True))
    memory.chip.cut = lambda write: write.size // 2
    await bonds.update(NAME, keys())
    memory.chip.cut = never
    memory.mount()
    assert (failed, bonds.addresses) == ([True], [])


async def test_subscriptions_belong_to_the_bond() -> None:
    memory = VolatileMemory()
    bonds = Bonds(memory)
    bonds.subscribe(NAME, {23: 1})
    assert bonds.subscriptions(NAME) == {}, "there is no bond to keep them with"
    await bonds.update(NAME, keys())
    bonds.subscribe(NAME, {26: 2, 23: 1, 29: 0})
    assert bonds.subscriptions(NAME) == {23: 1, 26: 2}
    writes = memory.chip.writes
    bonds.subscribe(NAME, {23: 1, 26: 2})
    assert memory.chip.writes == writes, "what is kept already wears nothing"
    assert await bonds.get(NAME) == keys()
    await bonds.update(NAME, keys(bytes([5]) * 16))
    assert bonds.subscriptions(NAME) == {}, "a new bond begins with none"


async def test_bonds_of_a_file_from_before_move_into_the_flash_once(tmp_path: Path) -> None:
    file = tmp_path / "bonds.json"
    file.write_text(json.dumps({NAME: keys().to_dict()}))
    memory = VolatileMemory()
    for _ in range(2):
        Bonds(memory).take_in(StateDir(tmp_path))
        assert not file.exists()
        assert await Bonds(memory).get(NAME) == keys()


@pytest.mark.parametrize("content", ['{"C4:11:22:33:44:55": {"ltk": 5}}', "{", '{"C4": {"ltk": {"value": "00"}}}'])
def test_a_damaged_file_from_before_is_named_and_stays(content: str, tmp_path: Path) -> None:
    (tmp_path / "bonds.json").write_text(content)
    with pytest.raises(InputError, match=r"bonds\.json is damaged"):
        Bonds(VolatileMemory()).take_in(StateDir(tmp_path))
    assert (tmp_path / "bonds.json").exists()

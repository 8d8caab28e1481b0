"""Files in the bonds directory are private and whole, and a damaged one is named and not replaced."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest
from bumble import hci
from bumble.keys import PairingKeys

from glowtool.errors import InputError
from glowtool.link.bumble.keys.bonds import BONDS_FILE, BondStore
from glowtool.link.bumble.keys.identity import IDENTITY_FILE, load_or_create_identity
from glowtool.link.bumble.private_file import read_json_object, write_json_object
from support.logs.full_disk import full_disk

if TYPE_CHECKING:
    from pathlib import Path

PEER = "F1:00:00:00:00:01"


def _keys(byte: int, *, with_irk: bool = False) -> PairingKeys:
    return PairingKeys(
        address_type=hci.AddressType.RANDOM_DEVICE,
        ltk=PairingKeys.Key(value=bytes([byte] * 16), authenticated=True),
        irk=PairingKeys.Key(value=bytes(16)) if with_irk else None,
    )


def test_the_identity_is_made_once_and_private(tmp_path: Path) -> None:
    bonds_dir = tmp_path / "data" / "bonds"

    first = load_or_create_identity(bonds_dir)
    again = load_or_create_identity(bonds_dir)

    assert first == again
    assert first.address.is_static
    assert stat.S_IMODE(bonds_dir.stat().st_mode) == 0o700
    assert stat.S_IMODE((bonds_dir / IDENTITY_FILE).stat().st_mode) == 0o600


def test_two_directories_are_two_identities(tmp_path: Path) -> None:
    assert load_or_create_identity(tmp_path / "a") != load_or_create_identity(tmp_path / "b")


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        '{"address": "F1:00:00:00:00:01"}',
        '{"address": "F1:00:00:00:00:01", "irk": "00"}',
        '{"address": "01:00:00:00:00:01", "irk": "00000000000000000000000000000000"}',
        '{"address": "nonsense", "irk": "00000000000000000000000000000000"}',
        "\udcff",
    ],
)
def test_a_damaged_identity_is_named_and_not_replaced(content: str, tmp_path: Path) -> None:
    path = tmp_path / IDENTITY_FILE
    path.write_bytes(content.encode(errors="surrogateescape"))

    with pytest.raises(InputError, match="pair again") as caught:
        load_or_create_identity(tmp_path)

    assert str(path) in str(caught.value)
    assert path.read_bytes() == content.encode(errors="surrogateescape")


async def test_a_bond_survives_a_new_store_and_is_private(tmp_path: Path) -> None:
    await BondStore(tmp_path / "bonds", "own").update(PEER, _keys(7))

    store = BondStore(tmp_path / "bonds", "own")

    kept = await store.get(PEER)
    assert kept is not None
    assert kept.ltk is not None
    assert kept.ltk.value == bytes([7] * 16)
    assert kept.ltk.authenticated
    assert stat.S_IMODE((tmp_path / "bonds" / BONDS_FILE).stat().st_mode) == 0o600
    assert [name for name, _ in await store.get_all()] == [PEER]


async def test_a_new_bond_keeps_nothing_of_the_old(tmp_path: Path) -> None:
    store = BondStore(tmp_path, "own")
    await store.update(PEER, _keys(1, with_irk=True))
    await store.update(PEER, _keys(2))

    kept = await store.get(PEER)

    assert kept is not None
    assert kept.irk is None


async def test_bonds_belong_to_one_identity(tmp_path: Path) -> None:
    await BondStore(tmp_path, "own").update(PEER, _keys(1))

    assert await BondStore(tmp_path, "other").get(PEER) is None


async def test_forgetting_is_idempotent_and_leaves_the_others(tmp_path: Path) -> None:
    store = BondStore(tmp_path, "own")
    await store.update(PEER, _keys(1))
    await store.update("F1:00:00:00:00:02", _keys(2))

    await store.delete(PEER)
    await store.delete(PEER)

    assert [name for name, _ in await store.get_all()] == ["F1:00:00:00:00:02"]


@pytest.mark.parametrize(
    "content", ['{"own": 1}', '{"own": {"F1:00:00:00:00:01": 1}}', '{"own": {"F1:00:00:00:00:01": {"ltk": {}}}}']
)
async def test_damaged_bonds_are_an_input_error(content: str, tmp_path: Path) -> None:
    (tmp_path / BONDS_FILE).write_text(content)

    with pytest.raises(InputError, match="is damaged"):
        await BondStore(tmp_path, "own").get(PEER)


def test_a_failed_write_keeps_the_old_content_and_no_litter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file.json"
    write_json_object(path, {"a": 1})
    monkeypatch.setattr("os.fsync", full_disk)
    with pytest.raises(InputError, match=r"No space left.*free some space"):
        write_json_object(path, {"a": 2})

    assert read_json_object(path) == {"a": 1}
    assert list(tmp_path.iterdir()) == [path]

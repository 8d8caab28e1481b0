from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from glowtool.errors import DeviceNotFoundError, InputError, StoreError
from glowtool.store.registry import DeviceRegistry, KnownRoller

if TYPE_CHECKING:
    from pathlib import Path

SEEN = datetime(2026, 11, 22, 15, 41, tzinfo=UTC)


def roller(number: int, alias: str | None = None) -> KnownRoller:
    return KnownRoller(
        address=f"F0:F1:00:00:00:0{number}",
        name=f"GR-1 4F2{number}",
        serial=f"GR1-0000-4F2{number}",
        alias=alias,
        last_seen_utc=SEEN + timedelta(hours=number),
    )


@pytest.fixture
def registry(tmp_path: Path) -> DeviceRegistry:
    known = DeviceRegistry(tmp_path / "data")
    known.remember(roller(1, "mine"))
    known.remember(roller(2))
    return known


def test_nothing_is_known_at_first(tmp_path: Path) -> None:
    assert DeviceRegistry(tmp_path).rollers() == ()
    with pytest.raises(DeviceNotFoundError, match="glowtool pair"):
        DeviceRegistry(tmp_path).find()


def test_it_is_on_disk_and_its_owners_only(registry: DeviceRegistry) -> None:
    assert [item.address[-1] for item in DeviceRegistry(registry.path.parent).rollers()] == ["2", "1"]
    assert stat.S_IMODE(registry.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(registry.path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("text", ["mine", "MINE", "GR-1 4F21", "f0:f1:00:00:00:01", "GR1-0000-4F21", "4f21"])
def test_a_roller_is_found_by_alias_name_address_serial_or_a_part(registry: DeviceRegistry, text: str) -> None:
    assert registry.find(text).address == roller(1).address


@pytest.mark.parametrize(
    ("text", "answer"),
    [(None, "2 rollers could be meant"), ("GR-1", "2 rollers could be meant"), ("mime", "did you mean 'mine'")],
)
def test_what_is_not_clear_is_asked_back(registry: DeviceRegistry, text: str | None, answer: str) -> None:
    with pytest.raises(DeviceNotFoundError, match=answer):
        registry.find(text)


def test_the_only_roller_need_not_be_named(registry: DeviceRegistry) -> None:
    assert registry.forget(roller(2).address)
    assert registry.find().spoken == "mine"
    assert not registry.forget(roller(2).address)


def test_seeing_a_roller_again_keeps_its_alias(registry: DeviceRegistry) -> None:
    later = roller(1).model_copy(update={"last_seen_utc": SEEN + timedelta(days=1)})
    assert registry.remember(later).alias == "mine"
    assert registry.rollers()[0].address == later.address


def test_two_rollers_never_have_one_name(registry: DeviceRegistry) -> None:
    with pytest.raises(InputError, match="already the name"):
        registry.rename(roller(2).address, "mine")
    assert registry.rename(roller(2).address, "other").spoken == "other"
    assert registry.rename(roller(2).address, None).spoken == "GR-1 4F22"


@pytest.mark.parametrize("content", ["", "{", "[]", '{"rollers": [{"address": 1}]}', "\xff"])
def test_a_damaged_file_is_said_and_left_alone(registry: DeviceRegistry, content: str) -> None:
    registry.path.write_bytes(content.encode("latin-1"))
    with pytest.raises(StoreError, match=r"devices\.json is damaged"):
        registry.remember(roller(3))
    assert registry.path.read_bytes() == content.encode("latin-1")

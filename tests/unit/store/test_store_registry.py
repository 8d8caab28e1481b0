"""The registry of rollers keeps names apart, finds the roller that is meant, and loses no change."""

from __future__ import annotations

import json
import stat
import threading
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import pytest

from glowtool.errors import DeviceNotFoundError, InputError, StoreError
from glowtool.store.rollers.known import KnownRoller
from glowtool.store.rollers.registry import DeviceRegistry

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
    [(None, "2 rollers are possible"), ("GR-1", "2 rollers are possible"), ("mime", "did you mean 'mine'")],
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


def test_a_file_of_version_1_is_read_and_written_anew_as_the_present_one(registry: DeviceRegistry) -> None:
    old = {"address": "F0:F1:00:00:00:07", "name": "GR-1 0007", "serial": "GR10007", "alias": None}
    registry.path.write_text(json.dumps({"format_version": 1, "rollers": [{**old, "last_seen_utc": SEEN.isoformat()}]}))
    (known,) = registry.rollers()
    assert (known.serial, known.model, known.battery_percent, known.first_seen_utc) == ("GR10007", "", None, None)
    assert registry.default() is None
    registry.use(known.address)
    assert json.loads(registry.path.read_text("utf-8"))["format_version"] == 3
    assert registry.find().address == known.address


def test_a_file_of_a_newer_glowtool_is_said_to_be_that_and_left_alone(registry: DeviceRegistry) -> None:
    registry.path.write_text('{"format_version": 4, "rollers": "as they like"}')
    with pytest.raises(StoreError, match="format version 4, but this glowtool reads up to 3; update glowtool"):
        registry.rollers()
    with pytest.raises(StoreError):
        registry.use(None)
    assert registry.path.read_text("utf-8").startswith('{"format_version": 4')


def test_the_default_is_meant_where_none_is_named_until_it_is_forgotten(registry: DeviceRegistry) -> None:
    with pytest.raises(DeviceNotFoundError, match="`glowtool devices use NAME` makes one the default"):
        registry.find()
    registry.use(roller(1).address)
    assert registry.find().spoken == "mine"
    assert registry.find("GR-1 4F22").address == roller(2).address
    registry.forget(roller(1).address)
    assert registry.default() is None
    with pytest.raises(DeviceNotFoundError, match="no known roller has the address"):
        registry.use(roller(1).address)


def test_what_a_roller_says_when_it_answers_is_kept(registry: DeviceRegistry) -> None:
    later = SEEN + timedelta(days=3)
    saw = partial(registry.saw, serial="GR1-0000-4F21", model="GR-1", firmware="1.3.0", battery_percent=64)
    saw(roller(1).address, later)
    known = registry.find("mine")
    assert (known.model, known.firmware, known.battery_percent, known.last_seen_utc) == ("GR-1", "1.3.0", 64, later)
    assert known.first_seen_utc == roller(1).last_seen_utc
    assert saw(roller(5).address, later) is None
    assert len(registry.rollers()) == 2


def test_the_same_serial_number_at_another_address_is_the_same_roller_with_a_new_identity(
    registry: DeviceRegistry,
) -> None:
    registry.use(roller(1).address)
    reset = roller(1).model_copy(update={"address": "C1:00:00:00:00:09", "last_seen_utc": SEEN + timedelta(days=9)})
    former = registry.former(reset)
    assert former is not None
    assert former.address == roller(1).address
    kept = registry.remember(reset)
    assert (kept.alias, kept.first_seen_utc) == ("mine", roller(1).last_seen_utc)
    assert {known.address for known in registry.rollers()} == {reset.address, roller(2).address}
    assert registry.default() == reset.address
    assert registry.former(reset) is None


def test_a_roller_without_serial_number_is_no_other_one(registry: DeviceRegistry) -> None:
    registry.remember(roller(3).model_copy(update={"serial": ""}))
    registry.remember(roller(4).model_copy(update={"serial": ""}))
    assert len(registry.rollers()) == 4


def test_an_alias_that_says_nothing_is_refused(registry: DeviceRegistry) -> None:
    with pytest.raises(InputError, match="alias is empty"):
        registry.rename(roller(2).address, " ")
    with pytest.raises(InputError, match="already the name"):
        registry.rename(roller(2).address, "gr1-0000-4f21")


def test_changes_at_the_same_time_lose_nothing(registry: DeviceRegistry) -> None:
    def pair(number: int) -> None:
        DeviceRegistry(registry.path.parent).remember(roller(number))

    threads = [threading.Thread(target=pair, args=(number,)) for number in range(3, 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(registry.rollers()) == 9

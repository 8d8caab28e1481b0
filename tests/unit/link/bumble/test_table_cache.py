"""Tables of attributes are kept for their peer and hash alone, and a damaged file counts as none."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from glowtool.link.bumble.gatt.services import Characteristic, Descriptor, Service
from glowtool.link.bumble.gatt.table_cache import TableCache

if TYPE_CHECKING:
    from pathlib import Path

PEER = "C0:00:00:00:00:01"
HASH = bytes(range(16))
TABLE = (Service(1, "s", (Characteristic(3, "c", 0x12, (Descriptor(4, "d"),)),)),)

handles = st.integers(1, 0xFFFF)
uuids = st.uuids().map(str)
descriptors = st.builds(Descriptor, handles, uuids)
characteristics = st.builds(
    Characteristic, handles, uuids, st.integers(0, 0xFF), st.lists(descriptors, max_size=3).map(tuple)
)
tables = st.lists(st.builds(Service, handles, uuids, st.lists(characteristics, max_size=4).map(tuple)), max_size=4).map(
    tuple
)


@given(tables, st.binary(min_size=16, max_size=16))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_what_is_kept_comes_back(tmp_path: Path, table: tuple[Service, ...], database_hash: bytes) -> None:
    TableCache(tmp_path).put(PEER, database_hash, table)
    assert TableCache(tmp_path).get(PEER, database_hash) == table


def test_another_hash_or_another_peer_is_not_known(tmp_path: Path) -> None:
    cache = TableCache(tmp_path)
    assert cache.get(PEER, HASH) is None
    cache.put(PEER, HASH, TABLE)
    cache.put("C0:00:00:00:00:02", HASH, ())
    assert cache.get(PEER, HASH) == TABLE
    assert cache.get(PEER, HASH[::-1]) is None
    assert cache.get("C0:00:00:00:00:03", HASH) is None
    cache.forget(PEER)
    cache.forget(PEER)
    assert cache.get(PEER, HASH) is None
    assert cache.get("C0:00:00:00:00:02", HASH) == ()
    assert stat.S_IMODE(cache.path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "kept",
    [
        1,
        {"hash": HASH.hex()},
        {"hash": HASH.hex(), "table": 1},
        {"hash": HASH.hex(), "table": [{"handle": "x", "uuid": "u", "characteristics": []}]},
        {"hash": HASH.hex(), "table": [{"handle": 1, "uuid": "u", "characteristics": [{}]}]},
        None,
    ],
)
def test_a_damaged_file_is_as_good_as_none_and_is_replaced(tmp_path: Path, kept: object) -> None:
    cache = TableCache(tmp_path)
    cache.path.write_text("no JSON" if kept is None else json.dumps({PEER: kept}))
    assert cache.get(PEER, HASH) is None
    cache.put(PEER, HASH, TABLE)
    assert cache.get(PEER, HASH) == TABLE


def test_a_place_that_cannot_be_written_keeps_nothing_and_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache = TableCache(tmp_path / "file")
    cache.put(PEER, HASH, TABLE)
    assert cache.get(PEER, HASH) is None

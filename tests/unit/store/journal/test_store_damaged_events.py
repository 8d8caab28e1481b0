"""A journal with damaged events or manifest tells what can be known and invents nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest

from glowtool.errors import LogDamagedError, StoreError
from glowtool.store.bounds import CHANNELS_MAX, NUMBER_MAX
from glowtool.store.journal.recover import recover
from glowtool.store.logs.damage import damage_told
from glowtool.store.logs.log import SessionLog
from glowtool.store.names import EVENTS_NAME
from glowtool.store.tables.arrow import events_of, events_table
from glowtool.store.tables.manifest import read_manifest
from support.logs.damage import batches_of, make_old
from support.logs.damaged import overwrite, samples_before
from support.logs.hostile import EVENT_DATA

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("content", [b"", b"\0" * 4096, b"{", None])
def test_a_damaged_manifest_is_taken_from_the_journal(folder: Path, content: bytes | None) -> None:
    before = read_manifest(folder)
    if content is None:
        (folder / "manifest.json").unlink()
    else:
        (folder / "manifest.json").write_bytes(content)
    after = recover(folder)
    assert (after.routine, after.channels, after.rate_hz) == (before.routine, before.channels, before.rate_hz)
    assert after.device.address == ""
    assert len(SessionLog.open(folder).samples_table()) == len(samples_before())
    assert damage_told(after)[0].startswith("The manifest was damaged")


def test_a_flipped_bit_in_a_manifest_is_mended_while_there_is_a_journal_and_told_afterwards(folder: Path) -> None:
    path = folder / "manifest.json"
    path.write_text(path.read_text().replace('"rate_hz": 200', '"rate_hz": 208'))
    assert read_manifest(folder).altered
    closed = recover(folder)
    assert (closed.rate_hz, closed.device.address) == (200, "F0:00")
    assert not read_manifest(folder).altered
    path.write_text(path.read_text().replace('"rate_hz": 200', '"rate_hz": 208'))
    assert damage_told(read_manifest(folder))[-1].startswith("The manifest was changed")


def test_a_step_whose_event_is_damaged_is_known_from_the_next_checkpoint(folder: Path) -> None:
    path = folder / EVENTS_NAME
    before = SessionLog.open(folder).samples("step")["step"].tolist()
    content = path.read_bytes()
    message = next(raw for raw, batch in batches_of(content) if "step" in batch["kind"].to_pylist())
    overwrite(path, content.find(message) + 100, b"\xaa" * 8)
    log = SessionLog.open(folder)
    assert log.samples("step")["step"].tolist() == before
    assert log.manifest.damage is not None
    assert log.manifest.damage.events > 0


def test_where_the_events_end_early_no_step_is_made_up(folder: Path) -> None:
    path = folder / EVENTS_NAME
    batches = batches_of(path.read_bytes())
    end = path.read_bytes().find(batches[5][0])
    path.write_bytes(path.read_bytes()[: end + 100])
    last_us = max(time_us for _, batch in batches[:5] for time_us in batch["device_time_us"].to_pylist())
    samples = SessionLog.open(folder).samples("device_time_us", "step")
    behind = samples["device_time_us"].astype(np.int64) >= last_us
    assert (samples["step"][behind] == -1).all()
    assert (samples["step"][~behind] == 0).any()


def test_damaged_events_of_an_old_journal_are_left_out_one_by_one(folder: Path) -> None:
    make_old(folder)
    path = folder / EVENTS_NAME
    overwrite(path, path.read_bytes().find(b'{"index"'), bytes(4))
    closed = recover(folder)
    assert closed.damage is not None
    assert (closed.damage.samples, closed.damage.events, closed.damage.unknown) == (0, 1, True)


@pytest.mark.parametrize("text", EVENT_DATA)
@pytest.mark.parametrize("kind", ["step", "gap", "stroke", "checkpoint"])
def test_data_that_no_event_has_is_refused_or_harmless(kind: str, text: str) -> None:
    table = pa.table({"device_time_us": [1], "kind": [kind], "data": [text]})
    events, unreadable = events_of(table)
    assert len(events) + unreadable == 1
    assert unreadable or isinstance(events[0].data, dict)
    assert len(events_table(events)) == len(events)


@pytest.mark.parametrize(("first", "count"), [(NUMBER_MAX, 0), (0, NUMBER_MAX), (NUMBER_MAX // 2, NUMBER_MAX // 2)])
def test_a_gap_whose_end_is_no_time_is_no_gap(first: int, count: int) -> None:
    text = json.dumps({"first_sample": first, "count": count})
    table = pa.table({"device_time_us": [1], "kind": ["gap"], "data": [text]})
    assert events_of(table) == ((), 1)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("started_utc", "9999-12-31T23:59:59-12:00"),
        ("started_utc", "0001-01-01T00:00:00+14:00"),
        ("rate_hz", 0),
        ("rate_hz", -200),
        ("rate_hz", 10**30),
        ("sha256", {"/dev/zero": "0" * 64}),
        ("sha256", {"../x.parquet": "0" * 64}),
        ("sha256", {"samples.parquet": "zz"}),
        ("clock", {"device_origin_us": 0, "host_origin_us": 10**30, "drift_ppm": 0}),
        ("steps", [{"index": 10**9, "start_us": 0, "end_us": 1}]),
        ("counters", {"sent": -1}),
    ],
)
def test_what_no_manifest_can_say_is_damage_that_names_the_field(folder: Path, field: str, value: object) -> None:
    path = folder / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), field: value}))
    with pytest.raises(LogDamagedError, match=rf"manifest\.json is damaged at {field}"):
        read_manifest(folder)


def test_too_many_channels_are_damage_and_unknown_ones_are_passed_over(folder: Path) -> None:
    make_old(folder)
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text())
    odd = {**manifest["channels"][0], "name": "heart", "unit": 1, "quantity": 99, "number": 20}
    path.write_text(json.dumps({**manifest, "channels": [*manifest["channels"], odd]}))
    assert len(SessionLog.open(folder).samples_table()) == len(samples_before())
    for too_many in (CHANNELS_MAX + 1, 10**5):  # few enough for the bound of the file, and not
        path.write_text(json.dumps({**manifest, "channels": [odd] * too_many}))
        with pytest.raises(StoreError):
            read_manifest(folder)

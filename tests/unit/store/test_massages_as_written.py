"""Files of massages by the button stay what they were, byte for byte, whoever reads the records in them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import pytest

from glowtool.app.logs.kept import READERS
from glowtool.drivers.gr1.archive import recorded_in
from glowtool.errors import DecodeError, LogDamagedError
from glowtool.session.do.takeover import Source, Taking, take_over
from glowtool.store.erasure.forget import forget_roller
from glowtool.store.rollers.massages import Massages, keep_massage, list_massages, massage_of, read_massage
from support.host.foreign_archive import RECORDED, BrushArchive

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.device.archive import RecordedMassage, RecordEntry

NOW: Final = datetime(2026, 11, 22, 15, 41, tzinfo=UTC)
BRUSH: Final = Source("0007", "Brush", "00:07")

#: A file as glowtool wrote it when its store read the records itself.
WRITTEN: Final = """\
{
  "format_version": 1,
  "massage_id": "GR1-0000-4F2A-00007-623bb5a2",
  "serial": "GR1-0000-4F2A",
  "device": "GR-1 4F2A",
  "address": "F0:F1:00:00:00:01",
  "record": 7,
  "fetched_utc": "2026-11-22T15:41:00Z",
  "started_utc": "2026-11-22T15:41:00Z",
  "ending": "button",
  "interlocks": [
    "no_contact",
    "soft_start"
  ],
  "program_crc32": "1234abcd",
  "current_s": 50.25,
  "vibration_s": 59.0,
  "steps": [
    {
      "elapsed_s": 30.0,
      "contact_s": 28.5,
      "mean_kpa": 3.12,
      "peak_kpa": 6.71
    },
    {
      "elapsed_s": 30.0,
      "contact_s": 28.5,
      "mean_kpa": 3.13,
      "peak_kpa": 6.71
    }
  ],
  "record_hex": "011b0c02020120e0f6ea03a2010000cdab34124ac4000078e6000030750000546f000038019f0230750000546f000039019f02"
}
"""
NAME: Final = "GR1-0000-4F2A-00007-623bb5a2.json"


def test_a_file_of_before_is_opened_and_would_be_written_the_same(tmp_path: Path) -> None:
    old = tmp_path / "old" / NAME
    old.parent.mkdir()
    old.write_text(WRITTEN, "utf-8")
    massage = read_massage(old, READERS)
    again = massage_of(
        7,
        recorded_in(bytes.fromhex(massage.record_hex)),
        serial="GR1-0000-4F2A",
        device="GR-1 4F2A",
        address="F0:F1:00:00:00:01",
        fetched_utc=NOW,
    )
    assert massage == again
    assert not keep_massage(Massages(old.parent, READERS), again), "it is there already"
    assert keep_massage(Massages(tmp_path / "new", READERS), again)
    assert (tmp_path / "new" / NAME).read_text("utf-8") == WRITTEN


async def test_a_massage_of_another_maker_s_device_is_taken_over_though_nobody_here_reads_its_record(
    tmp_path: Path,
) -> None:
    massages, archive = Massages(tmp_path, READERS), BrushArchive()

    outcome = await take_over(archive, Taking(BRUSH, massages, NOW, remove=True))

    assert (len(outcome.taken), outcome.unreadable, outcome.lost, archive.kept) == (1, [], 1, {})
    (entry,) = list_massages(massages)
    assert entry.massage is not None
    assert (entry.massage, entry.problem) == (outcome.taken[0].massage, None)
    assert (entry.massage.record_kind, entry.massage.ending, entry.massage.duration_s) == ("brush", "host", 15.0)
    forget_roller(tmp_path / "logs", massages, lambda *_: True)
    (entry,) = list_massages(massages)
    assert entry.massage is not None
    assert (entry.massage.serial, entry.massage.record_kind) == ("unknown", "brush")


async def test_a_record_of_another_maker_is_still_held_to_the_checksum_in_its_name(tmp_path: Path) -> None:
    massages = Massages(tmp_path, READERS)
    await take_over(BrushArchive(), Taking(BRUSH, massages, NOW))
    (entry,) = list_massages(massages)
    other = entry.path.read_text("utf-8").replace(RECORDED.data.hex(), RECORDED.data[1:].hex())
    entry.path.write_text(other, "utf-8")
    with pytest.raises(LogDamagedError, match="not the one that its name says"):
        read_massage(entry.path, READERS)


async def test_a_damaged_answer_about_a_record_is_not_a_record_that_is_not_understood(tmp_path: Path) -> None:
    class Garbled(BrushArchive):
        async def fetch(self, record: RecordEntry) -> RecordedMassage:
            raise DecodeError(f"the answer about record {record.number} is too short")

    with pytest.raises(DecodeError, match="about record 3"):
        await take_over(Garbled(), Taking(BRUSH, Massages(tmp_path, READERS), NOW))

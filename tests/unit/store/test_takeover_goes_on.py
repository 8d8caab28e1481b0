"""A takeover that goes on over another connection knows what the last one did, and what others did meanwhile."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from glowtool.device.archive import (
    Inventory,
    RecordedMassage,
    RecordedStep,
    RecordEntry,
    ResumingArchive,
    WrongRecordError,
)
from glowtool.errors import ConnectionLostError
from glowtool.model.ending import MassageEnd
from glowtool.model.state import Interlock
from glowtool.session.do.takeover import Source, Takeover, Taking, take_over
from glowtool.store.rollers.massages import Massages

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from glowtool.store.rollers.massages import KeptMassage

NOW = datetime(2026, 11, 30, 20, 0, tzinfo=UTC)
SOURCE = Source("0007", "Brush", "00:07")


@dataclass
class Shaky:
    """An archive of records in pieces of three bytes, whose link breaks before so many more answers are there."""

    kept: dict[int, bytes]
    answers: int = 1000
    loses_answer: bool = False
    spoilt: int | None = None
    asked: list[tuple[int, int]] = field(default_factory=list)
    deleted: list[int] = field(default_factory=list)

    def _answer(self) -> None:
        self.answers -= 1
        if self.answers < 0:
            raise ConnectionLostError("gone")

    async def last_stream_frames(self) -> int | None:
        return None

    async def count(self) -> Inventory:
        return Inventory(len(self.kept), 0)

    async def records(self) -> list[RecordEntry]:
        return [RecordEntry(number, len(data)) for number, data in self.kept.items()]

    async def crc32_of(self, record: int) -> int:
        return zlib.crc32(self.kept[record])

    async def fetch(self, record: RecordEntry) -> RecordedMassage:
        return self.recorded_in(self.kept[record.number])

    async def resume(self, record: RecordEntry, crc32: int, here: bytes, keep: Callable[[bytes], None]) -> bytes:
        data = here
        while len(data) < record.size_bytes:
            self._answer()
            self.asked.append((record.number, len(data)))
            piece = self.kept[record.number][len(data) :][:3]
            if self.spoilt == len(data):
                self.spoilt, piece = None, b"???"
            keep(piece)
            data += piece
        if zlib.crc32(data) != crc32:
            raise WrongRecordError("arrived damaged")
        return data

    def recorded_in(self, data: bytes) -> RecordedMassage:
        return RecordedMassage(
            "shaky", data, None, MassageEnd.HOST, Interlock(0), 7, 0.0, 12.5, (RecordedStep(15.0, 12.0, 3.5, 6.0),)
        )

    async def delete(self, record: int, data: bytes) -> None:
        if self.loses_answer:
            del self.kept[record]
            raise ConnectionLostError("gone")
        self._answer()
        assert data == self.kept.pop(record)
        self.deleted.append(record)


def taking(folder: Path, counted: list[KeptMassage] | None = None) -> Taking:
    async def count(massage: KeptMassage) -> None:
        (counted if counted is not None else []).append(massage)

    return Taking(SOURCE, Massages(folder, {}), NOW, remove=True, count=count)


def files(folder: Path) -> list[Path]:
    return list(folder.iterdir())


async def test_whatever_breaks_off_no_piece_is_asked_for_twice(tmp_path: Path) -> None:
    archive, outcome = Shaky({1: b"abcdefgh", 2: b"ijklmnop"}), Takeover()
    assert isinstance(archive, ResumingArchive)
    for _ in range(7):
        archive.answers = 1
        with pytest.raises(ConnectionLostError):
            await take_over(archive, taking(tmp_path), outcome)
    archive.answers = 1
    await take_over(archive, taking(tmp_path), outcome)
    assert len(archive.asked) == len(set(archive.asked)) == 6
    assert [(one.massage.record, one.fresh, one.removed) for one in outcome.taken] == [(1, True, True), (2, True, True)]
    assert len(files(tmp_path)) == 2, "no beginning is left"


async def test_a_deletion_whose_answer_was_lost_was_one(tmp_path: Path) -> None:
    archive, outcome, counted = Shaky({1: b"abcdefgh"}, loses_answer=True), Takeover(), list["KeptMassage"]()
    with pytest.raises(ConnectionLostError):
        await take_over(archive, taking(tmp_path, counted), outcome)
    await take_over(archive, taking(tmp_path, counted), outcome)
    assert [(one.massage.record, one.fresh, one.removed) for one in outcome.taken] == [(1, True, True)]
    assert (outcome.gone, len(counted)) == ((), 1)


async def test_what_another_host_had_deleted_meanwhile_is_said(tmp_path: Path) -> None:
    archive, outcome = Shaky({1: b"abcdefgh"}, answers=1), Takeover()
    with pytest.raises(ConnectionLostError):
        await take_over(archive, taking(tmp_path), outcome)
    del archive.kept[1]
    await take_over(archive, taking(tmp_path), outcome)
    assert (outcome.taken, outcome.gone) == ([], (1,))
    assert files(tmp_path) == [], "its beginning is of no use to anybody"


async def test_a_beginning_that_is_wrong_is_fetched_anew_and_one_that_is_wrong_again_is_said(tmp_path: Path) -> None:
    archive = Shaky({1: b"abcdefgh"}, answers=2, spoilt=0)
    with pytest.raises(ConnectionLostError):
        await take_over(archive, taking(tmp_path))
    archive.answers = 1000
    (taken,) = (await take_over(archive, taking(tmp_path))).taken
    assert bytes.fromhex(taken.massage.record_hex) == b"abcdefgh"
    again = Shaky({2: b"abcdefgh"}, spoilt=0)
    with pytest.raises(WrongRecordError):
        await take_over(again, taking(tmp_path))
    assert again.deleted == []

"""The archive of another maker's device: one massage, whose record nobody but its driver can read."""

from __future__ import annotations

from typing import Final

from glowtool.device.archive import Inventory, RecordedMassage, RecordedStep, RecordEntry
from glowtool.model.ending import MassageEnd
from glowtool.model.state import Interlock

RECORDED: Final = RecordedMassage(
    kind="brush",
    data=b"as the brush spells it",
    started_utc=None,
    ending=MassageEnd.HOST,
    interlocks=Interlock.NO_CONTACT,
    program_crc32=7,
    current_s=0.0,
    vibration_s=12.5,
    steps=(RecordedStep(15.0, 12.0, 3.5, 6.0),),
)


class BrushArchive:
    """The archive of another maker's device, with one massage."""

    def __init__(self) -> None:
        self.kept = {3: RECORDED}

    async def last_stream_frames(self) -> int | None:
        return None

    async def count(self) -> Inventory:
        return Inventory(len(self.kept), 1)

    async def records(self) -> list[RecordEntry]:
        return [RecordEntry(number, len(each.data)) for number, each in self.kept.items()]

    async def fetch(self, record: RecordEntry) -> RecordedMassage:
        return self.kept[record.number]

    async def delete(self, record: int, data: bytes) -> None:
        assert data == self.kept.pop(record).data

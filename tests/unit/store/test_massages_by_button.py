"""Massages by the button are taken over whole and once, and deleted from the roller only when safe on disk."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from glowsim.firmware.flash.layout import Kind
from glowtool.app.logs.kept import READERS
from glowtool.drivers.gr1.archive import Archive, recorded_in
from glowtool.errors import LogDamagedError, LogNotFoundError, StoreError
from glowtool.model.ending import MassageEnd
from glowtool.model.state import Interlock
from glowtool.protocol.records import (
    HEAD_SIZE,
    RECORD_FORMAT,
    ROW_SIZE,
    Massage,
    MassageHead,
    MassageStep,
    encode_massage,
)
from glowtool.session.do.takeover import Source, Takeover, Taking, take_over
from glowtool.store.erasure.forget import forget_roller
from glowtool.store.erasure.unnamed import RollerNames
from glowtool.store.rollers.massages import (
    Massages,
    find_massage,
    keep_massage,
    list_massages,
    massage_of,
    read_massage,
)
from support.device.firmware_bench import Bench
from support.logs.full_disk import full_disk

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.protocol.commands.codec import Response
    from glowtool.protocol.commands.opcode import Opcode
    from glowtool.protocol.wire import Message
    from glowtool.store.rollers.massages import KeptMassage

NOW = datetime(2026, 11, 22, 15, 41, tzinfo=UTC)
SOURCE = Source("GR1-0000-4F2A", "GR-1 4F2A", "F0:F1:00:00:00:01")


def record(steps: int = 2, start_unix_ms: int = 1_795_362_060_000) -> bytes:
    rows = tuple(MassageStep(30_000, 28_500, 312 + at, 671) for at in range(steps))
    head = MassageHead(
        RECORD_FORMAT, HEAD_SIZE, ROW_SIZE, steps, MassageEnd.BUTTON, Interlock.NO_CONTACT | Interlock.SOFT_START,
        start_unix_ms, 0x1234ABCD, 50_250, 59_000,
    )  # fmt: skip
    return encode_massage(Massage(head, rows))


def kept(number: int = 7, data: bytes | None = None) -> KeptMassage:
    return massage_of(
        number,
        recorded_in(data or record()),
        serial=SOURCE.serial,
        device=SOURCE.device,
        address=SOURCE.address,
        fetched_utc=NOW,
    )


class Talk:
    """A roller with two massages, and a link that breaks off after this many answers."""

    def __init__(self) -> None:
        self.bench, self.answers = Bench(), 1000
        for number, data in ((7, record()), (8, record(1, 0))):
            self.bench.memory.records.put(Kind.MASSAGE, number, data)

    async def ask(self, opcode: Opcode, operands: Message | None) -> Response:
        if not self.answers:
            raise ConnectionError
        self.answers -= 1
        return self.bench.send(opcode, operands, mtu=64)

    @property
    def numbers(self) -> list[int]:
        return sorted(self.bench.memory.records.keys(Kind.MASSAGE))

    async def take_over(self, folder: Path, *, remove: bool = False) -> Takeover:
        return await take_over(Archive(self.ask), Taking(SOURCE, Massages(folder, READERS), NOW, remove))


async def test_massages_are_taken_over_once_and_stay_on_the_roller(tmp_path: Path) -> None:
    talk, folder = Talk(), tmp_path / "massages"
    first, again = await talk.take_over(folder), await talk.take_over(folder)
    assert [(one.massage.record, one.fresh, one.removed) for one in first.taken] == [(7, True, False), (8, True, False)]
    assert [one.fresh for one in again.taken] == [False, False]
    assert talk.numbers == [7, 8]
    assert [entry.massage for entry in list_massages(Massages(folder, READERS))] == [one.massage for one in first.taken]


def test_a_massage_says_in_peoples_units_what_its_record_says(tmp_path: Path) -> None:
    assert keep_massage(Massages(tmp_path, READERS), kept())
    (entry,) = list_massages(Massages(tmp_path, READERS))
    massage = read_massage(entry.path, READERS)
    assert massage == kept()
    assert (massage.started_utc, massage.ending) == (datetime(2026, 11, 22, 15, 41, tzinfo=UTC), "button")
    assert set(massage.interlocks) == {"soft_start", "no_contact"}
    assert (massage.current_s, massage.vibration_s, massage.duration_s) == (50.25, 59.0, 60.0)
    assert [(step.contact_s, step.mean_kpa, step.peak_kpa) for step in massage.steps] == [
        (28.5, 3.12, 6.71),
        (28.5, 3.13, 6.71),
    ]
    assert bytes.fromhex(massage.record_hex) == record()
    assert kept(data=record(1, 0)).started_utc is None
    assert stat.S_IMODE(entry.path.stat().st_mode) == 0o600


async def test_a_massage_is_deleted_only_when_it_is_safe_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = Talk()
    with monkeypatch.context() as patched:
        patched.setattr("glowtool.store.rollers.massages.write_atomic", full_disk)
        with pytest.raises(StoreError, match="still has the massage; free some space"):
            await talk.take_over(tmp_path / "massages", remove=True)
    assert talk.numbers == [7, 8]
    outcome = await talk.take_over(tmp_path / "massages", remove=True)
    assert [one.removed for one in outcome.taken] == [True, True]
    assert talk.numbers == []
    assert len(list_massages(Massages(tmp_path / "massages", READERS))) == 2


async def test_what_a_disk_does_not_keep_stays_on_the_roller(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    talk = Talk()
    monkeypatch.setattr("glowtool.store.rollers.massages.write_atomic", lambda path, _write: path.write_text("{}"))
    with pytest.raises(LogDamagedError, match="the roller still has the massage"):
        await talk.take_over(tmp_path, remove=True)
    assert talk.numbers == [7, 8]


async def test_a_takeover_that_broke_off_goes_on(tmp_path: Path) -> None:
    talk = Talk()
    talk.answers = 9
    with pytest.raises(ConnectionError):
        await talk.take_over(tmp_path, remove=True)
    assert len(list_massages(Massages(tmp_path, READERS))) + len(talk.numbers) >= 2
    assert talk.numbers, "it did break off"
    talk.answers = 1000
    await talk.take_over(tmp_path, remove=True)
    assert (len(list_massages(Massages(tmp_path, READERS))), talk.numbers) == (2, [])


async def test_a_record_that_is_not_understood_stays_on_the_roller(tmp_path: Path) -> None:
    talk = Talk()
    talk.bench.memory.records.put(Kind.MASSAGE, 9, b"\x02of another format")
    outcome = await talk.take_over(tmp_path, remove=True)
    assert [one.record for one in outcome.unreadable] == [9]
    assert (len(outcome.taken), talk.numbers) == (2, [9])


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[: len(text) // 2],
        lambda text: text.replace('"record_hex": "01', '"record_hex": "zz'),
        lambda text: text.replace('"record_hex": "01', '"record_hex": "00'),
        lambda text: text.replace('"record": 7', '"record": 8'),
    ],
)
def test_a_damaged_file_is_said_and_written_anew(damage, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]  # lambdas above
    keep_massage(Massages(tmp_path, READERS), kept())
    (entry,) = list_massages(Massages(tmp_path, READERS))
    entry.path.write_text(damage(entry.path.read_text("utf-8")), "utf-8")
    (damaged,) = list_massages(Massages(tmp_path, READERS))
    assert damaged.massage is None
    assert "is damaged" in str(damaged.problem)
    with pytest.raises(LogDamagedError):
        read_massage(entry.path, READERS)
    assert keep_massage(Massages(tmp_path, READERS), kept())
    assert read_massage(entry.path, READERS) == kept()


def test_a_file_of_a_later_glowtool_is_left_alone(tmp_path: Path) -> None:
    keep_massage(Massages(tmp_path, READERS), kept())
    (entry,) = list_massages(Massages(tmp_path, READERS))
    later = {**json.loads(entry.path.read_text("utf-8")), "format_version": 2}
    entry.path.write_text(json.dumps(later), "utf-8")
    with pytest.raises(StoreError, match="update glowtool"):
        keep_massage(Massages(tmp_path, READERS), kept())
    assert json.loads(entry.path.read_text("utf-8")) == later


def test_a_massage_is_found_by_the_beginning_of_its_id(tmp_path: Path) -> None:
    for number in (7, 8):
        keep_massage(Massages(tmp_path, READERS), kept(number))
    found = find_massage(Massages(tmp_path, READERS), "gr1-0000-4f2a-00008")
    assert found is not None
    assert found.massage == kept(8)
    assert find_massage(Massages(tmp_path, READERS), "GR1") is None
    assert find_massage(Massages(tmp_path, READERS), "") is None
    assert find_massage(Massages(tmp_path / "nowhere", READERS), "GR1") is None
    with pytest.raises(LogNotFoundError):
        read_massage(tmp_path / "nothing.json", READERS)


def test_a_massage_whose_roller_is_forgotten_loses_the_serial_number_in_its_name_too(tmp_path: Path) -> None:
    keep_massage(Massages(tmp_path, READERS), kept())
    changed, failed = forget_roller(
        tmp_path / "logs", Massages(tmp_path, READERS), lambda _, serial: serial == SOURCE.serial
    )
    assert failed == ()
    (entry,) = list_massages(Massages(tmp_path, READERS))
    assert (entry.massage_id, entry.problem) == (changed[0], None)
    assert entry.massage_id.startswith("unknown-")
    assert SOURCE.serial not in entry.path.read_text()
    assert SOURCE.address not in entry.path.read_text()


def test_a_damaged_massage_never_takes_the_place_of_a_whole_one(tmp_path: Path) -> None:
    massages = Massages(tmp_path, READERS)

    def forget() -> None:
        names = RollerNames.of_those(numbers=(SOURCE.serial, SOURCE.address))
        forget_roller(tmp_path / "logs", massages, lambda _, serial: serial == SOURCE.serial, names)

    keep_massage(massages, kept())
    forget()
    (whole,) = list_massages(massages)
    keep_massage(massages, kept())
    (again,) = (entry.path for entry in list_massages(massages) if entry.path != whole.path)
    again.write_bytes(again.read_bytes()[:100])
    forget()
    assert {entry.problem is None for entry in list_massages(massages)} == {True, False}
    assert read_massage(whole.path, READERS) == whole.massage
    assert not [path for path in tmp_path.rglob("*.json") if SOURCE.serial.encode() in path.read_bytes()]


def test_a_file_that_says_other_than_its_record_is_damaged(tmp_path: Path) -> None:
    keep_massage(Massages(tmp_path, READERS), kept())
    (path,) = tmp_path.iterdir()
    path.write_text(path.read_text().replace('"ending": "button"', '"ending": "zzz"'))
    with pytest.raises(LogDamagedError, match="its fields and its record disagree"):
        read_massage(path, READERS)

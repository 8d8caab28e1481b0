"""The massages by the button, which rollers record themselves: one JSON file each, with the record as it was sent.

They are summaries (times, contact and pressure for each step), not sessions: there are no samples to export or analyse.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_serializer

from glowtool.errors import DecodeError, LogDamagedError, LogNotFoundError, StoreError
from glowtool.kit.storage.files import make_folder, storing, sync_file, sync_folder, write_atomic
from glowtool.model.ending import ENDS, MassageEnd
from glowtool.model.names import key_of, keys_in
from glowtool.store.bounds import MASSAGE_MAX_BYTES
from glowtool.store.regular import read_regular
from glowtool.store.times import Moment

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from pydantic import SerializerFunctionWrapHandler

    from glowtool.device.archive import RecordedMassage, RecordedStep

FORMAT_VERSION: Final = 1

#: The kind of record of a file that names none: there was no other when the format was made.
FIRST_KIND: Final = "gr1"

#: What reads a record again, by its kind: a file is compared with it.
Readers = Mapping[str, "Callable[[bytes], RecordedMassage]"]

#: This replaces the name and serial number of a forgotten roller.
NO_ROLLER: Final = "unknown"

_SUFFIX: Final = ".json"
_KEPT: Final = "the roller still has the massage"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class KeptStep(_Part):
    """One step that began."""

    elapsed_s: Annotated[float, Field(description="time spent in the step, s")]
    contact_s: Annotated[float, Field(description="time of it with skin contact, s")]
    mean_kpa: Annotated[float, Field(description="mean over both heads while in contact, kPa")]
    peak_kpa: Annotated[float, Field(description="highest reading of a single cell, kPa")]


class KeptMassage(_Part):
    """One massage by the button. `record_hex` is the record as the roller sent it; everything else comes from it."""

    format_version: Annotated[int, Field(description="version of this format")] = FORMAT_VERSION
    massage_id: Annotated[str, Field(description="serial number, number of the record, CRC-32 of the record")]
    serial: Annotated[str, Field(description="serial number of the roller")]
    device: Annotated[str, Field(description="name of the roller as advertised")]
    address: Annotated[str, Field(description="Bluetooth address or the platform's identifier")]
    record: Annotated[int, Field(description="number of the record in the roller")]
    fetched_utc: Annotated[Moment, Field(description="when it was taken over")]
    started_utc: Annotated[Moment | None, Field(description="start; null: the roller's clock was not set")]
    ending: Annotated[str, Field(description="program_end, button, host, interlock, or power_lost")]
    interlocks: Annotated[tuple[str, ...], Field(description="everything that held outputs back at some time")]
    program_crc32: Annotated[str, Field(description="CRC-32 of the program, hexadecimal")]
    current_s: Annotated[float, Field(description="time with microcurrent, s")]
    vibration_s: Annotated[float, Field(description="time with vibration, s")]
    steps: Annotated[tuple[KeptStep, ...], Field(description="the steps that were begun, in order")]
    record_hex: Annotated[str, Field(description="the record as the roller sent it, hexadecimal")]
    record_kind: Annotated[str, Field(description="driver of the roller that made it; absent: `gr1`")] = FIRST_KIND

    @model_serializer(mode="wrap")
    def _without_first_kind(self, whole: SerializerFunctionWrapHandler) -> dict[str, object]:
        said: dict[str, object] = whole(self)
        return {key: value for key, value in said.items() if (key, value) != ("record_kind", FIRST_KIND)}

    @property
    def duration_s(self) -> float:
        """Time spent in all steps."""
        return sum(step.elapsed_s for step in self.steps)

    @property
    def ending_meaning(self) -> str:
        """How it ended, in one line; an ending of a later version as it is written."""
        known = MassageEnd.__members__.get(self.ending.upper())
        return self.ending if known is None else ENDS[known]


@dataclass(frozen=True, slots=True)
class MassageEntry:
    """One file of the massages by the button: its content, or the reason why it cannot be read."""

    path: Path
    massage: KeptMassage | None
    problem: str | None = None

    @property
    def massage_id(self) -> str:
        """The massage's id, which is the file's name."""
        return self.path.stem


@dataclass(frozen=True, slots=True)
class Massages:
    """The folder of massages by the button, and what reads their records again.

    A record of a kind without a reader is compared with the checksum in its file's name, and otherwise believed.
    """

    folder: Path
    readers: Readers


def massage_of(
    record: int, recorded: RecordedMassage, *, serial: str, device: str, address: str, fetched_utc: datetime
) -> KeptMassage:
    """Return a recorded massage, ready to be stored."""
    return KeptMassage(
        massage_id=_id_of(serial, record, recorded.data),
        serial=serial,
        device=device,
        address=address,
        record=record,
        fetched_utc=fetched_utc,
        started_utc=recorded.started_utc,
        ending=key_of(recorded.ending),
        interlocks=tuple(keys_in(recorded.interlocks)),
        program_crc32=f"{recorded.program_crc32:08x}",
        current_s=recorded.current_s,
        vibration_s=recorded.vibration_s,
        steps=tuple(map(_step, recorded.steps)),
        record_hex=recorded.data.hex(),
        record_kind=recorded.kind,
    )


def serial_in_names(serial: str) -> str:
    """Return a serial number as the names of files have it."""
    return re.sub("[^0-9A-Za-z-]", "_", serial)


def anonymous(massage: KeptMassage) -> KeptMassage:
    """Return the massage without anything that identifies its roller."""
    data = bytes.fromhex(massage.record_hex)
    return massage.model_copy(
        update={
            "massage_id": _id_of(NO_ROLLER, massage.record, data),
            "serial": NO_ROLLER,
            "device": NO_ROLLER,
            "address": "",
        }
    )


def keep_massage(massages: Massages, massage: KeptMassage) -> bool:
    """Write a massage to disk, sync it and read it back; return False when the same record was there already, whole.

    Either way its file and the folder are synced when this returns. Raises `StoreError` when it cannot be written,
    `LogDamagedError` when another record is read back.
    """
    path = massages.folder / f"{massage.massage_id}{_SUFFIX}"
    if _holds(path, massage, massages.readers):
        _settle(path)
        return False
    text = json.dumps(massage.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"
    with storing(f"write {path}", kept=_KEPT):
        make_folder(massages.folder)
        write_atomic(path, lambda stream: stream.write(text.encode()))
    if not _holds(path, massage, massages.readers):
        raise LogDamagedError(f"{path} differs from what was written", advice=f"{_KEPT}; check the disk and try again")
    return True


def whole_massage(massages: Massages, massage_id: str) -> KeptMassage | None:
    """Return the massage with that id if it is on disk, whole, and surely stays there; raises `StoreError`."""
    path = massages.folder / f"{massage_id}{_SUFFIX}"
    try:
        massage = read_massage(path, massages.readers)
    except (LogNotFoundError, LogDamagedError):
        return None
    _settle(path)
    return massage


def _settle(path: Path) -> None:
    """Sync a file that is there, and its name: whoever wrote it may have been killed before that."""
    with storing(f"sync {path}", kept=_KEPT):
        sync_file(path)
        sync_folder(path.parent)


def read_massage(path: Path, readers: Readers) -> KeptMassage:
    """Return the massage in a file; raises `LogNotFoundError`, `LogDamagedError` or `StoreError`."""
    with storing(f"read {path}"):
        try:
            content = read_regular(path, MASSAGE_MAX_BYTES)
        except FileNotFoundError as error:
            raise LogNotFoundError(f"there is no massage in {path}") from error
    try:
        massage = KeptMassage.model_validate_json(content)
        data = bytes.fromhex(massage.record_hex)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the whole file"
        raise LogDamagedError(f"{path} is damaged at {where}: {first['msg']}") from error
    except ValueError as error:
        raise LogDamagedError(f"{path} is damaged at record_hex: {error}") from error
    if massage.format_version > FORMAT_VERSION:
        raise StoreError(
            f"{path} has format version {massage.format_version}, but this glowtool reads up to {FORMAT_VERSION}",
            advice="update glowtool",
        )
    if _id_of(massage.serial, massage.record, data) != path.stem:
        raise LogDamagedError(f"{path} is damaged: its record is not the one that its name says")
    if not _says_its_record(massage, data, readers):
        raise LogDamagedError(f"{path} is damaged: its fields and its record disagree", advice="fetch it again")
    return massage


def list_massages(massages: Massages) -> tuple[MassageEntry, ...]:
    """Return all massages by the button, roller by roller, in the order of their records; empty without the folder."""
    folder = massages.folder
    with storing(f"list the massages in {folder}"):
        paths = sorted(path for path in folder.glob(f"*{_SUFFIX}") if path.name[0] != ".") if folder.is_dir() else []
    return tuple(_entry(path, massages.readers) for path in paths)


def find_massage(massages: Massages, text: str) -> MassageEntry | None:
    """Return the massage whose id is `text`, or the only one whose id begins with it; None if there is none."""
    found = [entry for entry in list_massages(massages) if text and entry.massage_id.lower().startswith(text.lower())]
    return found[0] if len(found) == 1 else None


def id_of(serial: str, record: int, crc32: int) -> str:
    """Return the id of a massage, which tells it from all others of all rollers."""
    # The number alone is not enough: a roller whose flash was replaced starts again from the first.
    return f"{serial_in_names(serial)}-{record:05d}-{crc32:08x}"


def _id_of(serial: str, record: int, data: bytes) -> str:
    return id_of(serial, record, zlib.crc32(data))


def _says_its_record(massage: KeptMassage, data: bytes, readers: Readers) -> bool:
    """Tell whether everything in a massage's file agrees with its record, as far as anybody can read that."""
    reader = readers.get(massage.record_kind)
    if reader is None:
        return True
    try:
        recorded = reader(data)
    except DecodeError:
        return False
    read = massage_of(
        massage.record, recorded, serial=massage.serial, device=massage.device, address=massage.address,
        fetched_utc=massage.fetched_utc,
    )  # fmt: skip
    return read == massage.model_copy(update={"massage_id": read.massage_id, "format_version": read.format_version})


def _holds(path: Path, massage: KeptMassage, readers: Readers) -> bool:
    try:
        return read_massage(path, readers).record_hex == massage.record_hex
    except (LogNotFoundError, LogDamagedError):
        return False


def _entry(path: Path, readers: Readers) -> MassageEntry:
    try:
        return MassageEntry(path, read_massage(path, readers))
    except StoreError as error:
        return MassageEntry(path, None, str(error))


def _step(step: RecordedStep) -> KeptStep:
    return KeptStep(elapsed_s=step.elapsed_s, contact_s=step.contact_s, mean_kpa=step.mean_kpa, peak_kpa=step.peak_kpa)

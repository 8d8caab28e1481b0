"""The massages by the button, which rollers record themselves: one JSON file each, with the record as it was sent.

They are summaries (times, contact and pressure for each step), not sessions: there are no samples to export or analyse.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from glowtool.errors import DecodeError, LogDamagedError, LogNotFoundError, StoreError
from glowtool.kit.storage.files import make_folder, storing, write_atomic
from glowtool.model.names import key_of, keys_in
from glowtool.protocol.meanings import meaning_of
from glowtool.protocol.records import MassageEnd, decode_massage, record_crc
from glowtool.store.bounds import MASSAGE_MAX_BYTES
from glowtool.store.regular import read_regular
from glowtool.store.times import Moment

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.protocol.records import MassageStep

FORMAT_VERSION: Final = 1

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

    @property
    def duration_s(self) -> float:
        """Time spent in all steps."""
        return sum(step.elapsed_s for step in self.steps)

    @property
    def ending_meaning(self) -> str:
        """How it ended, in one line; an ending of a later version as it is written."""
        known = MassageEnd.__members__.get(self.ending.upper())
        return self.ending if known is None else meaning_of(known)


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


def massage_of(
    record: int, data: bytes, *, serial: str, device: str, address: str, fetched_utc: datetime
) -> KeptMassage:
    """Return the massage in a record, ready to be stored; raises `DecodeError`."""
    massage = decode_massage(data)
    head = massage.head
    return KeptMassage(
        massage_id=_id_of(serial, record, data),
        serial=serial,
        device=device,
        address=address,
        record=record,
        fetched_utc=fetched_utc,
        started_utc=datetime.fromtimestamp(head.start_unix_ms / 1000, UTC) if head.start_unix_ms else None,
        ending=key_of(head.end),
        interlocks=tuple(keys_in(head.interlocks)),
        program_crc32=f"{head.program_crc32:08x}",
        current_s=head.current_ms / 1000,
        vibration_s=head.vibration_ms / 1000,
        steps=tuple(map(_step, massage.steps)),
        record_hex=data.hex(),
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


def keep_massage(folder: Path, massage: KeptMassage) -> bool:
    """Write a massage to disk, sync it and read it back; return False when the same record was there already, whole.

    Raises `StoreError` when it cannot be written, `LogDamagedError` when another record is read back.
    """
    path = folder / f"{massage.massage_id}{_SUFFIX}"
    if _holds(path, massage):
        return False
    text = json.dumps(massage.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"
    with storing(f"write {path}", kept=_KEPT):
        make_folder(folder)
        write_atomic(path, lambda stream: stream.write(text.encode()))
    if not _holds(path, massage):
        raise LogDamagedError(f"{path} differs from what was written", advice=f"{_KEPT}; check the disk and try again")
    return True


def read_massage(path: Path) -> KeptMassage:
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
    if not _says_its_record(massage, data):
        raise LogDamagedError(f"{path} is damaged: its fields and its record disagree", advice="fetch it again")
    return massage


def list_massages(folder: Path) -> tuple[MassageEntry, ...]:
    """Return all massages by the button, roller by roller, in the order of their records; empty without the folder."""
    with storing(f"list the massages in {folder}"):
        paths = sorted(path for path in folder.glob(f"*{_SUFFIX}") if path.name[0] != ".") if folder.is_dir() else []
    return tuple(map(_entry, paths))


def find_massage(folder: Path, text: str) -> MassageEntry | None:
    """Return the massage whose id is `text`, or the only one whose id begins with it; None if there is none."""
    found = [entry for entry in list_massages(folder) if text and entry.massage_id.lower().startswith(text.lower())]
    return found[0] if len(found) == 1 else None


def _id_of(serial: str, record: int, data: bytes) -> str:
    # The number alone is not enough: a roller whose flash was replaced starts again from the first.
    return f"{serial_in_names(serial)}-{record:05d}-{record_crc(data):08x}"


def _says_its_record(massage: KeptMassage, data: bytes) -> bool:
    """Tell whether everything in a massage's file agrees with its record."""
    try:
        read = massage_of(
            massage.record, data, serial=massage.serial, device=massage.device, address=massage.address,
            fetched_utc=massage.fetched_utc,
        )  # fmt: skip
    except DecodeError:
        return False
    return read == massage.model_copy(update={"massage_id": read.massage_id, "format_version": read.format_version})


def _holds(path: Path, massage: KeptMassage) -> bool:
    try:
        return read_massage(path).record_hex == massage.record_hex
    except (LogNotFoundError, LogDamagedError):
        return False


def _entry(path: Path) -> MassageEntry:
    try:
        return MassageEntry(path, read_massage(path))
    except StoreError as error:
        return MassageEntry(path, None, str(error))


def _step(row: MassageStep) -> KeptStep:
    return KeptStep(
        elapsed_s=row.elapsed_ms / 1000,
        contact_s=row.contact_ms / 1000,
        mean_kpa=row.mean_kpa,
        peak_kpa=row.peak_kpa,
    )

"""The manifest: the content of a session's folder, how it was recorded, and whether it is whole."""

from __future__ import annotations

import enum
import json
import re
import zlib
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, ValidationError

from glowtool.errors import LogDamagedError, LogNotFoundError, StoreError
from glowtool.kit.storage.files import storing, write_atomic
from glowtool.model.channel import Channel, ChannelFacts, ChannelFlag, Format, Place, Quantity, Unit
from glowtool.model.channel import Stream as StreamKind
from glowtool.model.ending import Ending
from glowtool.store.bounds import CEILINGS_MAX, CHANNELS_MAX, MANIFEST_MAX_BYTES, NUMBER_MAX, RATE_MAX_HZ, STEPS_MAX
from glowtool.store.regular import read_regular
from glowtool.store.times import Moment

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.stream.arrivals import Books
    from glowtool.stream.clock import ClockModel

FORMAT_VERSION: Final = 1
MANIFEST_NAME: Final = "manifest.json"

#: The checksum's own field, which it does not cover.
_CHECK: Final = "manifest_crc32"

Count = Annotated[int, Field(ge=0, le=NUMBER_MAX)]
Number = Annotated[int, Field(ge=-NUMBER_MAX, le=NUMBER_MAX)]


class LogState(enum.StrEnum):
    """How far a log has come."""

    RECORDING = "recording"
    FINISHED = "finished"
    RECOVERED = "recovered"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class DeviceEntry(_Part):
    """The roller that was used."""

    name: Annotated[str, Field(description="name as advertised")]
    address: Annotated[str, Field(description="Bluetooth address or the platform's identifier")]
    serial: Annotated[str, Field(description="serial number")]
    firmware: Annotated[str, Field(description="firmware revision")]
    protocol: Annotated[str, Field(description="protocol version, major.minor")]

    @classmethod
    def unknown(cls) -> DeviceEntry:
        """Return the entry of a roller that is unknown or was forgotten."""
        return cls(name="unknown", address="", serial="", firmware="", protocol="")


class ChannelEntry(_Part):
    """One row of the roller's channel table, as it was read."""

    name: Annotated[str, Field(pattern="^[!-~]{1,64}$")]
    number: Number
    stream: Number
    quantity: Number
    place: Number
    format: Number
    flags: Number
    unit: Number
    multiplier: Number
    exponent: Annotated[int, Field(ge=-128, le=127)]
    offset: Number
    raw_minimum: Number
    raw_maximum: Number

    @classmethod
    def from_channel(cls, channel: Channel) -> ChannelEntry:
        """Return the entry of a channel."""
        row = channel.row
        numbers = {name: int(getattr(row, name)) for name in cls.model_fields if name != "name"}
        return cls(name=channel.name, **numbers)

    def channel(self) -> Channel:
        """Return the channel that the entry describes; raises `ValueError` for one that this glowtool does not know."""
        row = ChannelFacts(
            self.number,
            StreamKind(self.stream),
            Quantity(self.quantity),
            Place(self.place),
            Format(self.format),
            ChannelFlag(self.flags),
            Unit(self.unit),
            self.multiplier,
            self.exponent,
            self.offset,
            self.raw_minimum,
            self.raw_maximum,
        )
        return Channel(self.name, row)


class ClockEntry(_Part):
    """The clock model: host = host_origin_us + (device − device_origin_us) × (1 + drift_ppm × 10⁻⁶)."""

    device_origin_us: Annotated[Number, Field(description="device time of the origin, µs")]
    host_origin_us: Annotated[Number, Field(description="unix time of the origin, µs")]
    drift_ppm: Annotated[
        float, Field(gt=-1e6, lt=1e6, description="by how much the host's clock runs faster than the device's, ppm")
    ]

    @classmethod
    def from_model(cls, model: ClockModel) -> ClockEntry:
        """Return the entry of a clock model."""
        return cls(
            device_origin_us=model.device_origin_us, host_origin_us=model.host_origin_us, drift_ppm=model.drift_ppm
        )


class StepSpan(_Part):
    """The time of one step, half open: start_us ≤ device time < end_us."""

    index: Annotated[int, Field(ge=0, le=0x7FFF, description="step of the program, from 0")]
    start_us: Annotated[Number, Field(description="device time, µs")]
    end_us: Annotated[Number, Field(description="device time, µs")]


class CountersEntry(_Part):
    """The frame counts of all telemetry streams together; received + lost + duplicate + late = sent."""

    sent: Annotated[Count, Field(description="copies on the air")] = 0
    received: Annotated[Count, Field(description="frames used")] = 0
    lost: Annotated[Count, Field(description="frames that never came or could not be used")] = 0
    duplicate: Annotated[Count, Field(description="further copies of frames that had come")] = 0
    late: Annotated[Count, Field(description="frames that came after a younger one; their samples are in the gaps")] = 0
    decode_errors: Annotated[Count, Field(description="notifications that did not decode (part of lost)")] = 0
    dropped: Annotated[Count, Field(description="frames that the host's own queue dropped (part of lost)")] = 0
    unsettled: Annotated[
        Count, Field(description="streams of which nobody knows how many frames came after the last; in no number")
    ] = 0

    @classmethod
    def from_counters(cls, counters: Books) -> CountersEntry:
        """Return the entry of a stream's counters."""
        return cls(**{name: getattr(counters, name) for name in cls.model_fields})


class OrderEntry(_Part):
    """The place of a session among those of its data folder, independent of the clock."""

    folder: Annotated[
        str, Field(pattern="^[0-9a-f]{8,32}$", description="the data folder that counts, by its random id")
    ]
    number: Annotated[Count, Field(description="number of the session in it, from 1")]


class DamageEntry(_Part):
    """A part of a journal that could not be read when the log was closed."""

    samples: Annotated[Count, Field(description="samples written that are not in the log, as far as known")] = 0
    events: Annotated[Count, Field(description="events written that are not in the log, as far as known")] = 0
    bytes: Annotated[Count, Field(description="bytes of the journal that belong to nothing whole")] = 0
    manifest: Annotated[bool, Field(description="whether the manifest was damaged, and taken from the journal")] = False
    unknown: Annotated[
        bool, Field(description="whether more may be lost: no checksums, or an end that is not whole")
    ] = False
    cut: Annotated[bool, Field(description="whether only the end is missing, and all before it is whole")] = False


def _data_files(hashes: dict[str, str]) -> dict[str, str]:
    """Refuse hashes of anything but the log's own files, because the files named here are read."""
    for name, value in hashes.items():
        if not _DATA_FILE.match(name) or not _SHA256.match(value):
            raise ValueError(f"{name!r} is not a file of a log with its SHA-256")
    return hashes


_DATA_FILE: Final = re.compile(r"[a-z][a-z0-9_]{0,30}\.parquet\Z")
_SHA256: Final = re.compile(r"[0-9a-f]{64}\Z")


class Manifest(_Part):
    """Everything about a session that is not a sample, a stroke or an event."""

    format_version: Annotated[int, Field(ge=1, description="version of this format")] = FORMAT_VERSION
    session_id: Annotated[
        str, Field(pattern=r"^[^\x00-\x20/\\]{1,80}$", description="UTC start and six random hexadecimal digits")
    ]
    state: Annotated[LogState, Field(description="recording, finished or recovered")] = LogState.RECORDING
    started_utc: Annotated[Moment, Field(description="start of the session")]
    ended_utc: Annotated[Moment | None, Field(description="end of the session; null while recording")] = None
    ending: Annotated[Ending | None, Field(description="why it ended; null while recording")] = None
    person: Annotated[
        str | None, Field(pattern="^[0-9a-f]{16}$", description="pseudonym of the person; null: none, or an older log")
    ] = None
    routine: Annotated[dict[str, JsonValue], Field(description="the routine as run, in full")]
    program_hex: Annotated[str, Field(description="the program as uploaded, hexadecimal")]
    device: Annotated[DeviceEntry, Field(description="the roller")]
    channels: Annotated[
        tuple[ChannelEntry, ...],
        Field(max_length=CHANNELS_MAX, description="the roller's channel table, its fields as in the protocol page"),
    ]
    rate_hz: Annotated[int, Field(ge=1, le=RATE_MAX_HZ, description="samples a second")]
    ceilings: Annotated[
        dict[str, Annotated[float, Field(ge=0)]],
        Field(
            max_length=CEILINGS_MAX,
            description="the ceilings that the roller states, by name, in the units of the table of ceilings; "
            "empty: an older glowtool",
        ),
    ] = {}
    clock: Annotated[ClockEntry | None, Field(description="device time to unix time")] = None
    steps: Annotated[tuple[StepSpan, ...], Field(max_length=STEPS_MAX, description="when each step ran")] = ()
    counters: Annotated[
        CountersEntry,
        Field(description="the frames of all telemetry streams; of a recording that was cut off, as of its last sync"),
    ] = CountersEntry()
    sha256: Annotated[
        dict[str, str],
        Field(max_length=16, description="hash of each data file, by file name"),
        AfterValidator(_data_files),
    ] = {}
    order: Annotated[OrderEntry | None, Field(description="place among the sessions; null: an older glowtool")] = None
    damage: Annotated[DamageEntry | None, Field(description="what was lost; null: nothing that is known of")] = None
    manifest_crc32: Annotated[
        str | None,
        Field(description="CRC-32 of this object without this field, as JSON with sorted keys and no spaces"),
    ] = None
    #: Whether the file differs from what glowtool wrote; reported, not stored.
    altered: Annotated[bool, Field(exclude=True)] = False

    def known_channels(self) -> tuple[Channel, ...]:
        """Return the channels that this glowtool knows; a newer roller may have more."""
        known = []
        for entry in self.channels:
            try:
                known.append(entry.channel())
            except ValueError:
                continue
        return tuple(known)


def manifest_text(manifest: Manifest) -> str:
    """Return a manifest as the text of its file, with its check."""
    content = manifest.model_dump(mode="json")
    return json.dumps({**content, _CHECK: _crc(content)}, indent=2, ensure_ascii=False) + "\n"


def write_manifest(folder: Path, manifest: Manifest) -> Manifest:
    """Replace the manifest of a session's folder atomically, and return it with its check; raises `StoreError`."""
    content = manifest_text(manifest).encode(errors="replace")
    with storing(f"write {folder / MANIFEST_NAME}"):
        write_atomic(folder / MANIFEST_NAME, lambda stream: stream.write(content))
    return manifest_of(content, folder / MANIFEST_NAME)


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of a session's folder; raises `LogNotFoundError`, `LogDamagedError` or `StoreError`."""
    path = folder / MANIFEST_NAME
    with storing(f"read {path}"):
        try:
            content = read_regular(path, MANIFEST_MAX_BYTES)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise LogNotFoundError(f"{folder} holds no log: there is no {MANIFEST_NAME} in it") from error
    return manifest_of(content, path)


def manifest_of(content: bytes, path: Path) -> Manifest:
    """Return the manifest in the content of a file; the errors, as those of `read_manifest`, name `path`."""
    try:
        manifest = Manifest.model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the whole file"
        raise LogDamagedError(f"{path} is damaged at {where}: {first['msg']}") from error
    if manifest.format_version > FORMAT_VERSION:
        raise StoreError(
            f"{path} has format version {manifest.format_version}, but this glowtool reads up to {FORMAT_VERSION}",
            advice="update glowtool",
        )
    return manifest if _is_unaltered(content, manifest) else manifest.model_copy(update={"altered": True})


def _is_unaltered(content: bytes, manifest: Manifest) -> bool:
    """Tell whether a manifest still has its checksum; an older one has none, so it cannot fail."""
    return manifest.manifest_crc32 is None or manifest.manifest_crc32 == _crc(json.loads(content))


def _crc(content: dict[str, object]) -> str:
    checked = {name: value for name, value in content.items() if name != _CHECK}
    text = json.dumps(checked, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"{zlib.crc32(text.encode(errors='replace')):08x}"

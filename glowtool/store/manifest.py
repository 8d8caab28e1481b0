"""The manifest: what a session's folder holds, how it was recorded, and whether it is whole."""

from __future__ import annotations

import enum
import json
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, ValidationError

from glowtool.errors import LogDamagedError, LogNotFoundError, StoreError
from glowtool.protocol.channels import (
    Channel,
    ChannelFlag,
    ChannelRow,
    Format,
    Place,
    Quantity,
    Unit,
)
from glowtool.protocol.channels import Stream as StreamKind
from glowtool.store.files import storing, write_atomic

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.stream.account import Counters
    from glowtool.stream.clock import ClockModel

FORMAT_VERSION: Final = 1
MANIFEST_NAME: Final = "manifest.json"


class LogState(enum.StrEnum):
    """How far a log has come."""

    RECORDING = "recording"
    FINISHED = "finished"
    RECOVERED = "recovered"


class Ending(enum.StrEnum):
    """Why a session ended."""

    COMPLETED = "completed"
    STOPPED = "stopped"
    LINK_LOST = "link_lost"
    INTERLOCK = "interlock"
    REFUSED = "refused"
    CRASHED = "crashed"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class DeviceEntry(_Part):
    """The roller that was used."""

    name: Annotated[str, Field(description="name as advertised")]
    address: Annotated[str, Field(description="Bluetooth address or the platform's identifier")]
    serial: Annotated[str, Field(description="serial number")]
    firmware: Annotated[str, Field(description="firmware revision")]
    protocol: Annotated[str, Field(description="protocol version, major.minor")]


class ChannelEntry(_Part):
    """One row of the roller's channel table, as it was read."""

    name: str
    number: int
    stream: int
    quantity: int
    place: int
    format: int
    flags: int
    unit: int
    multiplier: int
    exponent: int
    offset: int
    raw_minimum: int
    raw_maximum: int

    @classmethod
    def from_channel(cls, channel: Channel) -> ChannelEntry:
        """Return the entry of a channel."""
        row = channel.row
        numbers = {name: int(getattr(row, name)) for name in cls.model_fields if name != "name"}
        return cls(name=channel.name, **numbers)

    def channel(self) -> Channel:
        """Return the channel that the entry describes."""
        row = ChannelRow(
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

    device_origin_us: Annotated[int, Field(description="device time of the origin, µs")]
    host_origin_us: Annotated[int, Field(description="unix time of the origin, µs")]
    drift_ppm: Annotated[float, Field(description="by how much the host's clock runs faster than the device's, ppm")]

    @classmethod
    def from_model(cls, model: ClockModel) -> ClockEntry:
        """Return the entry of a clock model."""
        return cls(
            device_origin_us=model.device_origin_us, host_origin_us=model.host_origin_us, drift_ppm=model.drift_ppm
        )


class StepSpan(_Part):
    """The time of one step, half open: start_us ≤ device time < end_us."""

    index: Annotated[int, Field(description="step of the program, from 0")]
    start_us: Annotated[int, Field(description="device time, µs")]
    end_us: Annotated[int, Field(description="device time, µs")]


class CountersEntry(_Part):
    """The books of all telemetry streams together; received + lost + duplicate + late = sent."""

    sent: Annotated[int, Field(description="copies on the air")] = 0
    received: Annotated[int, Field(description="frames used")] = 0
    lost: Annotated[int, Field(description="frames that never came or could not be used")] = 0
    duplicate: Annotated[int, Field(description="further copies of frames that had come")] = 0
    late: Annotated[int, Field(description="frames that came after a younger one; their samples are in the gaps")] = 0
    decode_errors: Annotated[int, Field(description="notifications that did not decode (part of lost)")] = 0
    dropped: Annotated[int, Field(description="frames that the host's own queue dropped (part of lost)")] = 0
    unsettled: Annotated[
        int, Field(description="streams of which nobody knows how many frames came after the last; in no number")
    ] = 0

    @classmethod
    def from_counters(cls, counters: Counters) -> CountersEntry:
        """Return the entry of a stream's counters."""
        return cls(**{name: getattr(counters, name) for name in cls.model_fields})


class Manifest(_Part):
    """Everything about a session that is not a sample, a stroke or an event."""

    format_version: Annotated[int, Field(description="version of this format")] = FORMAT_VERSION
    session_id: Annotated[str, Field(description="UTC start and six random hexadecimal digits")]
    state: Annotated[LogState, Field(description="recording, finished or recovered")] = LogState.RECORDING
    started_utc: Annotated[AwareDatetime, Field(description="start of the session")]
    ended_utc: Annotated[AwareDatetime | None, Field(description="end of the session; null while recording")] = None
    ending: Annotated[Ending | None, Field(description="why it ended; null while recording")] = None
    routine: Annotated[dict[str, JsonValue], Field(description="the routine as run, in full")]
    program_hex: Annotated[str, Field(description="the program as uploaded, hexadecimal")]
    device: Annotated[DeviceEntry, Field(description="the roller")]
    channels: Annotated[
        tuple[ChannelEntry, ...], Field(description="the roller's channel table, its fields as in the protocol page")
    ]
    rate_hz: Annotated[int, Field(description="samples a second")]
    clock: Annotated[ClockEntry | None, Field(description="device time to unix time")] = None
    steps: Annotated[tuple[StepSpan, ...], Field(description="when each step ran")] = ()
    counters: Annotated[CountersEntry, Field(description="the books of all telemetry streams")] = CountersEntry()
    sha256: Annotated[dict[str, str], Field(description="hash of each data file, by file name")] = {}


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Replace the manifest of a session's folder atomically; raises `StoreError`."""
    text = json.dumps(manifest.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"
    with storing(f"write {folder / MANIFEST_NAME}"):
        write_atomic(folder / MANIFEST_NAME, lambda stream: stream.write(text.encode()))


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of a session's folder; raises `LogNotFoundError`, `LogDamagedError` or `StoreError`."""
    path = folder / MANIFEST_NAME
    with storing(f"read {path}"):
        try:
            content = path.read_bytes()
        except (FileNotFoundError, NotADirectoryError) as error:
            raise LogNotFoundError(f"{folder} holds no log: there is no {MANIFEST_NAME} in it") from error
    try:
        manifest = Manifest.model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the whole file"
        raise LogDamagedError(f"{path} is damaged at {where}: {first['msg']}") from error
    if manifest.format_version > FORMAT_VERSION:
        raise StoreError(
            f"{path} has format version {manifest.format_version}, this glowtool reads up to {FORMAT_VERSION}; "
            "update glowtool"
        )
    return manifest

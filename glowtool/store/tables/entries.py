"""The entries of a manifest: roller, channels, clock, steps, counts of frames, place in the order, and damage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field

from glowtool.model.channel import Channel, ChannelFacts, ChannelFlag, Format, Place, Quantity, Unit
from glowtool.model.channel import Stream as StreamKind
from glowtool.store.bounds import CLOCK_LINES_MAX, NUMBER_MAX

if TYPE_CHECKING:
    from glowtool.stream.arrivals import Books
    from glowtool.stream.clock.model import ClockLine, ClockModel

Count = Annotated[int, Field(ge=0, le=NUMBER_MAX)]
Number = Annotated[int, Field(ge=-NUMBER_MAX, le=NUMBER_MAX)]


class Entry(BaseModel):
    """A part of a manifest; what a newer glowtool adds to it is passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class DeviceEntry(Entry):
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


class ChannelEntry(Entry):
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


class ClockLineEntry(Entry):
    """One line of the clock model: host = host_origin_us + (device − device_origin_us) × (1 + drift_ppm × 10⁻⁶)."""

    device_origin_us: Annotated[Number, Field(description="device time of the origin, µs")]
    host_origin_us: Annotated[Number, Field(description="unix time of the origin, µs")]
    drift_ppm: Annotated[
        float, Field(gt=-1e6, lt=1e6, description="by how much the host's clock runs faster than the device's, ppm")
    ]
    from_us: Annotated[
        Number | None,
        Field(description="device time from which it holds, µs; null: for the whole log, from an older glowtool"),
    ] = None
    error_us: Annotated[
        Count | None,
        Field(
            description="mapped times are off by at most this in 95 of 100 recordings, besides the time that the "
            "fastest frame took, µs; null: an older glowtool"
        ),
    ] = None

    @classmethod
    def from_line(cls, line: ClockLine) -> ClockLineEntry:
        """Return the entry of a line."""
        return cls(**{name: getattr(line, name) for name in ClockLineEntry.model_fields})


class ClockEntry(ClockLineEntry):
    """The clock model: its last line, and before it the earlier ones, each until the next begins.

    A line holds for about a minute, since drift changes with temperature. Where the roller or its clock began anew,
    another line begins.
    """

    earlier: Annotated[
        tuple[ClockLineEntry, ...],
        Field(
            max_length=CLOCK_LINES_MAX, description="the lines before this one, in order; the first also holds before"
        ),
    ] = ()

    @classmethod
    def from_model(cls, model: ClockModel) -> ClockEntry:
        """Return the entry of a clock model."""
        *earlier, last = map(ClockLineEntry.from_line, model.lines)
        return cls(**last.model_dump(), earlier=tuple(earlier))

    @property
    def worst_error_us(self) -> int | None:
        """The largest error of all lines; None from an older glowtool."""
        errors_us = [line.error_us for line in (*self.earlier, self) if line.error_us is not None]
        return max(errors_us, default=None)


class StepSpan(Entry):
    """The time of one step, half open: start_us ≤ device time < end_us."""

    index: Annotated[int, Field(ge=0, le=0x7FFF, description="step of the program, from 0")]
    start_us: Annotated[Number, Field(description="device time, µs")]
    end_us: Annotated[Number, Field(description="device time, µs")]


class CellEntry(Entry):
    """A pressure cell that was found to be bad while the massage ran, each once."""

    cell: Annotated[str, Field(pattern="^[!-~]{1,64}$", description="its channel")]
    kind: Annotated[
        str, Field(pattern="^[a-z][a-z_]{0,30}$", description="what it showed; a newer glowtool may know more kinds")
    ]
    since_us: Annotated[Number, Field(description="device time from which on it is bad, µs")]
    known_us: Annotated[Number, Field(description="device time at which that was known, µs")]


class CountersEntry(Entry):
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


class ImportEntry(Entry):
    """The file of another device that a log was made of."""

    file: Annotated[str, Field(max_length=255, description="name of the file")]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$", description="hash of its content")]
    rows: Annotated[Count, Field(description="rows of the file")]
    missing_rows: Annotated[Count, Field(description="rows that lack a value; their samples are in the gaps")] = 0
    resampled: Annotated[bool, Field(description="whether values were interpolated to an even rate")] = False


class OrderEntry(Entry):
    """The place of a session among those of its data folder, independent of the clock."""

    folder: Annotated[
        str, Field(pattern="^[0-9a-f]{8,32}$", description="the data folder that counts, by its random id")
    ]
    number: Annotated[Count, Field(description="number of the session in it, from 1")]


class DamageEntry(Entry):
    """A part of a journal that could not be read when the log was closed."""

    samples: Annotated[Count, Field(description="samples written that are not in the log, as far as known")] = 0
    events: Annotated[Count, Field(description="events written that are not in the log, as far as known")] = 0
    bytes: Annotated[Count, Field(description="bytes of the journal that belong to nothing whole")] = 0
    manifest: Annotated[bool, Field(description="whether the manifest was damaged, and taken from the journal")] = False
    unknown: Annotated[
        bool, Field(description="whether more may be lost: no checksums, or an end that is not whole")
    ] = False
    cut: Annotated[bool, Field(description="whether only the end is missing, and all before it is whole")] = False

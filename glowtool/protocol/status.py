"""The device's reports about itself: the feature characteristic, read once, and the status, read and notified."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from glowtool.errors import DecodeError, VersionRefusedError
from glowtool.model.ceilings import CEILINGS, CeilingId
from glowtool.model.output import Levels
from glowtool.model.program import MAX_STEPS, NO_STEP
from glowtool.model.state import Capability, DeviceLimits, Fault, Interlock, State
from glowtool.protocol.ceilings import ceiling, value_of
from glowtool.protocol.wire import (
    I32,
    LATEST_DEVICE_US,
    LATEST_TOLD_UNIX_MS,
    PROTOCOL_VERSION,
    U8,
    U16,
    U32,
    U64,
    Message,
    Version,
    decode,
    encode,
    size_of,
)

#: The value of `NO_STEP` on the wire.
WIRE_NO_STEP: Final = 0xFF
RATES_HZ: Final = (50, 100, 200, 400)
RATE_HZ_MAX: Final = 10_000


def index_of(step: int) -> int:
    """Return the step of the program, from 0, that a field means; `NO_STEP`: none."""
    return NO_STEP if step == WIRE_NO_STEP else step


@dataclass(frozen=True, slots=True)
class Outputs(Message):
    """The actual outputs of motor and electrodes at this moment."""

    amplitude_permille: Annotated[int, U16("vibration amplitude", unit="‰ of full", high=1000)]
    vibration_dhz: Annotated[int, U16("vibration frequency", unit="0.1 Hz")]
    peak_ua: Annotated[int, U16("microcurrent peak", unit="µA")]
    current_dhz: Annotated[int, U16("microcurrent frequency", unit="0.1 Hz")]

    @property
    def zero(self) -> bool:
        """Whether neither output moves anything or carries current."""
        return self.amplitude_permille == 0 and self.peak_ua == 0

    @property
    def levels(self) -> Levels:
        """The same in people's units."""
        return Levels(self.amplitude_permille / 1000, self.vibration_dhz / 10, self.peak_ua, self.current_dhz / 10)


@dataclass(frozen=True, slots=True)
class Status(Message):
    """The state of the roller. The first 20 bytes fit the smallest MTU; a host that gets only those reads the rest."""

    state: Annotated[State, U8("what the roller is doing")]
    step: Annotated[int, U8("step in progress, from 0; 255: none", high=MAX_STEPS - 1, also=WIRE_NO_STEP)]
    steps: Annotated[int, U8("number of steps of the current program", high=MAX_STEPS)]
    battery_percent: Annotated[int, U8("charge of the battery", unit="%", high=100)]
    interlocks: Annotated[Interlock, U16("what holds outputs back")]
    faults: Annotated[Fault, U16("what is broken")]
    amplitude_permille: Annotated[int, U16("actual vibration amplitude", unit="‰ of full", high=1000)]
    vibration_dhz: Annotated[int, U16("actual vibration frequency", unit="0.1 Hz")]
    peak_ua: Annotated[int, U16("actual microcurrent peak", unit="µA")]
    current_dhz: Annotated[int, U16("actual microcurrent frequency", unit="0.1 Hz")]
    step_elapsed_ms: Annotated[int, U32("time spent in the step", unit="ms")]
    massage_elapsed_ms: Annotated[int, U32("time spent in the massage, pauses left out", unit="ms")]
    vibration_percent: Annotated[int, U8("trim of the vibration", unit="%", high=100)]
    current_percent: Annotated[int, U8("trim of the microcurrent", unit="%", high=100)]
    device_time_us: Annotated[int, U64("device clock since power-on", unit="µs", high=LATEST_DEVICE_US)]
    unix_ms: Annotated[
        int, U64("UTC by the device's clock; 0: never set since power-on", unit="ms", high=LATEST_TOLD_UNIX_MS)
    ]

    @property
    def step_index(self) -> int:
        """The step in progress, from 0; `NO_STEP`: none."""
        return index_of(self.step)

    @property
    def outputs(self) -> Outputs:
        """The actual outputs of motor and electrodes."""
        return Outputs(self.amplitude_permille, self.vibration_dhz, self.peak_ua, self.current_dhz)


@dataclass(frozen=True, slots=True)
class FeatureHead(Message):
    """The fixed head of the feature characteristic."""

    major: Annotated[int, U8("major version of the protocol; another one is refused")]
    minor: Annotated[int, U8("minor version of the protocol")]
    capabilities: Annotated[Capability, U32("what the roller can do")]
    head_size: Annotated[int, U8("length of this head, so that it can grow", unit="byte")]
    row_size: Annotated[int, U8("length of one ceiling row, so that it can grow", unit="byte")]
    ceilings: Annotated[int, U8("number of ceiling rows after the rates")]
    rates: Annotated[int, U8("number of sampling rates after this head, two bytes each, in Hz")]


@dataclass(frozen=True, slots=True)
class CeilingRow(Message):
    """One ceiling that the device enforces."""

    id: Annotated[int, U8("number of the ceiling")]
    value: Annotated[int, I32("its value, in the unit of the table of ceilings", low=0)]


@dataclass(frozen=True, slots=True)
class Feature:
    """A roller's capabilities, its rates, and the ceilings that it enforces."""

    major: int
    minor: int
    capabilities: Capability
    rates_hz: tuple[int, ...]
    ceilings: dict[int, int]

    @property
    def version(self) -> Version:
        """The version of the protocol that the roller speaks."""
        return Version(self.major, self.minor)

    @property
    def limits(self) -> DeviceLimits:
        """What it can do and the ceilings that are known here, in the units of the table of ceilings."""
        known = ((CeilingId(number), steps) for number, steps in self.ceilings.items() if number in _KNOWN)
        return DeviceLimits(self.capabilities, {which: value_of(which, steps) for which, steps in known})


_KNOWN: Final = frozenset(CeilingId)


def own_feature(capabilities: Capability, version: Version = PROTOCOL_VERSION) -> Feature:
    """Return the feature of a device, of this version of the protocol unless told, with the table's own ceilings."""
    table = {int(which): ceiling(which) for which in CEILINGS}
    return Feature(version.major, version.minor, capabilities, RATES_HZ, table)


def offered_rate_hz(feature: Feature, wanted_hz: int) -> int:
    """Return the rate in Hz that a device offers for a wanted one: the same, else the next lower, else its lowest."""
    slower = [rate_hz for rate_hz in feature.rates_hz if rate_hz <= wanted_hz]
    if not feature.rates_hz:
        raise DecodeError("feature: the device offers no sampling rate")
    return max(slower, default=min(feature.rates_hz))


def encode_feature(feature: Feature) -> bytes:
    """Encode a feature: head, rates, ceiling rows."""
    head = FeatureHead(
        feature.major,
        feature.minor,
        feature.capabilities,
        size_of(FeatureHead),
        size_of(CeilingRow),
        len(feature.ceilings),
        len(feature.rates_hz),
    )
    rates = b"".join(rate.to_bytes(2, "little") for rate in feature.rates_hz)
    return encode(head) + rates + b"".join(encode(CeilingRow(*row)) for row in feature.ceilings.items())


def decode_feature(data: bytes | bytearray) -> Feature:
    """Decode a feature; raises `VersionRefusedError` for another major version, else `DecodeError`."""
    head = decode(FeatureHead, data)
    if head.major != PROTOCOL_VERSION.major:
        raise VersionRefusedError(
            f"the roller speaks protocol {head.major}.{head.minor}, but this glowtool speaks {PROTOCOL_VERSION}",
            advice=f"update {'glowtool' if head.major > PROTOCOL_VERSION.major else 'the firmware of the roller'}",
        )
    table = head.head_size + 2 * head.rates
    wanted = table + head.row_size * head.ceilings
    if head.head_size < size_of(FeatureHead) or head.row_size < size_of(CeilingRow) or len(data) < wanted:
        raise DecodeError(f"feature: {len(data)} bytes do not hold {head.rates} rates and {head.ceilings} ceilings")
    rates = tuple(int.from_bytes(data[at : at + 2], "little") for at in range(head.head_size, table, 2))
    if not all(0 < rate <= RATE_HZ_MAX for rate in rates):
        raise DecodeError(f"feature: the rates are {', '.join(map(str, rates))} Hz; each must be 1 to {RATE_HZ_MAX}")
    rows = [decode(CeilingRow, data[at:]) for at in range(table, wanted, head.row_size)]
    return Feature(head.major, head.minor, head.capabilities, rates, {row.id: row.value for row in rows})

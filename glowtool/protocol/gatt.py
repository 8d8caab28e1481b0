"""The GATT table: services and characteristics, their access, and their content."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final

from glowtool.protocol.wire import V1_0, V1_4, Version


def vendor_uuid(short: int) -> str:
    """Return one of our 128-bit UUIDs from its 16-bit short id."""
    return f"1b5c{short:04x}-7d47-4e2c-8346-ec17a7100137"


def sig_uuid(short: int) -> str:
    """Return the 128-bit form of a UUID that the Bluetooth SIG assigned."""
    return f"0000{short:04x}-0000-1000-8000-00805f9b34fb"


class Property(enum.IntFlag):
    """Characteristic properties, bits as in the Core Specification, Vol 3, Part G, table 3.5."""

    READ = 0x02
    WRITE_WITHOUT_RESPONSE = 0x04
    WRITE = 0x08
    NOTIFY = 0x10
    INDICATE = 0x20


class Access(enum.StrEnum):
    """The access that a host needs before it may use a characteristic."""

    OPEN = "nothing"
    AUTHENTICATED = "an encrypted link with an authenticated bond (LE Secure Connections with passkey)"


@dataclass(frozen=True, slots=True)
class Characteristic:
    """One characteristic: UUID, properties, access, its content in a line, and the version that it came with."""

    name: str
    uuid: str
    properties: Property
    access: Access
    doc: str
    since: Version = V1_0


@dataclass(frozen=True, slots=True)
class Service:
    """One primary service with its characteristics in order."""

    name: str
    uuid: str
    doc: str
    characteristics: tuple[Characteristic, ...]


_R, _W, _WNR = Property.READ, Property.WRITE, Property.WRITE_WITHOUT_RESPONSE
_N, _I = Property.NOTIFY, Property.INDICATE
_OPEN, _AUTH = Access.OPEN, Access.AUTHENTICATED

MODEL_NUMBER: Final = Characteristic("Model Number", sig_uuid(0x2A24), _R, _OPEN, "`GR-1`")
SERIAL_NUMBER: Final = Characteristic("Serial Number", sig_uuid(0x2A25), _R, _OPEN, "unique for each roller")
FIRMWARE_REVISION: Final = Characteristic("Firmware Revision", sig_uuid(0x2A26), _R, _OPEN, "`major.minor.patch`")
HARDWARE_REVISION: Final = Characteristic("Hardware Revision", sig_uuid(0x2A27), _R, _OPEN, "revision of the board")
MANUFACTURER_NAME: Final = Characteristic("Manufacturer Name", sig_uuid(0x2A29), _R, _OPEN, "who made it")
BATTERY_LEVEL: Final = Characteristic("Battery Level", sig_uuid(0x2A19), _R | _N, _AUTH, "percent")
CURRENT_TIME: Final = Characteristic("Current Time", sig_uuid(0x2A2B), _R, _AUTH, "the device's clock, UTC")
FEATURE: Final = Characteristic(
    "Feature", vendor_uuid(0x0002), _R, _AUTH, "protocol version, capabilities, rates, ceilings"
)
CHANNEL_TABLE: Final = Characteristic(
    "Channel Table", vendor_uuid(0x0003), _R, _AUTH, "what telemetry carries, and in which steps"
)
CONTROL_POINT: Final = Characteristic(
    "Control Point", vendor_uuid(0x0004), _W | _I, _AUTH, "commands and their answers"
)
STATUS: Final = Characteristic(
    "Status", vendor_uuid(0x0005), _R | _N, _AUTH, "state, step, outputs, interlocks, faults"
)
TELEMETRY: Final = Characteristic("Telemetry", vendor_uuid(0x0006), _N, _AUTH, "frames of samples")
#: A characteristic of its own: some stacks take no write command to one that has a write request under way.
STOP_POINT: Final = Characteristic(
    "Stop Point", vendor_uuid(0x0007), _WNR, _AUTH, "stops that wait for no answer", since=V1_4
)
SMP: Final = Characteristic(
    "SMP", "da2e7828-fbce-4e01-ae9e-261174997c48", _WNR | _N, _AUTH, "MCUmgr's Simple Management Protocol"
)

ROLLER_SERVICE: Final = Service(
    "Roller",
    vendor_uuid(0x0001),
    "everything that is the roller's own",
    (FEATURE, CHANNEL_TABLE, CONTROL_POINT, STATUS, TELEMETRY, STOP_POINT),
)

SERVICES: Final[tuple[Service, ...]] = (
    Service(
        "Device Information",
        sig_uuid(0x180A),
        "identity; readable without a bond",
        (MANUFACTURER_NAME, MODEL_NUMBER, SERIAL_NUMBER, HARDWARE_REVISION, FIRMWARE_REVISION),
    ),
    Service("Battery", sig_uuid(0x180F), "charge of the battery", (BATTERY_LEVEL,)),
    Service("Current Time", sig_uuid(0x1805), "the device's clock", (CURRENT_TIME,)),
    ROLLER_SERVICE,
    Service("SMP", "8d53dc1d-1db7-4cd3-868b-8a527460aa84", "the device's own care", (SMP,)),
)  # fmt: skip

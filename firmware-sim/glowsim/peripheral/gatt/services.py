"""The roller's services, built from the GATT table of the protocol, with the handlers of each characteristic."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Protocol

from bumble import gatt

from glowsim.firmware.clock import LAST_MS
from glowsim.peripheral.gatt.attributes import GuardedCharacteristic, GuardedSubscription
from glowtool.protocol import gatt as table
from glowtool.protocol.channels import encode_channel_table
from glowtool.protocol.status import encode_feature
from glowtool.protocol.wire import encode

if TYPE_CHECKING:
    from collections.abc import Callable

    from bumble.device import Connection

    from glowsim.peripheral.gatt.attributes import Gate, Read, Write
    from glowsim.peripheral.gatt.server import RollerGattServer
    from glowsim.peripheral.mind import Mind


class Writes(Protocol):
    """The receiver of the hosts' writes; it raises `att.ATT_Error` to refuse."""

    def on_control(self, connection: Connection, data: bytes) -> None:
        """Take a command for the control point."""
        ...

    def on_stop(self, connection: Connection, data: bytes) -> None:
        """Take a write to the stop point."""
        ...

    def on_smp(self, connection: Connection, data: bytes) -> None:
        """Take a request of the Simple Management Protocol."""
        ...


@dataclass(frozen=True, slots=True)
class Served:
    """The characteristics that the roller sends from."""

    battery: GuardedCharacteristic
    control: GuardedCharacteristic
    status: GuardedCharacteristic
    telemetry: GuardedCharacteristic
    smp: GuardedCharacteristic


#: The attribute that a later firmware has first in the roller's service, so that handles move.
LATER: Final = table.Characteristic(
    "Later",
    table.vendor_uuid(0x00F0),
    table.Property.READ,
    table.Access.AUTHENTICATED,
    "nothing but what an update adds",
)


def add_services(server: RollerGattServer, mind: Mind, gate: Gate, writes: Writes, *, updated: bool = False) -> Served:
    """Add every service of the table to the server, and return the characteristics that the roller sends from.

    A firmware that speaks an older version has none that came later. With `updated`, the table is a later firmware's.
    """
    readers = _readers(mind)
    writers: dict[table.Characteristic, Write] = {
        table.CONTROL_POINT: writes.on_control,
        table.STOP_POINT: writes.on_stop,
        table.SMP: writes.on_smp,
    }
    made: dict[table.Characteristic, GuardedCharacteristic] = {}
    for service in table.SERVICES:
        rows = tuple(row for row in service.characteristics if row.since <= mind.feature.version)
        if updated and service is table.ROLLER_SERVICE:
            rows = (LATER, *rows)
        for row in rows:
            made[row] = _with_subscription(
                server, GuardedCharacteristic(row, gate, mind.find_defect, readers.get(row), writers.get(row)), gate
            )
        server.add_service(gatt.Service(service.uuid, [made[row] for row in rows]))
    return Served(
        battery=made[table.BATTERY_LEVEL],
        control=made[table.CONTROL_POINT],
        status=made[table.STATUS],
        telemetry=made[table.TELEMETRY],
        smp=made[table.SMP],
    )


def _with_subscription(
    server: RollerGattServer, characteristic: GuardedCharacteristic, gate: Gate
) -> GuardedCharacteristic:
    if characteristic.subscribable:
        subscription = GuardedSubscription(
            characteristic,
            gate,
            lambda connection: server.read_cccd(connection, characteristic),
            lambda connection, value: server.configure(connection, characteristic, value),
        )
        characteristic.descriptors = [subscription]
    return characteristic


def _readers(mind: Mind) -> dict[table.Characteristic, Read]:
    facts = mind.facts
    channel_table: Final = encode_channel_table(facts.channels)
    values: dict[table.Characteristic, Callable[[], bytes]] = {
        table.MANUFACTURER_NAME: facts.manufacturer.encode,
        table.MODEL_NUMBER: facts.model.encode,
        table.SERIAL_NUMBER: facts.serial.encode,
        table.HARDWARE_REVISION: facts.hardware.encode,
        table.FIRMWARE_REVISION: facts.firmware.encode,
        table.BATTERY_LEVEL: lambda: bytes((mind.battery_percent,)),
        table.CURRENT_TIME: lambda: current_time(mind.status().unix_ms),
        table.FEATURE: lambda: encode_feature(mind.feature),
        table.CHANNEL_TABLE: lambda: channel_table,
        table.STATUS: lambda: encode(mind.status()),
        LATER: lambda: b"\x01",
    }
    return {row: _ignoring_connection(value) for row, value in values.items()}


def _ignoring_connection(value: Callable[[], bytes]) -> Read:
    return lambda _connection: value()


def current_time(unix_ms: int) -> bytes:
    """Return a Current Time value (UTC): ten bytes, with zeros as long as the clock has not been set."""
    if not 0 < unix_ms <= LAST_MS:
        return bytes(10)
    moment = datetime.fromtimestamp(unix_ms / 1000, UTC)
    date = moment.year.to_bytes(2, "little") + bytes((moment.month, moment.day))
    time = bytes((moment.hour, moment.minute, moment.second, moment.isoweekday()))
    return date + time + bytes((moment.microsecond * 256 // 1_000_000, 0))

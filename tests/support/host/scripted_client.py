"""A roller behind a Bluetooth client's few methods, honest about the protocol and bad on request."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from bleak.exc import BleakError, BleakGATTProtocolError, BleakGATTProtocolErrorCode

from glowtool.errors import DecodeError
from glowtool.model.state import Capability, Fault, Interlock, State
from glowtool.protocol.channels import CHANNELS, encode_channel_table
from glowtool.protocol.commands.codec import (
    RESPONSE_MARKER,
    Request,
    Response,
    ResponseHead,
    decode_request,
    encode_response,
)
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import ProgramBegin, ProgramData, Trim
from glowtool.protocol.commands.ownership import is_stop
from glowtool.protocol.commands.payloads import SelfTestReport, SettingValue, TelemetryEnded, TelemetryGranted
from glowtool.protocol.commands.states import after, refusal
from glowtool.protocol.gatt import (
    BATTERY_LEVEL,
    CHANNEL_TABLE,
    CONTROL_POINT,
    FEATURE,
    FIRMWARE_REVISION,
    HARDWARE_REVISION,
    MANUFACTURER_NAME,
    MODEL_NUMBER,
    SERIAL_NUMBER,
    STATUS,
    STOP_POINT,
    TELEMETRY,
)
from glowtool.protocol.program import decode_program, program_crc
from glowtool.protocol.records import DiagnosticValue
from glowtool.protocol.status import WIRE_NO_STEP, Status, encode_feature, own_feature
from glowtool.protocol.vocabulary import Result
from glowtool.protocol.wire import Message, encode

if TYPE_CHECKING:
    from collections.abc import Callable

    from glowtool.link.client import LostCallback, NotifyCallback

FULL_MTU = 247

IDLE_STATUS = Status(
    State.IDLE,
    WIRE_NO_STEP,
    0,
    80,
    Interlock(0),
    Fault(0),
    0,
    750,
    0,
    100,
    0,
    0,
    100,
    100,
    5_000_000,
    1_700_000_000_000,
)


@dataclass
class ScriptedRoller:
    """The device's side. `silent` opcodes are never answered, `hanging` writes never return, `refused` ones are.

    `requests` came to the control point, `stops` to the stop point; a stack that drops write commands loses the latter.
    """

    status: Status = IDLE_STATUS
    values: dict[str, bytes] = field(default_factory=dict)
    silent: set[Opcode] = field(default_factory=set)
    hanging: set[Opcode] = field(default_factory=set)
    refused: dict[Opcode, Result] = field(default_factory=dict)
    att_error: BleakGATTProtocolErrorCode | None = None
    mtu: int = FULL_MTU
    frames_sent: int = 0
    requests: list[Request] = field(default_factory=list)
    stops: list[Request] = field(default_factory=list)
    drops_commands: bool = False
    clients: list[ScriptedClient] = field(default_factory=list)
    on_request: Callable[[Request], None] | None = None
    _upload: bytearray = field(default_factory=bytearray)

    def __post_init__(self) -> None:
        self.values = {
            FEATURE.uuid: encode_feature(
                own_feature(Capability.VIBRATION | Capability.MICROCURRENT | Capability.RECORDS)
            ),
            CHANNEL_TABLE.uuid: encode_channel_table(CHANNELS),
            BATTERY_LEVEL.uuid: bytes((80,)),
            MANUFACTURER_NAME.uuid: b"glowsim",
            MODEL_NUMBER.uuid: b"GR-1",
            SERIAL_NUMBER.uuid: b"00C0FFEE\0",
            HARDWARE_REVISION.uuid: b"A",
            FIRMWARE_REVISION.uuid: b"1.0.0",
        } | self.values

    def client_for(self, lost: LostCallback) -> ScriptedClient:
        """Make a client of this roller."""
        self.clients.append(ScriptedClient(self, lost))
        return self.clients[-1]

    @property
    def opcodes(self) -> list[Opcode]:
        """The opcodes that were written, in order."""
        return [request.opcode for request in self.requests]

    @property
    def outputs_asked(self) -> bool:
        """Whether the roller is in the only state in which outputs are other than zero."""
        return self.status.state is State.RUNNING

    def change(self, **fields: object) -> None:
        """Change the status and notify it."""
        self.status = replace(self.status, **fields)  # type: ignore[arg-type]  # a test says which fields
        self.notify_status(encode(self.status))

    def notify_status(self, data: bytes) -> None:
        """Notify bytes as status."""
        self.clients[-1].notify(STATUS.uuid, data)

    def notify_frame(self, data: bytes) -> None:
        """Notify bytes as telemetry."""
        self.frames_sent += 1
        self.clients[-1].notify(TELEMETRY.uuid, data)

    def answer(self, request: Request, result: Result = Result.SUCCESS) -> None:
        """Indicate the answer to a request, with the state as it is."""
        status = self.status
        head = ResponseHead(
            RESPONSE_MARKER, request.opcode, request.sequence, result, status.state, status.step, status.interlocks,
            status.amplitude_permille, status.vibration_dhz, status.peak_ua, status.current_dhz,
        )  # fmt: skip
        payload = self._payload(request) if result is Result.SUCCESS else None
        self.clients[-1].notify(CONTROL_POINT.uuid, encode_response(Response(head, payload)))

    def take(self, data: bytes) -> None:
        """Take a write to the control point as the firmware would."""
        request = decode_request(data)
        self.requests.append(request)
        if self.on_request is not None:
            self.on_request(request)
        if request.opcode in self.silent:
            return
        result = self.refused.get(request.opcode) or refusal(self.status.state, request.opcode) or self._do(request)
        self.answer(request, result)
        self.notify_status(encode(self.status))

    def take_stop(self, data: bytes) -> None:
        """Take a write to the stop point as the firmware would: nothing is answered."""
        assert is_stop(data), "nothing else is sent there"
        self.stops.append(decode_request(data))
        if not self.drops_commands and refusal(self.status.state, self.stops[-1].opcode) is None:
            self._move(self.stops[-1].opcode)
            self.notify_status(encode(self.status))

    def lose(self) -> None:
        """Lose the connection."""
        self.clients[-1].drop()

    def _do(self, request: Request) -> Result:
        operands = request.operands
        if isinstance(operands, ProgramBegin):
            self._upload = bytearray(operands.length)
        elif isinstance(operands, ProgramData):
            self._upload[operands.offset : operands.offset + len(request.tail)] = request.tail
        elif request.opcode is Opcode.PROGRAM_COMMIT:
            try:
                self.status = replace(self.status, steps=len(decode_program(bytes(self._upload))))
            except DecodeError:
                return Result.OUT_OF_RANGE
        elif isinstance(operands, Trim):
            self.status = replace(
                self.status,
                vibration_percent=operands.vibration_percent,
                current_percent=operands.current_percent,
            )
        elif request.opcode is Opcode.TELEMETRY_START:
            self.frames_sent = 0
        self._move(request.opcode)
        return Result.SUCCESS

    def _move(self, opcode: Opcode) -> None:
        state = after(self.status.state, opcode)
        step = {State.RUNNING: 0, State.PAUSED: self.status.step}.get(state, WIRE_NO_STEP)
        amplitude = 300 if state is State.RUNNING else 0
        if opcode in {Opcode.START, Opcode.STOP, Opcode.EMERGENCY_STOP, Opcode.PAUSE, Opcode.RESUME}:
            self.status = replace(self.status, state=state, step=step, amplitude_permille=amplitude)
        else:
            self.status = replace(self.status, state=state)

    def _payload(self, request: Request) -> Message | None:
        return {
            Opcode.SETTING_GET: SettingValue(1000),
            Opcode.SETTING_SET: SettingValue(int(getattr(request.operands, "value", 0))),
            Opcode.TELEMETRY_START: TelemetryGranted(10, 4000),
            Opcode.TELEMETRY_STOP: TelemetryEnded(self.frames_sent),
            Opcode.SELF_TEST: SelfTestReport(Fault.MOTOR),
            Opcode.DIAGNOSTICS: DiagnosticValue(self.frames_sent),
        }.get(request.opcode)

    @property
    def uploaded(self) -> bytes:
        """The bytes of the last upload."""
        return bytes(self._upload)

    @property
    def uploaded_crc(self) -> int:
        """The CRC of the last upload."""
        return program_crc(self.uploaded)


class ScriptedClient:
    """A `glowtool.drivers.gr1.gatt.GattClient` on a scripted roller."""

    def __init__(self, roller: ScriptedRoller, lost: LostCallback) -> None:
        self.roller = roller
        self.is_connected = False
        self.subscriptions: dict[str, NotifyCallback] = {}
        self._lost = lost
        self._stopped_waiting: set[asyncio.Future[None]] = set()

    @property
    def mtu_size(self) -> int:
        return self.roller.mtu

    async def connect(self) -> None:
        await asyncio.sleep(0)
        self.is_connected = True

    async def disconnect(self) -> None:
        await asyncio.sleep(0)
        self.drop()

    def drop(self) -> None:
        """End the connection; writes that hang fail, and the callback comes once."""
        if self.is_connected:
            self.is_connected = False
            for hanging in self._stopped_waiting:
                if not hanging.done():
                    hanging.set_exception(BleakError("disconnected"))
            self._lost(self)

    async def read_gatt_char(self, char_specifier: str, /) -> bytearray:
        await self._round_trip()
        if char_specifier == STATUS.uuid:
            return bytearray(encode(self.roller.status))
        return bytearray(self.roller.values[char_specifier])

    async def write_gatt_char(self, char_specifier: str, data: bytes, /, response: bool | None = None) -> None:
        if char_specifier == STOP_POINT.uuid:
            assert response is False
            await self._round_trip()
            self.roller.take_stop(data)
            return
        assert char_specifier == CONTROL_POINT.uuid
        assert response is True
        assert len(data) <= self.roller.mtu - 3
        await self._round_trip()
        if Opcode(data[0]) in self.roller.hanging:
            self.roller.requests.append(decode_request(data))
            hanging: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._stopped_waiting.add(hanging)
            await hanging
        self.roller.take(data)

    async def start_notify(self, char_specifier: str, callback: NotifyCallback, /) -> None:
        await self._round_trip()
        if char_specifier in self.subscriptions:
            raise BleakError("already subscribed")
        self.subscriptions[char_specifier] = callback

    async def stop_notify(self, char_specifier: str, /) -> None:
        await self._round_trip()
        del self.subscriptions[char_specifier]

    def notify(self, uuid: str, data: bytes) -> None:
        """Pass bytes to the subscriber, cut to the MTU as the air does."""
        if self.is_connected and uuid in self.subscriptions:
            self.subscriptions[uuid](None, bytearray(data[: self.roller.mtu - 3]))

    async def _round_trip(self) -> None:
        await asyncio.sleep(0.001)
        if not self.is_connected:
            raise BleakError("not connected")
        if self.roller.att_error is not None:
            raise BleakGATTProtocolError(self.roller.att_error)

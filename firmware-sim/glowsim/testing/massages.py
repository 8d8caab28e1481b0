"""A massage within a block of a test: upload, START, heartbeats, and STOP at the end."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from dataclasses import fields as fields_of
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from glowsim.time.background import background
from glowtool.errors import CommandRefusedError, LinkError
from glowtool.model.face import Direction, Zone
from glowtool.model.output import Pattern, Waveform
from glowtool.protocol.commands.codec import Request, Response, decode_response, encode_request
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import NoOperands, ProgramBegin, ProgramData
from glowtool.protocol.gatt import CONTROL_POINT
from glowtool.protocol.meanings import RESULTS
from glowtool.protocol.program import StepRecord, encode_program, program_crc
from glowtool.protocol.vocabulary import Result

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bleak import BleakClient

    from glowtool.protocol.wire import Message

#: A quarter of the watchdog's default, as the protocol page requires.
HEARTBEAT_S: Final = 0.25

#: A roller that does not answer a command within this time is not running.
ANSWER_S: Final = 2.0

#: An ATT write takes three bytes of the MTU; opcode, sequence number and offset stand before a piece of a program.
_BEFORE_PIECE: Final = 3 + 2 + 2

_STEP: Final = StepRecord(
    zone=Zone.CHEEK_LEFT,
    direction=Direction.UPWARD,
    pattern=Pattern.STEADY,
    waveform=Waveform.BIPHASIC_SQUARE,
    duration_ms=60_000,
    amplitude_permille=500,
    vibration_dhz=750,
    pattern_period_ms=1000,
    peak_ua=200,
    current_dhz=100,
    ramp_ms=4000,
    band_low=200,
    band_high=500,
)


def step(**fields: int) -> StepRecord:
    """Return a step of a minute with 200 µA and half the vibration, changed by the given fields of `StepRecord`.

    `peak_ua=0` leaves the waveform out as well. Raises `TypeError` for a field that a step does not have.
    """
    known = [field.name for field in fields_of(StepRecord)]
    if unknown := fields.keys() - known:
        raise TypeError(f"a step has no {', '.join(sorted(unknown))}; it has {', '.join(known)}")
    if fields.get("peak_ua") == 0:
        fields.setdefault("waveform", Waveform.NONE)
    made: StepRecord = replace(_STEP, **fields)  # type: ignore[arg-type]  # enumerations of the protocol are integers
    return made


class RunningMassage:
    """A massage that `massaging` has started on a client."""

    def __init__(self, client: BleakClient) -> None:
        self._client = client
        self._sequence = 0
        self._one_at_a_time = asyncio.Lock()
        self._waiting: dict[int, asyncio.Future[Response]] = {}
        self._silent = False

    async def send(self, opcode: Opcode, operands: Message | None = None, tail: bytes = b"") -> Response:
        """Send a command and return the roller's answer, whatever its result; `LinkError` when there is no answer."""
        async with self._one_at_a_time:
            self._sequence = (self._sequence + 1) % 256
            request = Request(opcode, self._sequence, operands or NoOperands(), tail)
            answer: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
            self._waiting[self._sequence] = answer
            try:
                async with asyncio.timeout(ANSWER_S):
                    await self._client.write_gatt_char(CONTROL_POINT.uuid, encode_request(request), response=True)
                    return await answer
            except TimeoutError as error:
                raise LinkError(f"the roller did not answer {opcode.name} within {ANSWER_S:g} s") from error
            finally:
                del self._waiting[request.sequence]

    def fall_silent(self) -> None:
        """Send no more heartbeats, so that the roller's watchdog acts."""
        self._silent = True

    def on_answer(self, _characteristic: object, data: bytearray) -> None:
        """Take an indication of the control point."""
        response = decode_response(data)
        waiting = self._waiting.get(response.head.sequence)
        if waiting is not None and not waiting.done():
            waiting.set_result(response)

    async def upload(self, steps: tuple[StepRecord, ...]) -> None:
        """Upload a program; `ValueError` for a field out of range, `CommandRefusedError` when the roller refuses it."""
        data = encode_program(steps)
        await self.insist(Opcode.PROGRAM_BEGIN, ProgramBegin(len(steps), len(data), program_crc(data)))
        size = self._client.mtu_size - _BEFORE_PIECE
        for offset in range(0, len(data), size):
            await self.insist(Opcode.PROGRAM_DATA, ProgramData(offset), data[offset : offset + size])
        await self.insist(Opcode.PROGRAM_COMMIT)

    async def insist(self, opcode: Opcode, operands: Message | None = None, tail: bytes = b"") -> None:
        """Send a command that must succeed; raises `CommandRefusedError` when it does not."""
        result = (await self.send(opcode, operands, tail)).head.result
        if result is not Result.SUCCESS:
            raise CommandRefusedError(f"the roller refused {opcode.name}: {result.name}, {RESULTS[result]}")

    async def keep_alive(self) -> None:
        """Send heartbeats until `fall_silent`, or as long as there is a connection."""
        while not self._silent and self._client.is_connected:
            # A client may raise any error on a lost link, and a test that drops the link checks that itself.
            with suppress(Exception):
                await self.send(Opcode.HEARTBEAT)
            await asyncio.sleep(HEARTBEAT_S)

    async def stop(self) -> None:
        """Send STOP, unless the connection is gone; a test may have left the roller in any state."""
        if not self._client.is_connected:
            return
        # As for heartbeats; and a roller that hears nothing is stopped by its watchdog.
        with suppress(Exception):
            await self.send(Opcode.STOP)
            await self._client.stop_notify(CONTROL_POINT.uuid)


@asynccontextmanager
async def massaging(client: BleakClient, *steps: StepRecord, **fields: int) -> AsyncIterator[RunningMassage]:
    """Run a program of these steps, or of the one step with these fields, for the time of the block.

    The client must be connected and bonded, and nothing else in the test may be subscribed to its control point. Raises
    the errors of `step` and `RunningMassage.upload`, `CommandRefusedError` when the roller does not start, `ValueError`
    for steps and fields together.
    """
    if steps and fields:
        raise ValueError(f"a massage has steps or the fields of its only step, not both: {', '.join(fields)}")
    running = RunningMassage(client)
    await client.start_notify(CONTROL_POINT.uuid, running.on_answer)
    try:
        await running.upload(steps or (step(**fields),))
        await running.insist(Opcode.START)
        async with background(running.keep_alive()):
            yield running
    finally:
        await running.stop()

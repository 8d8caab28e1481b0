"""One connection to a roller, from its beginning to its loss. A reconnection is a new object: nothing old can fire."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from glowtool.device.feed import Feed
from glowtool.device.tasks import TaskKeeper
from glowtool.drivers.gr1.commands.answers import answer_in
from glowtool.drivers.gr1.commands.control_point import ControlPoint, Writes
from glowtool.drivers.gr1.commands.wire_gate import WireGate
from glowtool.drivers.gr1.gatt import connecting, loss, translated
from glowtool.drivers.gr1.incoming.status import is_cut, status_in
from glowtool.errors import ConnectionLostError, DecodeError, GlowtoolError, LinkError
from glowtool.link.client import SaysWhy
from glowtool.model.program import NO_STEP
from glowtool.protocol.channels import decode_channel_table
from glowtool.protocol.gatt import (
    BATTERY_LEVEL,
    CHANNEL_TABLE,
    CONTROL_POINT,
    FEATURE,
    STATUS,
    STOP_POINT,
    TELEMETRY,
    Property,
)
from glowtool.protocol.status import decode_feature

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from glowtool.drivers.gr1.incoming.telemetry import Telemetry
    from glowtool.link.client import ClientFactory, GattClient
    from glowtool.model.answer import Answer, Heard
    from glowtool.model.channel import Channel
    from glowtool.model.status import Status
    from glowtool.protocol.commands.codec import Response
    from glowtool.protocol.gatt import Characteristic
    from glowtool.protocol.status import Feature
    from glowtool.safety.gate import Gate

_LOG = logging.getLogger(__name__)

T = TypeVar("T")

#: No operation takes this long on a working link. ATT itself would wait for 30 s (Core Vol 3 Part F 3.3.3).
GATT_TIMEOUT_S: Final = 10.0

#: After this long a disconnection is left to the stack.
DISCONNECT_TIMEOUT_S: Final = 5.0


#: The advice when a connection is lost.
LOST_ADVICE: Final = "it stops by itself. Bring it near and try again"


def lost_words(because: str | None) -> str:
    """Return the message for a person when a connection is lost."""
    return f"the connection to the roller was lost{f': {because}' if because else ''}"


class Connection:
    """A client with the subscriptions and the conversation that live as long as its connection.

    `lost` says that the connection ended without being asked to, `lost_because` why, if the stack knows. Nothing here
    waits longer than `GATT_TIMEOUT_S`, nor beyond the loss of the connection.
    """

    client: GattClient

    def __init__(self, client_for: ClientFactory) -> None:
        self.statuses: Feed[Status] = Feed()
        self.answers: Feed[Heard] = Feed()
        self.telemetry: Telemetry | None = None
        self.lost = False
        self.lost_because: str | None = None
        self._gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._closing = False
        self._tasks = TaskKeeper()
        self._rereading = False
        self._control: ControlPoint | None = None
        self.client = client_for(self._on_disconnected)

    @property
    def conversing(self) -> bool:
        """Whether commands can be sent."""
        return self._control is not None

    @property
    def control(self) -> ControlPoint:
        """The conversation; raises `LinkError` before `converse`."""
        if self._control is None:
            raise LinkError("the roller is not ready for commands yet", advice="wait until it is connected")
        return self._control

    async def connect(self) -> None:
        """Connect. Raises `ConnectFailedError` and the link layer's errors about bonds."""
        with connecting():
            await self.client.connect()  # bounded by the client's own time-out, and by that of the whole attempt

    async def converse(self, gate: Gate, feature: Feature) -> None:
        """Subscribe to the control point, so that commands can be sent: those that the feature's roller knows.

        The gate learns the roller's limits, and from here on reads whatever is written.
        """
        gate.learn(feature.limits)
        to_stop_point = partial(self._write, STOP_POINT) if feature.version >= STOP_POINT.since else None
        writes = Writes(partial(self._write, CONTROL_POINT), to_stop_point)
        control = ControlPoint(writes, feature, WireGate(gate), self._step_now, self.answers.publish)
        if self.lost:
            control.lose(lost_words(self.lost_because), LOST_ADVICE)
        self._control = control
        await self._subscribe(CONTROL_POINT, lambda _, data: control.on_indication(data))

    def post_stop(self) -> asyncio.Task[Answer]:
        """Write a stop at once, ahead of every command that waits; await the task for the answer."""
        return self._tasks.start(_said_in(self.control.post_stop()))

    async def follow_status(self) -> None:
        """Subscribe to the status and read it once."""
        await self._subscribe(STATUS, self._on_status)
        await self.read_status()

    async def read_status(self) -> Status:
        """Read the status and pass it to its followers."""
        status = status_in(await self.read(STATUS))
        self.statuses.publish(status)
        return status

    async def read_feature(self) -> Feature:
        """Read the roller's feature. `NotPairedError` without a bond, `VersionRefusedError` for another major."""
        return decode_feature(await self.read(FEATURE))

    async def read_channels(self) -> tuple[Channel, ...]:
        """Read the channel table."""
        return decode_channel_table(await self.read(CHANNEL_TABLE))

    async def read_battery_percent(self) -> int:
        """Read the charge of the battery."""
        data = await self.read(BATTERY_LEVEL)
        if len(data) != 1 or data[0] > 100:
            raise DecodeError(f"Battery Level is {data.hex() or 'empty'}; it must be one byte from 0 to 100")
        return data[0]

    async def subscribe_telemetry(self, telemetry: Telemetry) -> None:
        """Pass every telemetry notification to `telemetry`."""
        self.telemetry = telemetry
        await self._subscribe(TELEMETRY, lambda _, data: telemetry.on_notification(data))

    async def unsubscribe_telemetry(self) -> None:
        """End the subscription to telemetry."""
        await self._operate("ending the subscription to Telemetry", self.client.stop_notify(TELEMETRY.uuid))
        self.telemetry = None

    async def read(self, characteristic: Characteristic) -> bytes:
        """Read a characteristic; failures are errors of `glowtool.errors`."""
        return bytes(
            await self._operate(f"reading {characteristic.name}", self.client.read_gatt_char(characteristic.uuid))
        )

    async def aclose(self) -> None:
        """Disconnect; every waiter fails. May be called at any time, and more than once."""
        self._closing = True
        if self._control is not None:
            await self._control.aclose()
        await self._tasks.aclose()
        self._end_streams("the connection was closed")
        try:
            with translated("disconnecting", self.client):
                async with asyncio.timeout(DISCONNECT_TIMEOUT_S):
                    await self.client.disconnect()
        except LinkError as error:
            _LOG.debug("while disconnecting: %s", error)  # it is gone either way, as intended

    async def _subscribe(self, characteristic: Characteristic, callback: Callable[[object, bytearray], None]) -> None:
        await self._operate(
            f"subscribing to {characteristic.name}", self.client.start_notify(characteristic.uuid, callback)
        )

    async def _write(self, point: Characteristic, data: bytes) -> None:
        with translated(f"writing to the {point.name}", self.client):
            async with asyncio.timeout(GATT_TIMEOUT_S):
                await self.client.write_gatt_char(point.uuid, data, response=bool(point.properties & Property.WRITE))

    async def _operate(self, doing: str, operation: Coroutine[object, object, T]) -> T:
        """Return the result of a client's operation; `ConnectionLostError` as soon as the connection is lost."""
        task = self._tasks.start(operation)
        either: set[asyncio.Future[Any]] = {task, self._gone}
        try:
            with translated(doing, self.client):
                async with asyncio.timeout(GATT_TIMEOUT_S):
                    await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
                if task.done():
                    return task.result()
                raise loss(self.client, lost_words(self.lost_because), LOST_ADVICE)
        finally:
            task.cancel()  # nothing happens when it is done

    def _step_now(self) -> int | None:
        latest = self.statuses.latest
        return latest.step if latest is not None and latest.step != NO_STEP else None

    def _on_status(self, _: object, data: bytearray) -> None:
        if is_cut(data):
            self._reread_status()
            return
        try:
            status = status_in(data)
        except DecodeError as error:
            _LOG.warning("a status of the roller does not decode: %s", error)
            return
        self.statuses.publish(status)

    def _reread_status(self) -> None:
        # The MTU cuts notifications; a read gets the whole value, and one read serves all that were cut meanwhile.
        if not self._rereading:
            self._rereading = True
            self._tasks.start(self._reread())

    async def _reread(self) -> None:
        self._rereading = False
        try:
            await self.read_status()
        except GlowtoolError as error:
            _LOG.warning("the status could not be read: %s", error)

    def _on_disconnected(self, client: object) -> None:
        if not self._gone.done():
            self._gone.set_result(None)
        if self._closing or self.lost:
            return
        self.lost = True
        self.lost_because = client.lost_because if isinstance(client, SaysWhy) else None
        words = lost_words(self.lost_because)
        if self._control is not None:
            self._control.lose(words, LOST_ADVICE)
        self._end_streams(words, LOST_ADVICE)

    def _end_streams(self, says: str, advice: str = "") -> None:
        self.statuses.fail(ConnectionLostError(says, advice=advice))
        self.answers.fail(ConnectionLostError(says, advice=advice))
        if self.telemetry is not None:
            self.telemetry.frames.fail(ConnectionLostError(says, advice=advice))


async def _said_in(posted: asyncio.Task[Response]) -> Answer:
    return answer_in((await posted).head)

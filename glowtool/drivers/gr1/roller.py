"""The roller as a Python object: connected, checked, and silent at first."""

from __future__ import annotations

import asyncio
import logging
import random
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.device.attempts import Attempt, untold
from glowtool.device.host_clock import unix_clock_us
from glowtool.device.retrying import persist
from glowtool.drivers.gr1.commands.answers import payload_of
from glowtool.drivers.gr1.commands.verbs import Verbs
from glowtool.drivers.gr1.connection import Connection
from glowtool.drivers.gr1.identity import read_identity
from glowtool.drivers.gr1.incoming.readings import Readings
from glowtool.drivers.gr1.incoming.telemetry import Telemetry
from glowtool.errors import DecodeError, GlowtoolError, LinkError
from glowtool.link.backoff import ONCE
from glowtool.model.channel import DEFAULT_RATE_HZ
from glowtool.model.state import State
from glowtool.protocol.channels import fast_mask
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import TelemetryStart
from glowtool.protocol.commands.payloads import TelemetryEnded, TelemetryGranted
from glowtool.protocol.status import offered_rate_hz
from glowtool.protocol.vocabulary import Setting
from glowtool.stream.columns import distinct_channels

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from glowtool.device.identity import Identity
    from glowtool.device.mailbox import Mailbox
    from glowtool.link.backoff import Backoff
    from glowtool.link.client import ClientFactory
    from glowtool.model.answer import Heard
    from glowtool.model.channel import Channel
    from glowtool.model.program import Program
    from glowtool.model.state import DeviceLimits
    from glowtool.model.status import Status
    from glowtool.protocol.status import Feature
    from glowtool.safety.gate import Gate

_LOG = logging.getLogger(__name__)

#: On closing, the answer to a stop gets this long; after that, the end of the connection stops the roller.
LAST_STOP_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class _Introduction:
    """What a roller said of itself when it was connected."""

    feature: Feature
    channels: tuple[Channel, ...]
    identity: Identity
    battery_percent: int


class Roller(Verbs):
    """A connected roller. Open it with `async with Roller.open(...) as roller`.

    After every connect, the first and any later: the bond and the protocol's major version are checked, the outputs
    are made zero, ceilings, channel table and identity are read back, and subscriptions are made. An emergency stop
    that is latched stays so: `latched` tells. `found` is what it was doing before. What it can be told are its `Verbs`.
    """

    def __init__(
        self,
        client_for: ClientFactory,
        gate: Gate,
        host_clock_us: Callable[[], int] = unix_clock_us,
    ) -> None:
        self._client_for = client_for
        self._gate = gate
        self._host_clock_us = host_clock_us
        self._introduced: _Introduction | None = None
        self._found: Status | None = None

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        client_for: ClientFactory,
        gate: Gate,
        host_clock_us: Callable[[], int] = unix_clock_us,
        *,
        patience: Backoff = ONCE,
        tell: Callable[[Attempt], None] = untold,
    ) -> AsyncIterator[Roller]:
        """Connect and make ready; on leaving, outputs are made zero and the connection is closed.

        `client_for` makes an unconnected client, as in `lambda lost: adapter.client(device, lost)`. `gate` learns the
        roller's own ceilings, and every command but a stop goes through it. It is tried as often as `patience` says,
        and `tell` hears of every attempt that failed and of the next. Raises `ConnectFailedError`, `NotPairedError`,
        `VersionRefusedError`.
        """
        roller = cls(client_for, gate, host_clock_us)
        try:
            await roller.connect(patience, tell)
            yield roller
        finally:
            await roller.close()

    async def connect(self, patience: Backoff = ONCE, tell: Callable[[Attempt], None] = untold) -> None:
        """Connect, or connect again after a loss, and make ready. A program that ran is not taken up again."""
        chance = random.Random()  # noqa: S311 - spreads the attempts of several hosts, and is no secret
        await persist(self._connect_once, patience, chance, tell)

    async def _connect_once(self) -> None:
        await self.close()
        connection = Connection(self._client_for)
        self._connection = connection
        await connection.connect()
        _LOG.info("connected, the services are known")
        feature = await connection.read_feature()
        await connection.converse(self._gate, feature)
        # Kept even when this attempt fails later: after the STOP that follows, no other attempt would find it.
        self._found = await connection.read_status()
        await self.stop()
        await connection.follow_status()
        channels = await connection.read_channels()
        identity = await read_identity(connection.read)
        battery_percent = await connection.read_battery_percent()
        self.watchdog_ms = await self.setting(Setting.WATCHDOG_MS)
        self._introduced = _Introduction(feature, channels, identity, battery_percent)
        _LOG.info("the roller is ready: its outputs are zero, and it has said who it is")

    async def close(self) -> None:
        """Make outputs zero and disconnect; nothing happens when it was done before."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            if connection.client.is_connected and connection.conversing:
                async with asyncio.timeout(LAST_STOP_S):
                    await connection.control.post_stop()
        except (GlowtoolError, TimeoutError) as error:
            _LOG.debug("the last stop was not confirmed: %r", error)  # the roller stops when the connection ends
        finally:
            await connection.aclose()

    async def drop(self) -> None:
        """Close the connection without a STOP, like a loss: the roller stops by itself, and keeps its place."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.aclose()

    @property
    def feature(self) -> Feature:
        """The protocol, rates, abilities and ceilings that the roller stated at the last connection."""
        return self._introduction.feature

    @property
    def found(self) -> Status:
        """What the roller was doing when it was last asked on connecting, before its outputs were made zero."""
        if self._found is None:
            raise LinkError("the roller has not sent its status yet", advice="wait until it is connected")
        return self._found

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The roller's own channel table."""
        return self._introduction.channels

    @property
    def identity(self) -> Identity:
        """Who made the roller, its model, serial number and versions."""
        return self._introduction.identity

    @property
    def battery_percent(self) -> int:
        """The charge of the battery at the last connection."""
        return self._introduction.battery_percent

    @property
    def _introduction(self) -> _Introduction:
        if self._introduced is None:
            raise LinkError("the roller has not said who it is yet", advice="wait until it is connected")
        return self._introduced

    @property
    def limits(self) -> DeviceLimits:
        """What the roller can do, and the ceilings that it states."""
        return self.feature.limits

    @property
    def protocol(self) -> str:
        """The version of the protocol that the roller speaks."""
        return str(self.feature.version)

    @property
    def rates_hz(self) -> tuple[int, ...]:
        """The sampling rates that the roller offers."""
        return self.feature.rates_hz

    @property
    def status(self) -> Status:
        """The latest status."""
        latest = self._up.statuses.latest
        if latest is None:
            raise LinkError("the roller has not sent its status yet", advice="wait until it is connected")
        return latest

    @property
    def lost_because(self) -> str | None:
        """Why the connection was lost, if it was and if the stack knows."""
        return None if self._connection is None else self._connection.lost_because

    @property
    def latched(self) -> bool:
        """Whether an emergency stop is latched; `rearm` releases it."""
        return self.status.state is State.LATCHED

    def status_changes(self) -> Mailbox[Status]:
        """Return a stream of statuses that begins with the latest; it ends with `ConnectionLostError`."""
        return self._up.statuses.follow()

    def answers(self) -> Mailbox[Heard]:
        """Return a stream of answers that begins with the latest; it ends with `ConnectionLostError`."""
        return self._up.answers.follow()

    async def telemetry_start(self, rate_hz: int | None = None, channel_mask: int | None = None) -> Telemetry:
        """Start telemetry, by default of the channels that `readings` brings; end it by `telemetry_stop`.

        Iterate over its `frames`. Raises `DecodeError` as `readings` does.
        """
        rate_hz = offered_rate_hz(self.feature, DEFAULT_RATE_HZ) if rate_hz is None else rate_hz
        channel_mask = self._mask() if channel_mask is None else channel_mask
        telemetry = Telemetry(self._host_clock_us)
        await self._up.subscribe_telemetry(telemetry)
        try:
            answer = await self._ask(Opcode.TELEMETRY_START, TelemetryStart(rate_hz, channel_mask))
            payload_of(answer, TelemetryGranted)  # an answer without it has not begun a stream
        except GlowtoolError:
            if not self._up.lost:
                await self._up.unsubscribe_telemetry()
            raise
        return telemetry

    def readings(self, rate_hz: int = DEFAULT_RATE_HZ) -> Readings:
        """Return a massage's readings at the nearest rate offered, of all channels that a log can tell apart.

        Raises `DecodeError` for a roller that has nothing to tell, or a slow channel of a width that nobody here knows.
        """
        return Readings(self, offered_rate_hz(self.feature, rate_hz), self._mask())

    def _mask(self) -> int:
        """Return the telemetry mask of the roller's own fast channels, less those that nobody here can read."""
        channels = distinct_channels(self.channels)
        if not channels:
            raise DecodeError("channel table: there is no fast channel, so nothing could be recorded")
        return fast_mask(channels)

    def admit(self, program: Program) -> None:
        """Return if this roller has every output that a program asks for; else raise `SafetyError`. Nothing is sent."""
        self._gate.admit(program)

    async def telemetry_stop(self) -> int:
        """Stop telemetry, end the stream of frames, and return how many frames the roller sent."""
        sent = payload_of(await self._ask(Opcode.TELEMETRY_STOP), TelemetryEnded).frames_sent
        telemetry = self._up.telemetry
        if telemetry is not None:
            await telemetry.wait_for_stragglers(sent)
            telemetry.frames.close()
            await self._up.unsubscribe_telemetry()
        return sent

"""An examination of a roller and the way to it that changes nothing: no output, no program, no setting."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

from glowtool.device.host_clock import unix_clock_us
from glowtool.device.retrying import ATTEMPT_TIMEOUT_S
from glowtool.drivers.gr1.connection import Connection
from glowtool.drivers.gr1.identity import read_identity
from glowtool.drivers.gr1.incoming.telemetry import Telemetry
from glowtool.errors import ConnectFailedError, GlowtoolError
from glowtool.model.channel import DEFAULT_RATE_HZ
from glowtool.protocol.channels import fast_mask
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import TelemetryStart
from glowtool.protocol.commands.payloads import TelemetryEnded
from glowtool.protocol.gatt import CONTROL_POINT, STATUS, TELEMETRY
from glowtool.protocol.status import offered_rate_hz
from glowtool.protocol.wire import PROTOCOL_VERSION
from glowtool.stream.columns import distinct_channels
from glowtool.units import MICROSECONDS_PER_SECOND, MILLISECONDS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Callable

    from glowtool.device.identity import Identity
    from glowtool.link.client import ClientFactory
    from glowtool.model.status import Status
    from glowtool.protocol.gatt import Characteristic
    from glowtool.protocol.status import Feature
    from glowtool.safety.gate import Gate

_LOG = logging.getLogger(__name__)

#: The version of the protocol that this glowtool speaks.
OUR_PROTOCOL: Final = str(PROTOCOL_VERSION)

#: The characteristics to which a massage subscribes, all at the same time.
SUBSCRIPTIONS: Final[tuple[Characteristic, ...]] = (CONTROL_POINT, STATUS, TELEMETRY)

#: How long the examination reads telemetry.
LISTEN_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Examination:
    """The result of an examination. Frames are those of a second of telemetry at the usual rate.

    `clock_ahead_s` is the roller's clock less the host's, None when the roller's was never set. `subscribed` are the
    subscriptions that were held together, and `refusal` is why there are no more.
    """

    identity: Identity
    feature: Feature
    status: Status
    mtu: int
    clock_ahead_s: float | None
    subscribed: tuple[Characteristic, ...] = ()
    frames_sent: int = 0
    frames_received: int = 0
    refusal: GlowtoolError | None = None


async def examine(
    client_for: ClientFactory, gate: Gate, host_clock_us: Callable[[], int] = unix_clock_us
) -> Examination:
    """Connect, look, listen to telemetry for a second, and disconnect; a massage that goes on is not touched.

    Raises the errors of connecting, `NotPairedError` and `BondStaleError` when the roller does not accept the bond,
    `VersionRefusedError`.
    """
    connection = Connection(client_for)
    try:
        async with asyncio.timeout(ATTEMPT_TIMEOUT_S):
            await connection.connect()
            return await _look(connection, gate, host_clock_us)
    except TimeoutError as error:
        raise ConnectFailedError(
            f"the roller did not answer everything within {ATTEMPT_TIMEOUT_S:g} s", advice="bring it near and try again"
        ) from error
    finally:
        await connection.aclose()


async def _look(connection: Connection, gate: Gate, host_clock_us: Callable[[], int]) -> Examination:
    feature = await connection.read_feature()
    before_us = host_clock_us()
    status = await connection.read_status()
    host_us = (before_us + host_clock_us()) // 2
    found = Examination(
        identity=await read_identity(connection.read),
        feature=feature,
        status=status,
        mtu=connection.client.mtu_size,
        clock_ahead_s=_ahead_s(status, host_us),
    )
    return await _listen(connection, gate, found, host_clock_us)


def _ahead_s(status: Status, host_us: int) -> float | None:
    if not status.unix_ms:
        return None
    return status.unix_ms / MILLISECONDS_PER_SECOND - host_us / MICROSECONDS_PER_SECOND


async def _listen(
    connection: Connection, gate: Gate, found: Examination, host_clock_us: Callable[[], int]
) -> Examination:
    """Hold all subscriptions of a massage together, and count the frames of a second."""
    telemetry = Telemetry(host_clock_us)
    held: list[Characteristic] = []
    try:
        for what, subscribing in (
            (CONTROL_POINT, partial(connection.converse, gate, found.feature)),
            (STATUS, connection.follow_status),
            (TELEMETRY, partial(connection.subscribe_telemetry, telemetry)),
        ):
            await subscribing()
            held.append(what)
        rate_hz = offered_rate_hz(found.feature, DEFAULT_RATE_HZ)
        mask = fast_mask(distinct_channels(await connection.read_channels()))
        await connection.control.command(Opcode.TELEMETRY_START, TelemetryStart(rate_hz, mask))
        await asyncio.sleep(LISTEN_S)
        answer = await connection.control.command(Opcode.TELEMETRY_STOP)
        sent = answer.payload.frames_sent if isinstance(answer.payload, TelemetryEnded) else 0
        await telemetry.wait_for_stragglers(sent)
    except GlowtoolError as error:
        _LOG.info("listening ended early: %s", error)
        return replace(found, subscribed=tuple(held), refusal=error)
    return replace(found, subscribed=tuple(held), frames_sent=sent, frames_received=telemetry.received)

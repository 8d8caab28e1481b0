"""A massage over the whole stack, from typed verbs to the electrode, with every chance that matters seeded."""

from __future__ import annotations

import asyncio
import hashlib
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from glowsim.air.air import Air
from glowsim.air.transport import in_process_transport
from glowsim.evidence.record import RECORD_NAME
from glowsim.roller.roller import Roller as VirtualRoller
from glowsim.scene.scenario import Scenario
from glowtool.drivers.gr1.roller import Roller
from glowtool.link.bumble.adapter import open_bumble_adapter
from glowtool.link.scan import find_device
from glowtool.model.face import Zone
from glowtool.model.program import Program
from glowtool.model.state import State
from glowtool.safety import Gate
from glowtool.store.rollers.known import KnownRoller
from glowtool.store.rollers.registry import DeviceRegistry
from support.stack.massage import FIND_S, Bench, Display, bond, step

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from glowtool.drivers.gr1.incoming.telemetry import Telemetry

STEP_S = 30
_ZONES = (Zone.CHEEK_LEFT, Zone.CHEEK_RIGHT, Zone.JAW_LEFT, Zone.JAW_RIGHT)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The traces of a massage; the hashes are SHA-256 of every telemetry frame, and of the delivered record."""

    virtual_s: float
    frames: int
    frames_lost: int
    telemetry_sha256: str
    delivered_sha256: str


@asynccontextmanager
async def seeded_bench(
    folder: Path, seed: int, scenario: Scenario | None = None, truth: Path | None = None
) -> AsyncIterator[Bench]:
    """Yield a paired roller with seeded identity, passkeys, body and hand; the hand's truth goes to `truth`."""
    air, display = Air(), Display()
    async with (
        VirtualRoller.open(
            air, folder / "sim", scenario or Scenario(), seed=seed, display=display.show, truth=truth
        ) as roller,
        in_process_transport(air, "host") as transport,
        open_bumble_adapter("virtual", transport, folder / "bonds") as adapter,
    ):
        device = await find_device(adapter, roller.address, FIND_S)
        await bond(adapter, device, display)
        yield Bench(adapter, device, folder, paired_now=True)


@asynccontextmanager
async def known_roller(folder: Path, seed: int, scenario: Scenario | None = None) -> AsyncIterator[Roller]:
    """Yield the connection to a seeded roller that glowtool knows from now on."""
    async with seeded_bench(folder, seed, scenario) as bench, Roller.open(bench.client_for, Gate()) as roller:
        _remember(folder, bench, roller)
        yield roller


def _remember(folder: Path, bench: Bench, roller: Roller) -> None:
    """Have glowtool know the roller of a bench, as pairing from the command line does."""
    DeviceRegistry(folder).remember(
        KnownRoller(
            address=bench.device.address,
            name=bench.device.name or "",
            serial=roller.identity.serial,
            last_seen_utc=datetime.now(UTC),
        )
    )


async def massage(folder: Path, seed: int, duration_s: int, rate_hz: int = 200) -> Outcome:
    """Run a program of `duration_s` (a multiple of 30) with telemetry, until the roller says that it is over."""
    digest = hashlib.sha256()
    clock = asyncio.get_running_loop().time
    async with seeded_bench(folder, seed) as bench, Roller.open(bench.client_for, Gate()) as roller:
        steps = tuple(step(_ZONES[n % len(_ZONES)], STEP_S * 1000) for n in range(duration_s // STEP_S))
        await roller.upload(Program(steps))
        telemetry = await roller.telemetry_start(rate_hz)
        began_s, frames = clock(), 0
        async with asyncio.TaskGroup() as group:
            counting = group.create_task(_digest(telemetry, digest))
            beating = group.create_task(roller.keep_alive())
            await roller.start()
            async for status in roller.status_changes():
                if status.state is not State.RUNNING and clock() - began_s > 1:
                    break
            took_s = clock() - began_s
            beating.cancel()
            sent = await roller.telemetry_stop()
            frames = await counting
    record = (folder / "sim" / RECORD_NAME).read_bytes()
    return Outcome(took_s, frames, sent - frames, digest.hexdigest(), hashlib.sha256(record).hexdigest())


async def _digest(telemetry: Telemetry, digest: hashlib._Hash) -> int:
    frames = 0
    async for frame in telemetry.frames:
        digest.update(frame.data)
        frames += 1
    return frames

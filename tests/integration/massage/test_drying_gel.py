"""A person is told of gel that dries in a massage, and not of gel that does not."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from glowsim.scene.scenario import load
from glowsim.time.virtual_time import in_virtual_time
from glowtool.drivers.gr1.roller import Roller
from glowtool.model.face import Zone
from glowtool.model.program import Program
from glowtool.safety import Gate
from glowtool.stream.pipeline import Pipeline, PipelineSettings
from support.stack.full_stack import seeded_bench
from support.stack.massage import step

if TYPE_CHECKING:
    from pathlib import Path

_WATCHED_S = 100.0
_RATE_HZ = 200


async def first_dry_s(folder: Path, scenario: str) -> float | None:
    """Return when the meter of a running massage first says that the skin is dry, in s of the massage."""
    clock = asyncio.get_running_loop().time
    async with (
        seeded_bench(folder, 5, load(scenario)) as bench,
        Roller.open(bench.client_for, Gate()) as roller,
    ):
        await roller.upload(Program((step(Zone.CHEEK_LEFT, 200_000),)))
        readings = roller.readings(_RATE_HZ)
        pipeline = Pipeline(PipelineSettings(readings.channels, _RATE_HZ))
        await readings.start()
        await roller.start()
        began_s = clock()
        beating = asyncio.create_task(roller.keep_alive())
        try:
            async with asyncio.timeout(_WATCHED_S):
                async for arrivals in readings.arrivals():
                    meters = [pipeline.take(arrival).meter for arrival in arrivals]
                    if any(meter is not None and meter.skin_dry for meter in meters):
                        return clock() - began_s
        except TimeoutError:
            return None
        finally:
            beating.cancel()
            await roller.stop()
    return None


@pytest.mark.parametrize(
    ("scenario", "dry"),
    [
        ("drying-gel", True),
        pytest.param("nominal", False, marks=pytest.mark.long),
        pytest.param("stuck-cell", False, marks=pytest.mark.long),
        pytest.param("lifting-electrode", False, marks=pytest.mark.long),
    ],
)
def test_dry_skin_is_told_where_gel_dries_and_nowhere_else(tmp_path: Path, scenario: str, dry: bool) -> None:
    told_s = in_virtual_time(first_dry_s)(tmp_path, scenario)
    assert (told_s is not None) == dry
    if told_s is not None:
        assert 20 < told_s < 90

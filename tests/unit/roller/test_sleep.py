"""A roller that sleeps between two runs of glowsim recovers its doses by a time that nobody can set."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from glowsim.air.air import Air
from glowsim.firmware.firmware import Firmware
from glowsim.firmware.retained.memory import Memory
from glowsim.roller import sleep
from glowsim.roller.flash_file import flash_file
from glowsim.roller.roller import Roller
from glowsim.scene.scenario import Scenario
from glowsim.time.virtual_time import in_virtual_time
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.vocabulary import Result
from support.device.firmware_bench import Bench, step
from support.device.volatile_memory import VolatileMemory

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def slept(monkeypatch: pytest.MonkeyPatch, *uptimes: tuple[str, int] | None) -> list[int]:
    """Return for how long a roller has slept that fell asleep at the first uptime and woke at all others."""
    memory = VolatileMemory()
    shown = iter(uptimes)
    monkeypatch.setattr(sleep, "uptime", lambda: next(shown))
    sleep.fall_asleep(memory)
    return [sleep.wake(memory) for _ in uptimes[1:]]


@pytest.mark.parametrize(
    ("uptimes", "expected"),
    [
        ((("a", 100), ("a", 700), ("a", 900)), [600, 0]),
        ((("a", 100), ("b", 40)), [40]),
        ((("a", 100), ("a", 90)), [0]),
        ((("a", 100), None), [0]),
        ((None, ("a", 100)), [0]),
    ],
    ids=["once only", "over a restart", "never less than nothing", "nobody tells", "nobody told"],
)
def test_a_sleep_counts_once_and_never_more_than_is_known(
    monkeypatch: pytest.MonkeyPatch, uptimes: tuple[tuple[str, int] | None, ...], expected: list[int]
) -> None:
    assert slept(monkeypatch, *uptimes) == expected


def test_time_asleep_gives_places_and_the_day_their_dose_back() -> None:
    dose = {"runtime_us": 0, "hours": [[0, 1_200_000_000, 0]], "places": {"5": 300_000_000}}
    for hours, result in ((0, Result.OVER_CEILING), (23, Result.OVER_CEILING), (24, Result.SUCCESS)):
        bench = Bench(memory=VolatileMemory({"dose": dose}))
        bench.firmware.sleep_through(hours * 3_600_000_000)
        bench.load(step(20_000))
        assert bench.result(Opcode.START) is result


def test_time_asleep_is_kept() -> None:
    memory = VolatileMemory({"dose": {"places": {"5": 300_000_000}}})
    Firmware(memory, "GR1-0001").sleep_through(100_000_000)
    assert Firmware(memory, "GR1-0001")._core.retained.dwell.worked_us(5) == 200_000_000


def test_only_real_time_is_slept() -> None:
    async def told() -> tuple[str, int] | None:
        return sleep.uptime()

    asleep: Callable[[], tuple[str, int] | None] = in_virtual_time(told)
    assert asleep() is None
    assert asyncio.run(told()) is not None


@pytest.mark.parametrize("powered", [True, False])
def test_a_roller_whose_power_is_out_does_not_sleep(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, powered: bool
) -> None:
    async def lived() -> None:
        async with Roller.open(Air(), tmp_path, Scenario(), seed=1) as roller:
            if not powered:
                roller.power_cycle(off_s=60.0)
            await asyncio.sleep(1.0)

    monkeypatch.setattr(sleep, "uptime", lambda: ("a", 100))
    in_virtual_time(lived)()
    with flash_file(tmp_path / "flash.bin") as chip:
        assert (sleep.REST in Memory(chip).load()) is powered

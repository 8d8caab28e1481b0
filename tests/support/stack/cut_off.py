"""Recordings of the whole stack in virtual time, as they are right before they are finished, and after."""

from __future__ import annotations

import shutil
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING
from unittest.mock import patch

from glowsim.scene.scenario import Link, Scenario
from glowsim.time.virtual_time import unix_us
from glowtool.model.face import Zone
from glowtool.session.do.runner import Session
from glowtool.store.tables.finish import finish
from support.stack.full_stack import seeded_bench
from support.stack.massage import step

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from glowtool.model.ending import Ending
    from glowtool.store.journal.journal import Checkpoint
    from glowtool.store.tables.manifest import Manifest

ZONES = (Zone.CHEEK_LEFT, Zone.CHEEK_RIGHT, Zone.JAW_LEFT, Zone.JAW_RIGHT)
RATES_HZ = (50, 100, 200, 400)


async def recorded(folder: Path, seed: int, least_s: float = 4, most_s: float = 40) -> tuple[Path, Path]:
    """Run a massage that follows from the seed; return its closed journal (`logs` in `folder`) and the finished log."""
    random = Random(seed)  # noqa: S311 - reproducible on purpose
    steps = random.randint(1, 4)
    step_ms = round(1000 * random.uniform(least_s, most_s) / steps)
    link = Link(loss=0.02, host_drop=0.02, duplicate=0.01) if random.random() < 0.4 else Link()
    journals = folder / "logs"
    journals.mkdir(parents=True)

    def keep_and_finish(log: Path, ending: Ending, ended_utc: datetime, checkpoint: Checkpoint) -> Manifest:
        shutil.copytree(log, journals / log.name)
        return finish(log, ending, ended_utc, checkpoint)

    async with seeded_bench(folder / "work", seed, Scenario(link=link)) as bench:
        plan = bench.plan(*(step(zone, step_ms) for zone in ZONES[:steps]))
        plan = replace(plan, host_clock_us=unix_us, rate_hz=random.choice(RATES_HZ))
        with patch("glowtool.session.do.recorder.finish", keep_and_finish):
            result = await Session(plan).run()
    return journals / result.path.name, result.path

"""Keyframes over the whole stack, on a roller that knows them and on an older one, judged by what was delivered."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np
import pytest

from glowsim.evidence.record import read_delivered
from glowsim.scene.scenario import Scenario, load
from glowsim.time.virtual_time import in_virtual_time
from glowtool.app.routines import suited
from glowtool.drivers.gr1.opener import opener
from glowtool.model.ending import Ending
from glowtool.model.face import Zone
from glowtool.routine import Goal, Keyframe, Microcurrent, Routine, Step, Vibration, compile_routine
from glowtool.routine.stepped import Stepped
from glowtool.safety import Gate, PersonalMax
from glowtool.session.do.runner import Session
from glowtool.session.plan import SessionPlan
from glowtool.store.logs.log import SessionLog
from glowtool.store.tables.program import program_of
from support.stack.full_stack import seeded_bench

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.session.news import MassageNews

ROUTINE: Final = Routine(
    name="swell",
    title="Swell",
    goal=Goal.RELAXATION,
    description="x",
    steps=(
        Step(
            title="Left cheek",
            zone=Zone.CHEEK_LEFT,
            duration_s=30,
            vibration=Vibration(amplitude_percent=20, frequency_hz=75),
            microcurrent=Microcurrent(peak_ua=0, frequency_hz=10),
            keyframes=(
                Keyframe(at_s=12, amplitude_percent=70, peak_ua=150),
                Keyframe(at_s=28, amplitude_percent=10, peak_ua=0),
            ),
            band_kpa=(2, 5),
            cue="Upwards",
        ),
    ),
)


async def run(folder: Path, scenario: Scenario) -> tuple[list[MassageNews], SessionLog]:
    news: list[MassageNews] = []
    async with seeded_bench(folder, 5, scenario) as bench:
        plan = SessionPlan(
            opener(bench.client_for, Gate()),
            "roller",
            bench.device.address,
            ROUTINE.model_dump(mode="json"),
            compile_routine(ROUTINE),
            folder / "logs",
            suit=partial(suited, ROUTINE, PersonalMax()),
        )
        result = await Session(plan).run(news.append)
    assert (result.ending, result.problem, result.confirmed) == (Ending.COMPLETED, None, True)
    return news, SessionLog.open(result.path)


@pytest.mark.parametrize(("scenario", "off"), [("nominal", 0.03), ("older-roller", 0.09)])
def test_what_is_delivered_follows_the_keyframes(scenario: str, off: float, tmp_path: Path) -> None:
    news, log = in_virtual_time(run)(tmp_path, load(scenario))
    older = scenario == "older-roller"
    told = [item for item in news if isinstance(item, Stepped)]
    assert [item.changed for item in told] == ([(0,)] if older else [])
    program, steps = program_of(log.manifest), log.manifest.routine["steps"]
    assert (len(program) > 1, any(step.keyframes for step in program)) == (older, not older)
    assert isinstance(steps, list)
    assert len(steps) == len(program)
    record = read_delivered(tmp_path / "sim")
    on = np.flatnonzero(record["amplitude"] > 0)
    begin_us = int(record["time_us"][on[0]])
    (step,) = compile_routine(ROUTINE)
    moments = {
        round((int(time_us) - begin_us) / 1e6, 3): float(amplitude)
        for time_us, amplitude in zip(record["time_us"], record["amplitude"], strict=True)
    }
    late = [at_s for at_s in moments if 3.0 < at_s < 29.5]
    assert len(late) > 1000
    assert max(abs(moments[at_s] - step.levels_at(at_s).amplitude) for at_s in late) < off

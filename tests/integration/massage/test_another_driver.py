"""Another maker's device by the same door: run, logged and analysed, with nothing of our roller in between."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from glowtool.analysis.log import analyse_log
from glowtool.model.ending import Ending
from glowtool.model.program import Program
from glowtool.session.do.runner import Session
from glowtool.session.plan import SessionPlan
from glowtool.store.log import SessionLog
from support.host.foreign_driver import BLOCK, RATE_HZ, ForeignDriver
from support.host.masseur import STEP
from support.host.virtual_time import in_virtual_time

if TYPE_CHECKING:
    from pathlib import Path


@in_virtual_time
async def test_a_foreign_device_is_massaged_with_logged_and_analysed(tmp_path: Path) -> None:
    driver = ForeignDriver()
    program = Program((replace(STEP, peak_ua=0, amplitude=0.3, duration_s=4.0),))
    plan = SessionPlan(driver.opened, "BR-7", "00:07", {"name": "brush"}, program, tmp_path, rate_hz=RATE_HZ)
    result = await Session(plan).run()

    assert (result.ending, result.problem) == (Ending.COMPLETED, None)
    assert driver.done[0] == "start"
    assert driver.done[-1] == "stop"
    log = SessionLog.open(result.path)
    assert (log.manifest.device.protocol, log.manifest.rate_hz) == ("brush 3", RATE_HZ)
    assert [(gap.first_sample, gap.count) for gap in log.gaps()] == [(BLOCK, BLOCK)]
    summary = analyse_log(log)
    (step,) = summary.steps
    assert step.scope.left["mean_pressure_kpa"] == pytest.approx(4.0)
    assert step.scope.left["contact_time_s"] == pytest.approx(3.9), "the time that was lost is not counted"
    unknown = (
        step.scope.left["stroke_count"],
        step.scope.right["mean_pressure_kpa"],
        step.scope.right["contact_time_s"],
    )
    assert unknown == (None, None, None), "what has no encoder and no right head says nothing of them"

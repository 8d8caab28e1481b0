"""A cell that goes bad while a massage runs is told at once, kept in the log, and flagged afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowsim.scene.scenario import Scenario
from glowsim.time.virtual_time import in_virtual_time
from glowtool.analysis.analyse import analyse
from glowtool.analysis.log import recording_of
from glowtool.model.event import EventKind
from glowtool.model.face import Zone
from glowtool.session.do.runner import Session
from glowtool.store.logs.cells import cells_told
from glowtool.store.logs.log import SessionLog
from glowtool.store.logs.replay import arrivals_of, settings_of
from glowtool.stream.pipeline import Pipeline
from glowtool.stream.quality.kinds import CellFaultKind
from glowtool.stream.quality.watch import FailedCell
from support.stack.full_stack import seeded_bench
from support.stack.massage import step

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.session.news import MassageNews

FAULT = {"name": "cell-stuck", "at_s": 12.0, "cell": "rf"}


async def _massage(folder: Path) -> tuple[Path, list[FailedCell]]:
    told: list[FailedCell] = []

    def publish(news: MassageNews) -> None:
        if isinstance(news, FailedCell):
            told.append(news)

    async with seeded_bench(folder, 11, Scenario.model_validate({"faults": [FAULT]})) as bench:
        result = await Session(bench.plan(step(Zone.CHEEK_LEFT, 12_000), step(Zone.CHEEK_RIGHT, 9000))).run(publish)
    return result.path, told


def test_a_stuck_cell_is_told_kept_and_flagged(tmp_path: Path) -> None:
    path, (told,) = in_virtual_time(_massage)(tmp_path)
    assert (told.cell, told.kind) == ("pressure_rf", CellFaultKind.STUCK)
    assert told.words == "The right front cell does not move any more: do not go by the pressure of its head."
    assert 0 <= told.known_us - told.since_us <= 5_000_000
    log = SessionLog.open(path)
    (event,) = (event for event in log.events() if event.kind is EventKind.CELL)
    assert event.data == {"cell": told.cell, "kind": "stuck", "since_us": told.since_us}
    (entry,) = log.manifest.cells
    assert (entry.cell, entry.kind, entry.since_us, entry.known_us) == (
        told.cell, "stuck", told.since_us, told.known_us,
    )  # fmt: skip
    assert cells_told(log.manifest)["pressure_rf"].startswith("The right front pressure cell kept one value")
    quality = analyse(recording_of(log)).quality
    assert [bad.cell for bad in quality.bad_cells] == ["pressure_rf"]
    pipeline = Pipeline(settings_of(log))
    again = [cell for arrival in arrivals_of(log) for cell in pipeline.take(arrival).failed_cells]
    assert [*again, *pipeline.finish().failed_cells] == [told], "a replay says the same"

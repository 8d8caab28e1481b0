"""The log of a massage agrees with the truth about the simulated hand, over the whole stack."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import pytest
from pyarrow import parquet

from glowsim.evidence.truth import CONTACTS_NAME, STROKES_NAME
from glowsim.scene.scenario import Hand, Scenario
from glowsim.time.virtual_time import in_virtual_time
from glowtool.model.ending import Ending
from glowtool.model.face import Zone
from glowtool.session.do.runner import Session
from glowtool.session.news import unheard
from glowtool.stream.live.meter import MeterReading
from glowtool.stream.strokes.rule import StrokeSettings
from support.stack.full_stack import seeded_bench
from support.stack.massage import step
from support.stack.true_strokes import tolerance_mm

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.session.news import MassageNews, Publish

Hasty: TypeAlias = "tuple[Path, Path, int]"

SHARED = ("head", "start_us", "end_us", "length_mm", "mean_kpa", "peak_kpa", "step")


class _Counting:
    """Remembers how many strokes the live meter has counted."""

    strokes = 0

    def publish(self, news: MassageNews) -> None:
        if isinstance(news, MeterReading):
            self.strokes = news.strokes or 0


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Hasty:
    """A massage by the hasty hand: its folder, its log, and how many strokes were counted while it ran."""
    folder, counting = tmp_path_factory.mktemp("hasty"), _Counting()
    return folder, in_virtual_time(_massage)(folder, "hasty", counting.publish), counting.strokes


async def _massage(folder: Path, persona: str, publish: Publish = unheard) -> Path:
    scenario = Scenario.model_validate({"hand": Hand.model_validate({"persona": persona})})
    async with seeded_bench(folder, 11, scenario, truth=folder / "truth") as bench:
        result = await Session(bench.plan(step(Zone.CHEEK_LEFT, 9000), step(Zone.CHEEK_RIGHT, 9000))).run(publish)
    assert result.ending is Ending.COMPLETED
    return result.path


def test_every_true_stroke_is_in_the_log_but_for_the_way_before_contact(hasty: Hasty) -> None:
    all_true_strokes_are_there(*hasty)


def test_every_true_stroke_of_an_uneven_hand_is_there_as_well(tmp_path: Path) -> None:
    counting = _Counting()
    log_path = in_virtual_time(_massage)(tmp_path, "uneven", counting.publish)
    all_true_strokes_are_there(tmp_path, log_path, counting.strokes)


def all_true_strokes_are_there(folder: Path, log_path: Path, counted: int) -> None:
    truth = parquet.read_table(folder / "truth" / STROKES_NAME)
    log = parquet.read_table(log_path / "strokes.parquet")
    assert [truth.schema.field(name).type for name in SHARED] == [log.schema.field(name).type for name in SHARED]
    # What is shorter than the analysis's shortest stroke is not a stroke to it, and needs no counterpart.
    true = [row for row in truth.to_pylist() if abs(row["length_mm"]) > StrokeSettings().shortest_mm + 1.0]
    logged = log.to_pylist()
    assert len(true) > 12
    assert abs(len(logged) - len(true)) <= 4
    upward = [item["head"] for item in logged if item["length_mm"] > 0]
    assert counted in (max(map(upward.count, "lr")) - 1, max(map(upward.count, "lr"))), "rolling back is none"
    for row in true:
        found = [
            item for item in logged if item["head"] == row["head"] and abs(item["start_us"] - row["start_us"]) < 300_000
        ]
        slack_mm = tolerance_mm(row["length_mm"], (row["end_us"] - row["start_us"]) / 1e6)
        assert [item["length_mm"] for item in found] == [pytest.approx(row["length_mm"], abs=slack_mm)], row
        assert found[0]["end_us"] == pytest.approx(row["end_us"], abs=300_000)
        assert found[0]["step"] == row["step"]
        assert found[0]["mean_kpa"] == pytest.approx(row["mean_kpa"], rel=0.12, abs=0.1)
        assert found[0]["peak_kpa"] == pytest.approx(row["peak_kpa"], rel=0.25, abs=0.3)


def test_the_same_seed_writes_the_same_truth(hasty: Hasty, tmp_path: Path) -> None:
    in_virtual_time(_massage)(tmp_path, "hasty")
    for file in (STROKES_NAME, CONTACTS_NAME):
        one, other = ((folder / "truth" / file).read_bytes() for folder in (hasty[0], tmp_path))
        assert one == other
        assert parquet.read_table(tmp_path / "truth" / file).num_rows > 5

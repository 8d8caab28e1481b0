"""A second model, `mini`, runs over the whole stack with one head, no current and a table of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from glowsim.firmware.model import MINI
from glowsim.scene.scenario import Scenario, load
from glowsim.time.virtual_time import in_virtual_time
from glowtool.analysis.log import analyse_log, recording_of
from glowtool.analysis.report.page import render_html
from glowtool.analysis.report.series import series_of
from glowtool.analysis.tables import symmetry_table
from glowtool.cli.options import Options
from glowtool.cli.summary import print_summary
from glowtool.cli.terminal.output import Printer
from glowtool.drivers.gr1.roller import Roller
from glowtool.errors import SafetyError
from glowtool.model.ending import Ending
from glowtool.model.face import Zone
from glowtool.model.output import Waveform
from glowtool.safety import Gate
from glowtool.session.do.runner import Session
from glowtool.session.do.zeroing import Tare, take_tare
from glowtool.session.news import Began, MassageNews
from glowtool.store.logs.log import SessionLog
from glowtool.stream.heads import Head
from glowtool.stream.live.meter import MeterReading
from support.stack.full_stack import seeded_bench
from support.stack.massage import step

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.model.program import Step


@pytest.fixture(scope="module")
def massage(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[MassageNews]]:
    """A massage by mini: its log, and all news of it."""
    folder, news = tmp_path_factory.mktemp("mini"), list[MassageNews]()

    async def run() -> Path:
        async with seeded_bench(folder, 11, load("mini")) as bench:
            result = await Session(bench.plan(*(quiet(zone) for zone in (Zone.CHEEK_LEFT, Zone.CHEEK_RIGHT)))).run(
                news.append
            )
        assert result.ending is Ending.COMPLETED
        return result.path

    return in_virtual_time(run)(), news


def quiet(zone: Zone, amplitude: float = 0.4) -> Step:
    """Return a step without current."""
    return replace(step(zone, 6000), amplitude=amplitude, peak_ua=0, waveform=Waveform.NONE)


def test_the_log_has_what_minis_own_table_says_and_nothing_else(massage: tuple[Path, list[MassageNews]]) -> None:
    log = SessionLog.open(massage[0])
    assert [channel.name for channel in log.manifest.channels] == [channel.name for channel in MINI.channels]
    assert log.manifest.rate_hz == 100
    assert set(log.sample_columns()) == {
        "sample", "device_time_us", "host_time_us", "step", "motor", "press", "amplitude", "press_kpa",
        "pressure_head_kpa", "contact_head",
    }  # fmt: skip
    pressed = log.samples("press_kpa", "press")
    assert pressed["press_kpa"].tolist() == pytest.approx(((pressed["press"].astype(float) - 100) * 0.02).tolist())
    assert log.manifest.counters.lost == 0


def test_what_cannot_be_known_is_said_to_be_unknown_and_never_zero(
    massage: tuple[Path, list[MassageNews]], capsys: pytest.CaptureFixture[str]
) -> None:
    summary = analyse_log(SessionLog.open(massage[0]))
    both, json = summary.session.both, summary.to_json()
    assert both["contact_time_s"] == pytest.approx(11.0, abs=1.5)
    assert 2.5 < (both["mean_pressure_kpa"] or 0) < 4.5
    assert both["stroke_count"] is both["stroke_rate_per_min"] is both["strokes_in_direction_share"] is None
    for values in (summary.session.left, summary.session.right, summary.session.symmetry, summary.sides):
        assert set(values.values()) == {None} or values is summary.sides
    assert summary.session.dose["vibration_min"] == pytest.approx(0.2, abs=0.05)
    assert summary.session.dose["current_min"] is summary.session.dose["charge_mc"] is None
    assert isinstance(json["device"], dict)
    assert json["device"]["heads"] == ["only"]
    remarks = " ".join(summary.quality.remarks)
    assert all(words in remarks for words in ("strokes are not measured", "has one head", "are not checked"))
    print_summary(Printer(Options()), summary)
    assert "left head" not in capsys.readouterr().out
    page = render_html(summary, series_of(recording_of(SessionLog.open(massage[0]))))
    assert "head, kPa" in page
    assert "Heads of the roller" not in page
    assert "Left vs. right" not in page
    assert "Bars below: strokes" not in page
    assert "Heads" not in symmetry_table(summary).headers


def test_the_live_meter_has_one_head_and_no_strokes(massage: tuple[Path, list[MassageNews]]) -> None:
    meters = [news for news in massage[1] if isinstance(news, MeterReading)]
    assert len(meters) > 90  # ten a second, less those that came together with a later one
    assert [news.heads for news in massage[1] if isinstance(news, Began)] == [(Head.ONLY,)]
    assert all(tuple(each.heads) == (Head.ONLY,) and each.strokes is None for each in meters)
    assert max(each.heads[Head.ONLY].pressure_kpa for each in meters) > 2.0


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (step(Zone.CHEEK_LEFT, 6000), "no microcurrent, and step 1 asks for it; nothing was sent"),
        (quiet(Zone.CHEEK_LEFT, 0.9), "is not sent"),
    ],
    ids=["current", "amplitude"],
)
@in_virtual_time
async def test_what_mini_does_not_give_is_refused_before_a_log_or_a_byte(
    tmp_path: Path, asked: Step, said: str
) -> None:
    async with seeded_bench(tmp_path, 11, load("mini")) as bench:
        plan = bench.plan(asked)
        with pytest.raises(SafetyError, match=said):
            await Session(plan).run()
    assert not list(plan.logs_dir.glob("*"))


@in_virtual_time
async def test_mini_which_cannot_tell_of_the_air_takes_its_zero_at_the_first_asking(tmp_path: Path) -> None:
    async with seeded_bench(tmp_path, 11, load("mini")) as bench, Roller.open(bench.client_for, Gate()) as roller:
        assert await take_tare(roller, lambda: None) == Tare(None, None)


def test_a_scenario_that_says_nothing_is_of_a_gr1() -> None:
    assert Scenario().device.model == "gr-1"

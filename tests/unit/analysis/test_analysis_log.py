"""A log on disk, running or finished, is analysed as the recording that went into it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from glowtool.analysis.analyse import analyse
from glowtool.analysis.log import analyse_log, recording_of, steps_of
from glowtool.analysis.report import render_html, series_of
from glowtool.app.logs.reporting import write_report
from glowtool.errors import LogDamagedError
from glowtool.model.ending import Ending
from glowtool.model.face import Direction
from glowtool.store.logs.log import SessionLog
from glowtool.store.tables.finish import finish
from glowtool.store.tables.program import program_of
from support.logs.recorded_logs import CHECKPOINT, STARTED, journal_of, manifest_of
from support.logs.recordings import massage


def test_a_running_and_a_finished_log_are_analysed_alike(tmp_path: Path) -> None:
    recording = massage()
    folder = journal_of(recording, tmp_path)
    running = analyse_log(SessionLog.open(folder)).to_json()
    assert running.pop("ending") == "recording"
    finish(folder, Ending.COMPLETED, STARTED, CHECKPOINT)
    finished = analyse_log(SessionLog.open(folder)).to_json()
    assert finished.pop("ending") == "completed"
    wanted = analyse(recording).to_json()
    wanted.pop("ending")
    assert running == wanted
    assert finished == wanted


def test_a_log_becomes_a_report_beside_it(tmp_path: Path) -> None:
    folder = journal_of(massage(), tmp_path)
    finish(folder, Ending.STOPPED, STARTED, CHECKPOINT)
    recording = recording_of(SessionLog.open(folder))
    path = write_report(folder, render_html(analyse(recording), series_of(recording)))
    assert path == folder / "report.html"
    assert "stopped" in path.read_text("utf-8")
    # The report is no part of what the manifest vouches for.
    SessionLog.open(folder, verify=True)


def test_steps_come_from_the_program_and_titles_from_the_routine() -> None:
    manifest = manifest_of(massage())
    step = steps_of(manifest, program_of(manifest))[2]
    assert (step.title, step.direction, step.planned_s) == ("Forehead left", Direction.OUTWARD, 15.0)
    assert (step.band_low_kpa, step.band_high_kpa, step.spans_us) == (2.0, 5.0, ())


def test_nothing_is_measured_in_a_rest() -> None:
    manifest = manifest_of(massage())
    first, second, *_ = program_of(manifest)
    rest = replace(second, amplitude=0.0, peak_ua=0, band_low_kpa=0.0, band_high_kpa=0.0)
    assert [step.index for step in steps_of(manifest, (first, rest, second))] == [0, 2]


@pytest.mark.parametrize("routine", [{}, {"steps": "none"}, {"steps": [3]}, {"steps": [{"title": ""}]}])
def test_a_step_without_a_title_is_called_by_its_zone(routine: dict[str, object]) -> None:
    manifest = manifest_of(massage()).model_copy(update={"routine": routine})
    assert steps_of(manifest, program_of(manifest))[0].title == "cheek-left"


@pytest.mark.parametrize("program", ["zz", "00", "ff" * 22])
def test_a_program_that_does_not_decode_is_damage_and_not_a_crash(program: str) -> None:
    with pytest.raises(LogDamagedError, match="program in its manifest does not decode"):
        program_of(manifest_of(massage()).model_copy(update={"program_hex": program}))


def test_columns_keep_their_values(tmp_path: Path) -> None:
    recording = massage()
    again = recording_of(SessionLog.open(journal_of(recording, tmp_path)))
    for head, pressure_kpa in recording.samples.pressure_kpa.items():
        np.testing.assert_array_equal(again.samples.pressure_kpa[head], pressure_kpa)
    np.testing.assert_array_equal(again.samples.step, recording.samples.step)
    assert sorted(again.strokes.length_mm) == sorted(recording.strokes.length_mm)

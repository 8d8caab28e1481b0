"""A log on disk, running or finished, is analysed as what was put into it."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from glowtool.analysis.analyse import analyse
from glowtool.analysis.log import analyse_log, recording_of, steps_of
from glowtool.analysis.recording import Recording
from glowtool.analysis.report import render_html, series_of, write_report
from glowtool.errors import LogDamagedError
from glowtool.protocol.program import StepRecord, encode_program
from glowtool.protocol.vocabulary import Direction, Pattern, Waveform
from glowtool.store.events import Event, EventKind, stroke_event
from glowtool.store.finish import finish
from glowtool.store.journal import Checkpoint, Journal
from glowtool.store.log import SessionLog
from glowtool.store.manifest import ChannelEntry, DeviceEntry, Ending, Manifest
from glowtool.stream.account import Counters
from glowtool.stream.block import Columns, Head, Stroke
from support.recordings import massage

STARTED = datetime(2026, 11, 22, 15, 41, tzinfo=UTC)
CHECKPOINT = Checkpoint(Counters(sent=912, received=912), None)


def program_of(recording: Recording) -> bytes:
    return encode_program(
        tuple(
            StepRecord(
                zone=step.zone,
                direction=step.direction,
                pattern=Pattern.STEADY,
                waveform=Waveform.BIPHASIC_SQUARE,
                duration_ms=round(step.planned_s * 1000),
                amplitude_permille=400,
                vibration_dhz=750,
                pattern_period_ms=1000,
                peak_ua=120,
                current_dhz=100,
                ramp_ms=4000,
                band_low=round(step.band_low_kpa * 100),
                band_high=round(step.band_high_kpa * 100),
            )
            for step in recording.steps
        )
    )


def manifest_of(recording: Recording) -> Manifest:
    from glowtool.protocol.channels import CHANNELS

    return Manifest(
        session_id=recording.facts.session_id,
        started_utc=STARTED,
        routine={
            "name": "first-glow",
            "title": "First glow",
            "steps": [{"title": step.title} for step in recording.steps],
        },
        program_hex=program_of(recording).hex(),
        device=DeviceEntry(name="GR-1 4F2A", address="C0:00:00:00:00:01", serial="1", firmware="1.0", protocol="1.0"),
        channels=tuple(ChannelEntry.from_channel(channel) for channel in CHANNELS),
        rate_hz=recording.rate_hz,
    )


def columns_of(recording: Recording) -> Columns:
    samples = recording.samples
    assert samples.amplitude is not None
    assert samples.peak_ua is not None
    return {
        "sample": samples.sample,
        "device_time_us": samples.device_time_us,
        "host_time_us": samples.device_time_us,
        **{f"{name}_kpa": values for name, values in samples.cells_kpa.items()},
        "pressure_l_kpa": samples.pressure_l_kpa,
        "pressure_r_kpa": samples.pressure_r_kpa,
        "amplitude": samples.amplitude,
        "peak_ua": samples.peak_ua,
        "contact_l": samples.contact_l,
        "contact_r": samples.contact_r,
    }


def journal_of(recording: Recording, logs: Path) -> Path:
    journal = Journal.create(logs, manifest_of(recording))
    journal.append_samples(columns_of(recording))
    for step in recording.steps:
        journal.append_event(Event(step.spans_us[0][0], EventKind.STEP, {"index": step.index}))
    journal.append_event(Event(recording.steps[-1].spans_us[0][1], EventKind.STOP, {}))
    strokes = recording.strokes
    for row in range(len(strokes)):
        peak_kpa = float(strokes.peak_kpa[row])
        head = Head.LEFT if strokes.is_left[row] else Head.RIGHT
        times = int(strokes.start_us[row]), int(strokes.end_us[row])
        journal.append_event(stroke_event(Stroke(head, 0, 1, *times, float(strokes.length_mm[row]), 1.0, peak_kpa, 1)))
    journal.close(CHECKPOINT)
    return journal.folder


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
    step = steps_of(manifest)[2]
    assert (step.title, step.direction, step.planned_s) == ("Forehead left", Direction.OUTWARD, 15.0)
    assert (step.band_low_kpa, step.band_high_kpa, step.spans_us) == (2.0, 5.0, ())


@pytest.mark.parametrize("routine", [{}, {"steps": "none"}, {"steps": [3]}, {"steps": [{"title": ""}]}])
def test_a_step_without_a_title_is_called_by_its_zone(routine: dict[str, object]) -> None:
    manifest = manifest_of(massage()).model_copy(update={"routine": routine})
    assert steps_of(manifest)[0].title == "cheek-left"


@pytest.mark.parametrize("program", ["zz", "00", "ff" * 22])
def test_a_program_that_does_not_decode_is_damage_and_not_a_crash(program: str) -> None:
    with pytest.raises(LogDamagedError, match="program in its manifest does not decode"):
        steps_of(manifest_of(massage()).model_copy(update={"program_hex": program}))


def test_columns_keep_their_values(tmp_path: Path) -> None:
    recording = massage()
    again = recording_of(SessionLog.open(journal_of(recording, tmp_path)))
    np.testing.assert_array_equal(again.samples.pressure_l_kpa, recording.samples.pressure_l_kpa)
    np.testing.assert_array_equal(again.samples.step, recording.samples.step)
    assert sorted(again.strokes.length_mm) == sorted(recording.strokes.length_mm)

"""Files of other programs are read as a track of vibration, with what could not be kept."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest

from glowtool.errors import InputError
from glowtool.routine.imports.formats import ImportFormat, format_of, read_track
from glowtool.routine.imports.track import HIGHEST_HZ, LOWEST_HZ, Point, Track, between, motor_hz

SAMPLES = Path(__file__).with_name("samples")


def read(name: str) -> Track:
    text = (SAMPLES / name).read_text("utf-8")
    return read_track(text, format_of(name, text))


def level(track: Track, at_s: float) -> Point:
    """Return the vibration of a track at a moment."""
    for before, after in zip(track.points, track.points[1:], strict=False):
        if before.at_s <= at_s <= after.at_s:
            return between(before, after, at_s)
    raise AssertionError(f"{at_s} s is outside of the track")


@pytest.mark.parametrize("name", sorted(path.name for path in SAMPLES.iterdir()))
def test_points_go_forward_in_time_within_the_range(name: str) -> None:
    points = read(name).points
    assert all(before.at_s < after.at_s for before, after in itertools.pairwise(points))
    assert all(0 <= point.amplitude <= 1 and LOWEST_HZ <= point.frequency_hz <= HIGHEST_HZ for point in points)


@pytest.mark.parametrize("name", sorted(path.name for path in SAMPLES.iterdir()))
def test_a_format_is_known_by_the_content_too(name: str) -> None:
    text = (SAMPLES / name).read_text("utf-8")
    assert format_of("download", text) is format_of(name, "")


def test_strokes_become_their_speed() -> None:
    track = read("strokes.funscript")
    # Strokes of 90 positions, one every 410 ms: 220 positions a second, of 400.
    assert level(track, 45).amplitude == pytest.approx(85 / 0.41 / 400, rel=0.1)
    assert track.title == "Evening ride"
    assert "the amplitude follows their speed" in track.lost[0]
    assert "1 chapter is left out" in track.lost


def test_a_vibration_axis_is_the_amplitude_itself() -> None:
    track = read("vibration-axis.funscript")
    assert level(track, 5).amplitude == pytest.approx(0.64)
    assert track.lost == ("2 other axes are left out",)


def test_slow_positions_are_amplitudes_and_may_be_inverted() -> None:
    script = {"inverted": True, "actions": [{"at": 20_000, "pos": 0}, {"at": 0, "pos": 100}]}
    track = read_track(json.dumps(script), ImportFormat.FUNSCRIPT)
    assert track.points == (Point(0.0, 0.0), Point(20.0, 1.0))


def test_a_workout_is_its_power() -> None:
    track = read("over-unders.zwo")
    assert level(track, 90).amplitude == pytest.approx((0.25 + 0.70) / 2)
    assert level(track, 260).amplitude == 1.0
    assert level(track, 320).amplitude == pytest.approx(0.85)
    assert level(track, 555).amplitude == 0.0
    assert track.duration_s == pytest.approx(920, abs=0.1)
    assert [(note.at_s, note.text) for note in track.notes] == [
        (0, "Easy does it"),
        (120, "A minute to go"),
        (242, "Over"),
    ]
    assert track.lost == (
        "1 power is over threshold, and held at full",
        "1 free ride has no power: the motor rests",
        "1 cadence is left out",
    )


def test_sentences_are_found_however_their_element_is_written() -> None:
    block = "<SteadyState Duration='20' Power='0.5'><textEvent timeoffset='4' message=' Two  words '/></SteadyState>"
    workout = f"<workout_file><workout>{block}<TextEvent timeoffset='9' message='Outside'/></workout></workout_file>"
    notes = read_track(workout, ImportFormat.ZWO).notes
    assert [(note.at_s, note.text) for note in notes] == [(4, "Two words"), (9, "Outside")]


def test_events_add_up_under_their_curve() -> None:
    track = read("ripple.ahap")
    assert level(track, 3.015).amplitude == pytest.approx(0.6 * 0.55)
    both = level(track, 10.015)
    assert both.amplitude == pytest.approx((0.6 + 0.5) * (1 - 0.8 * 4 / 12), abs=0.01)
    assert both.frequency_hz == pytest.approx(motor_hz((0.6 * 0.2 + 0.5 * 0.8) / 1.1 + 0.1 * 10 / 12), abs=1)
    assert len(track.lost) == 3


def test_envelopes_of_amplitude_and_frequency_run_side_by_side() -> None:
    track = read("tide.haptic")
    assert level(track, 7.5).amplitude == pytest.approx(0.898, abs=0.01)
    assert level(track, 0.0).frequency_hz == pytest.approx(motor_hz(0.7))
    assert track.title == "Tide"
    assert track.lost == ("2 emphases are left out: a motor that starts softly cannot tap",)


def event(kind: str, **more: object) -> str:
    return json.dumps({"Pattern": [{"Event": {"Time": 0, "EventType": kind, **more}}]})


@pytest.mark.parametrize(
    ("text", "form", "words"),
    [
        ("{", "funscript", "1: this is not JSON"),
        ("[]", "funscript", "a list of 0 is not an object"),
        ("[" * 100_000, "funscript", "nested too deeply"),
        ('{"actions": 1}', "funscript", "actions: 1 is not a list"),
        ("{}", "funscript", "actions: is missing"),
        (
            '{"actions": [{"at": -1, "pos": 1}]}',
            "funscript",
            "actions[0].at: -1 is out of range; allowed: 0 to 8.64e+07",
        ),
        ('{"actions": [{"at": 1, "pos": NaN}]}', "funscript", "NaN is not a number of JSON"),
        ('{"actions": [{"at": 1, "pos": 1e999}]}', "funscript", "actions[0].pos: Infinity is out of range"),
        ('{"actions": [{"at": 1, "pos": "x"}]}', "funscript", 'actions[0].pos: "x" is not a number'),
        ('{"actions": [{"at": 1, "pos": true}]}', "funscript", "actions[0].pos: true is not a number"),
        (f'{{"actions": [{{"at": 1, "pos": {"9" * 5000}}}]}}', "funscript", "too many digits"),
        (f'{{"actions": [{"0," * 100_000}0]}}', "funscript", "has 100001 items; allowed: at most 100000"),
        ('{"actions": []}', "funscript", "it has no vibration that lasts"),
        ('{"actions": [{"at": 5, "pos": 50}]}', "funscript", "it has no vibration that lasts"),
        ("<workout_file>", "zwo", "this is not XML"),
        ("<gpx/>", "zwo", "gpx: is not a workout"),
        ("<workout_file/>", "zwo", "workout: is missing"),
        ('<!DOCTYPE a [<!ENTITY b "c">]><workout_file/>', "zwo", "declares entities or a document type"),
        ('<!DOCTYPE a SYSTEM "file:///etc/passwd"><workout_file/>', "zwo", "declares entities or a document type"),
        (
            "<workout_file><durationType>distance</durationType><workout/></workout_file>",
            "zwo",
            "durationType: distance is not supported",
        ),
        (
            '<workout_file><workout><SteadyState Duration="x" Power="1"/></workout></workout_file>',
            "zwo",
            "workout[0] SteadyState Duration: 'x' is not allowed; allowed: 0 to 86400",
        ),
        (
            '<workout_file><workout><SteadyState Duration="5"/></workout></workout_file>',
            "zwo",
            "workout[0] SteadyState Power: is missing",
        ),
        (
            (
                '<workout_file><workout><IntervalsT Repeat="900" OnDuration="80000" OffDuration="1" OnPower="1" '
                'OffPower="0"/></workout></workout_file>'
            ),
            "zwo",
            "lasts longer than a day",
        ),
        ('{"Pattern": {}}', "ahap", "Pattern: an object is not a list"),
        (event("HapticTransient"), "ahap", "1 tap is left out"),
        (
            event("HapticContinuous", EventDuration="long"),
            "ahap",
            'Pattern[0].Event.EventDuration: "long" is not a number',
        ),
        ('{"Pattern": [{"Event": {}}]}', "ahap", "Pattern[0].Event.EventType: is missing"),
        ('{"version": {"major": 2}}', "haptic", "version.major: 2 is another version; allowed: 1"),
        ('{"signals": {"continuous": {}}}', "haptic", "signals.continuous.envelopes: is missing"),
    ],
)
def test_a_bad_file_is_refused_with_place_value_and_what_is_allowed(text: str, form: str, words: str) -> None:
    with pytest.raises(InputError) as refused:
        read_track(text, ImportFormat(form))
    assert words in str(refused.value)


def test_a_file_that_would_keep_a_person_waiting_is_refused_at_once() -> None:
    with pytest.raises(InputError, match="longer than the 512 KiB that are allowed for a Zwift workout"):
        read_track("<workout_file>" + "<a>" * 400_000, ImportFormat.ZWO)


def test_a_file_of_another_kind_is_told_what_can_be_read() -> None:
    with pytest.raises(InputError, match=r"\.funscript \(a funscript\)"):
        format_of("holiday.gpx", "<gpx/>")

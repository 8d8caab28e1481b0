"""A routine goes to other programs: all of it as JSON, its vibration as AHAP that reads back."""

from __future__ import annotations

import json

import pytest

from glowtool.routine import Routine, compile_routine
from glowtool.routine.exports.formats import ExportFormat, export_routine
from glowtool.routine.imports.formats import ImportFormat, read_track
from glowtool.routine.preview.course import course_of
from glowtool.store.routines.load import builtin_names, load_routine


@pytest.mark.parametrize("name", builtin_names())
def test_json_holds_the_whole_routine(name: str) -> None:
    routine = load_routine(name)
    program = compile_routine(routine)
    exported = export_routine(routine, program, ExportFormat.JSON)
    content = json.loads(exported.text)
    assert (content["format"], content["version"]) == ("glowtool-routine", 1)
    assert Routine.model_validate_json(json.dumps(content["routine"])) == routine
    assert [step["points"][0]["peak_ua"] for step in content["program"]] == [step.peak_ua for step in program]
    assert exported.lost == ()


def test_ahap_reads_back_as_what_comes_out_of_the_roller() -> None:
    routine = load_routine("first-glow")
    program = compile_routine(routine)
    exported = export_routine(routine, program, ExportFormat.AHAP)
    track = read_track(exported.text, ImportFormat.AHAP)
    assert track.duration_s == pytest.approx(program.duration_s, abs=0.1)
    for moment in course_of(program)[20:-20:20]:
        before = max((each for each in track.points if each.at_s <= moment.at_s), key=lambda each: each.at_s)
        after = min((each for each in track.points if each.at_s >= moment.at_s), key=lambda each: each.at_s)
        share = (moment.at_s - before.at_s) / (after.at_s - before.at_s or 1)
        amplitude = before.amplitude + (after.amplitude - before.amplitude) * share
        assert amplitude == pytest.approx(moment.amplitude, abs=0.03)
        assert before.frequency_hz == pytest.approx(75, abs=3)
    assert exported.lost == (
        "the microcurrent is left out",
        "zones, pressure and cues are left out",
        "patterns are left out: the intensity is that of their highest point",
    )


def test_ahap_keeps_to_what_core_haptics_plays() -> None:
    program = compile_routine(load_routine("evening-calm"))
    pattern = json.loads(export_routine(load_routine("evening-calm"), program, ExportFormat.AHAP).text)["Pattern"]
    events = [entry["Event"] for entry in pattern if "Event" in entry]
    curves = [entry["ParameterCurve"]["ParameterCurveControlPoints"] for entry in pattern if "ParameterCurve" in entry]
    assert sum(event["EventDuration"] for event in events) == pytest.approx(300, abs=0.1)
    assert all(event["EventDuration"] <= 30 for event in events)
    assert all(2 <= len(points) <= 16 for points in curves)

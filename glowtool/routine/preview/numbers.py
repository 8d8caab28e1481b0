"""The timeline in numbers, for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowtool.routine.preview.course import corners

if TYPE_CHECKING:
    from glowtool.routine.preview.timeline import Span, Timeline


def as_object(timeline: Timeline) -> dict[str, object]:
    """Return a timeline as an object of JSON: its steps, and the corners of the outputs' course."""
    return {
        "name": timeline.name,
        "title": timeline.title,
        "duration_s": timeline.duration_s,
        "steps": [_step(span) for span in timeline.spans],
        "course": [
            {
                "at_s": round(each.at_s, 3),
                "amplitude": round(each.amplitude, 4),
                "vibration_hz": round(each.vibration_hz, 1),
                "peak_ua": round(each.peak_ua, 1),
            }
            for each in corners(timeline.course)
        ],
    }


def _step(span: Span) -> dict[str, object]:
    return {
        "number": span.number,
        "begin_s": span.begin_s,
        "end_s": span.end_s,
        "title": span.title,
        "place": span.place,
        "outputs": span.outputs,
        "band_kpa": None if span.band_kpa is None else list(span.band_kpa),
        "cue": span.cue,
        "cues": [{"at_s": said.at_s, "text": said.text} for said in span.said],
    }

"""The writing of a written routine as one line of text, from which the same routine is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowtool.kit.text.spelled import quoted
from glowtool.model.names import name_of
from glowtool.routine.outputs import Microcurrent, Vibration
from glowtool.routine.text.grammar import DEFAULTS, DIRECTIONS, SIDES
from glowtool.routine.written.models import Include, Mirror, Repeat, Rest, WrittenStep

if TYPE_CHECKING:
    from collections.abc import Iterator

    from glowtool.routine.head import Evidence
    from glowtool.routine.outputs import Keyframe
    from glowtool.routine.written.models import Item, WrittenRoutine

_SIDES: Final = {side: word for word, side in SIDES.items()}
_DIRECTIONS: Final = {direction: word for word, direction in DIRECTIONS.items()}


def write_text(routine: WrittenRoutine) -> str:
    """Return a routine as one line; what it leaves at its default is left out."""
    return "; ".join((*head_parts(routine), *map(item_text, routine.steps)))


def head_parts(routine: WrittenRoutine) -> Iterator[str]:
    """Yield the parts that say something about the routine itself."""
    said = {
        "name": routine.name,
        "title": quoted(routine.title),
        "goal": name_of(routine.goal),
        "about": quoted(routine.description),
    }
    defaults = {
        **DEFAULTS,
        "title": quoted(DEFAULTS["title"]),
        "about": quoted(DEFAULTS["description"]),
    }
    yield from (f"{word} {value}" for word, value in said.items() if value != defaults[word])
    yield from (f"source {quoted(source)}" for source in routine.sources)
    yield from map(_evidence, routine.evidence)


def _evidence(evidence: Evidence) -> str:
    count = "" if evidence.participants is None else f" n {evidence.participants}"
    funder = "" if evidence.funded_by is None else f" by {quoted(evidence.funded_by)}"
    return f"evidence {quoted(evidence.claim)} from {quoted(evidence.source)}{count}{funder}"


def item_text(item: Item) -> str:
    """Return one step, or what stands in place of one, as a part of a text."""
    match item:
        case WrittenStep():
            return " ".join(_step(item))
        case Rest():
            return " ".join(_rest(item))
        case Repeat():
            return f"repeat {item.repeat} ({'; '.join(map(item_text, item.steps))})"
        case Mirror():
            return "mirror"
        case Include():
            return f"include {item.include}"


def _rest(rest: Rest) -> Iterator[str]:
    yield f"rest {_number(rest.rest_s)}s"
    if rest.title != Rest.model_fields["title"].default:
        yield f"title {quoted(rest.title)}"
    if rest.cue != Rest.model_fields["cue"].default:
        yield f"cue {quoted(rest.cue)}"


def _step(step: WrittenStep) -> Iterator[str]:
    yield name_of(step.zone)
    if step.side is not None:
        yield _SIDES[step.side]
    yield f"{_number(step.duration_s)}s"
    yield from _options(step)
    yield from map(_keyframe, step.keyframes)
    yield from (f"at {_number(cue.at_s)}s say {quoted(cue.text)}" for cue in step.cues)


def _options(step: WrittenStep) -> Iterator[str]:
    """Yield what a step says beside its zone, its side and its duration, without what it leaves at its default."""
    said = {
        "vibration": step.vibration and f"vib {_vibration(step.vibration)}",
        "microcurrent": step.microcurrent and f"cur {_current(step.microcurrent)}",
        "band_kpa": f"band {'-'.join(map(_number, step.band_kpa))}",
        "ramp_s": f"ramp {_number(step.ramp_s)}s",
        "direction": _DIRECTIONS[step.direction],
        "technique": name_of(step.technique),
        "stroke_return": f"return {name_of(step.stroke_return)}",
        "strokes_per_min": step.strokes_per_min and f"{_number(step.strokes_per_min)}/min",
        "title": step.title and f"title {quoted(step.title)}",
        "cue": step.cue and f"cue {quoted(step.cue)}",
    }
    for name, words in said.items():
        if words and getattr(step, name) != WrittenStep.model_fields[name].default:
            yield str(words)


def _vibration(vibration: Vibration) -> str:
    fields = Vibration.model_fields
    hz = "" if vibration.frequency_hz == fields["frequency_hz"].default else f"@{_number(vibration.frequency_hz)}Hz"
    period = "" if vibration.period_s == fields["period_s"].default else f"/{_number(vibration.period_s)}s"
    plain = vibration.pattern is fields["pattern"].default and not period
    pattern = "" if plain else f"~{name_of(vibration.pattern)}{period}"
    return f"{_number(vibration.amplitude_percent)}%{hz}{pattern}"


def _current(current: Microcurrent) -> str:
    fields = Microcurrent.model_fields
    hz = "" if current.frequency_hz == fields["frequency_hz"].default else f"@{_number(current.frequency_hz)}Hz"
    shape = "" if current.waveform is fields["waveform"].default else f"~{name_of(current.waveform)}"
    return f"{_peak(current)}{hz}{shape}"


def _peak(said: Microcurrent | Keyframe) -> str:
    if said.peak_ua is not None:
        return f"{said.peak_ua}uA"
    return "" if said.peak_percent is None else f"{_number(said.peak_percent)}%"


def _keyframe(keyframe: Keyframe) -> str:
    parts = [f"at {_number(keyframe.at_s)}s"]
    if keyframe.of_vibration:
        level = "" if keyframe.amplitude_percent is None else f"{_number(keyframe.amplitude_percent)}%"
        hz = "" if keyframe.vibration_hz is None else f"@{_number(keyframe.vibration_hz)}Hz"
        parts.append(f"vib {level}{hz}")
    if keyframe.of_current:
        hz = "" if keyframe.current_hz is None else f"@{_number(keyframe.current_hz)}Hz"
        parts.append(f"cur {_peak(keyframe)}{hz}")
    return " ".join(parts)


def _number(value: float) -> str:
    """Return a number in as few digits as read back to the same one."""
    return repr(int(value)) if value == int(value) else repr(float(value))

"""A file in which anything may be wrong becomes a routine or a refusal in words, never a traceback."""

from __future__ import annotations

import copy
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glowtool.errors import InputError
from glowtool.routine.imports.as_routine import ZONES, Origin, routine_of
from glowtool.routine.imports.fit import Wish, fit
from glowtool.routine.imports.formats import ImportFormat, format_of, read_track

SAMPLES = Path(__file__).with_name("samples")
JSON_SAMPLES = sorted(path.name for path in SAMPLES.iterdir() if path.suffix != ".zwo")

odd = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.just([]),
    st.just({}),
    st.lists(st.integers(-5, 5), max_size=2),
)


def places(value: Any, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Return every place in a document, at most ten in each list."""
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value[:10]))
    else:
        return [at]
    return [at, *(place for key, item in inner for place in places(item, (*at, key)))]


@pytest.mark.parametrize("name", JSON_SAMPLES)
@given(st.data())
@settings(max_examples=40, deadline=None)
def test_a_document_with_odd_values_is_read_or_refused_in_words(name: str, data: st.DataObject) -> None:
    document = json.loads((SAMPLES / name).read_text("utf-8"))
    form = format_of(name, "")
    wrong = copy.deepcopy(document)
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.sampled_from([each for each in places(wrong) if each]))
        holder = wrong
        for key in place[:-1]:
            holder = holder[key]
        holder[place[-1]] = data.draw(odd)
    with suppress(InputError):
        track = read_track(json.dumps(wrong), form)
        routine_of(fit(track, Wish(), len(ZONES)), Origin(name, "a file", track.title), "mine")


@given(st.binary(max_size=200), st.sampled_from(ImportFormat))
@settings(max_examples=100, deadline=None)
def test_noise_is_refused_in_words(noise: bytes, form: ImportFormat) -> None:
    with pytest.raises(InputError):
        read_track(noise.decode("latin-1"), form)


@given(st.text(max_size=80), st.text(max_size=80), st.text(max_size=200))
@settings(max_examples=60, deadline=None)
def test_titles_names_and_sentences_of_others_become_lines_that_a_terminal_may_see(
    title: str, file: str, sentence: str
) -> None:
    workout = (
        "<workout_file><name/><workout><SteadyState Duration='60' Power='0.5'>"
        "<textevent timeoffset='3' message='{}'/></SteadyState></workout></workout_file>"
    )
    safe = "".join(f"&#{ord(letter)};" for letter in sentence if letter.isprintable())
    track = read_track(workout.format(safe), ImportFormat.ZWO)
    made = routine_of(fit(track, Wish(), 2), Origin(file, "a file", title), Origin(file, "a file").name)
    assert made.title.isprintable()
    assert made.description.replace("\n", "").isprintable()

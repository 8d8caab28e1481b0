"""Each routine that comes along, and each import, gives at the electrode what its preview shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from glowtool.routine import compile_routine
from glowtool.routine.imports.as_routine import ZONES, Origin, routine_of
from glowtool.routine.imports.fit import Wish, fit
from glowtool.routine.imports.formats import format_of, read_track
from glowtool.routine.written.expand import expand
from glowtool.store.routines.load import builtin_names, load_routine
from support.routines.electrode import assert_given_as_shown

SAMPLES = Path(__file__).with_name("imports") / "samples"

#: What minutes of a roller's life cost is too much for all of them in the short suite.
SHORT = ("first-glow", "first-glow-vibration")
LONG = tuple(pytest.param(name, marks=pytest.mark.long) for name in builtin_names() if name not in SHORT)


@pytest.mark.parametrize("name", [*SHORT, *LONG])
def test_a_routine_gives_at_the_electrode_what_its_preview_shows(name: str) -> None:
    assert_given_as_shown(compile_routine(load_routine(name)))


@pytest.mark.parametrize(
    "name",
    [
        "ripple.ahap",
        *(pytest.param(path.name, marks=pytest.mark.long) for path in SAMPLES.iterdir() if path.suffix != ".ahap"),
    ],
)
def test_an_import_gives_at_the_electrode_what_its_preview_shows(name: str) -> None:
    text = (SAMPLES / name).read_text("utf-8")
    track = read_track(text, format_of(name, text))
    written = routine_of(fit(track, Wish(), len(ZONES)), Origin(name, "a file"), "mine")
    assert_given_as_shown(compile_routine(expand(written).routine))

"""A ledger whose files are gone is not an empty one: the day on which there was a massage counts as spent."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from glowtool import app
from glowtool.app.people.who import today
from glowtool.errors import LogDamagedError
from glowtool.store.people.people import People
from support.people import screened

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def _remove_books(folder: Path) -> None:
    for path in folder.glob("?" * 16 + ".*"):
        path.unlink()


GONE: dict[str, Callable[[Path], object]] = {
    "the book": _remove_books,
    "all of it": lambda folder: shutil.rmtree(folder, ignore_errors=True),
}


@pytest.mark.parametrize("take_away", GONE.values(), ids=GONE)
def test_a_ledger_that_is_gone_gives_no_second_dose(tmp_path: Path, take_away: Callable[[Path], object]) -> None:
    known, place = screened(tmp_path), app.place.Place("sim", tmp_path)
    People(tmp_path).change(known, lambda profile: profile.massaged(today()))
    take_away(place.ledger_dir)
    with pytest.raises(LogDamagedError, match="is gone, though there was a massage today"):
        app.who.bounds_here(place)
    bounds = app.who.bounds_here(place)
    assert (bounds.day_current_s, bounds.day_vibration_s) == (0, 0)
    assert [each.why for each in app.proving.prove(place) if not each.whole], "and the proof goes on telling it"


def test_who_had_none_today_needs_no_ledger(tmp_path: Path) -> None:
    screened(tmp_path)
    assert app.who.bounds_here(app.place.Place("sim", tmp_path)).day_current_s > 0

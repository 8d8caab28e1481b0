"""The preview of a routine: its timeline for a person, in characters and as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowtool.app.people.admitting import outputs_of, refusal
from glowtool.app.people.who import bounds_here, meant
from glowtool.routine import compile_routine
from glowtool.routine.preview.drawing import draw
from glowtool.routine.preview.numbers import as_object
from glowtool.routine.preview.text import ASCII, BLOCKS, NARROWEST, WIDEST, Glyphs, listing, picture
from glowtool.routine.preview.timeline import timeline_of
from glowtool.store.exports.target import write_to
from glowtool.store.routines.load import load_routine
from glowtool.units import SHARE, spoken

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

    from glowtool.app.place import Place
    from glowtool.routine.preview.timeline import Timeline

__all__ = [
    "ASCII",
    "BLOCKS",
    "NARROWEST",
    "WIDEST",
    "Glyphs",
    "as_object",
    "listing",
    "mine",
    "picture",
    "timeline",
    "write_picture",
]


def timeline(place: Place, routine: str) -> Timeline:
    """Return the timeline of the routine that a name, a path or a text means; raises `RoutineError`."""
    loaded = load_routine(routine, place.routines_dir)
    return timeline_of(loaded, compile_routine(loaded))


def mine(place: Place, routine: str) -> tuple[Timeline, list[str]]:
    """Return the timeline as whoever is meant would get it today, and what is to be said of that.

    Raises `RoutineError`, `InputError`, `StoreError`.
    """
    loaded = load_routine(routine, place.routines_dir)
    bounds, who = bounds_here(place), meant(place)
    said = []
    if who.known is not None:
        vibration, current = spoken(bounds.amplitude, SHARE), spoken(bounds.peak_ua, "µA")
        said.append(f"for {who.known.name} today: at most {vibration} of full vibration, {current} of microcurrent")
    said += [error.lines[0] for output in outputs_of(loaded) if (error := refusal(who, output)) is not None]
    return timeline_of(loaded, compile_routine(loaded, bounds)), said


def picture_to_stream(drawn: Timeline, stream: BinaryIO) -> None:
    """Write the timeline as SVG to an open binary stream, such as standard output."""
    stream.write(draw(drawn).encode())
    stream.flush()


def write_picture(drawn: Timeline, target: Path, *, force: bool) -> None:
    """Write the timeline as SVG to a file that a person named; raises `InputError`, `StoreError`."""
    write_to(target, lambda stream: picture_to_stream(drawn, stream), force=force)

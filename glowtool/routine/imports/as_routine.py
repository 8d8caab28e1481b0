"""An imported track as a written routine: a step for each piece, with keyframes and cues."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.kit.text.visible import visible
from glowtool.model.face import Zone
from glowtool.model.names import name_of
from glowtool.routine.fields import NAME_LENGTH, PERCENT
from glowtool.routine.head import Goal
from glowtool.routine.written.models import WrittenRoutine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from glowtool.routine.imports.fit import Fitted, Piece
    from glowtool.routine.imports.track import Note

#: Where a track goes when nobody says so: both sides in turn, where every output is allowed.
ZONES: Final = (
    Zone.CHEEK_LEFT,
    Zone.CHEEK_RIGHT,
    Zone.JAW_LEFT,
    Zone.JAW_RIGHT,
    Zone.FOREHEAD_LEFT,
    Zone.FOREHEAD_RIGHT,
)

_TITLE_LENGTH: Final = 60
_CUE_LENGTH: Final = 160
_DESCRIPTION_LENGTH: Final = 2000
_LEAST: Final = 0.0005


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a track comes from: the name of the file, the words for its format, and the title in it, if any."""

    file: str
    format: str
    title: str = ""

    @property
    def name(self) -> str:
        """The name of the routine that it becomes, from the file's: `Évening ride.funscript` is `evening-ride`."""
        stem = self.file.rpartition("/")[2].partition(".")[0] or self.file
        plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode().casefold()
        words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:NAME_LENGTH].strip("-")
        return words or "imported"


def routine_of(fitted: Fitted, origin: Origin, name: str, zones: Sequence[Zone] = ZONES) -> WrittenRoutine:
    """Return the routine of a track that fits; `zones` are worked in turn, as often as there are pieces."""
    steps = [_step(piece, zones[number % len(zones)]) for number, piece in enumerate(fitted.pieces)]
    title = " ".join(visible(origin.title or name).split())[:_TITLE_LENGTH] or name
    return WrittenRoutine.model_validate(
        {
            "name": name,
            "title": title,
            "goal": name_of(Goal.OTHER),
            "description": _description(fitted, origin),
            "steps": steps,
        }
    )


def _description(fitted: Fitted, origin: Origin) -> str:
    kept = f"The vibration of {visible(origin.file.rpartition('/')[2])}, {origin.format}, made to fit a massage."
    lost = "".join(f"\n- {line}" for line in fitted.lost)
    return f"{kept}{' Not as in the file:' if lost else ''}{lost}"[:_DESCRIPTION_LENGTH]


def _step(piece: Piece, zone: Zone) -> Mapping[str, object]:
    step: dict[str, object] = {"zone": name_of(zone), "duration_s": piece.duration_s}
    first, *later = piece.points
    if any(point.amplitude >= _LEAST for point in piece.points):
        step["vibration"] = {"amplitude_percent": _percent(first.amplitude), "frequency_hz": first.frequency_hz}
        moments = [point for point in later if 0 < point.at_s <= piece.duration_s]
        step["keyframes"] = [
            {
                "at_s": point.at_s,
                "amplitude_percent": _percent(point.amplitude),
                "vibration_hz": point.frequency_hz,
            }
            for point in moments
        ]
    step["cues"] = [
        {"at_s": round(note.at_s, 1), "text": " ".join(visible(note.text).split())[:_CUE_LENGTH]}
        for note in _apart(piece)
    ]
    return step


def _apart(piece: Piece) -> Sequence[Note]:
    """Return the sentences of a piece that have moments of their own in it."""
    by_moment = {round(note.at_s, 1): note for note in piece.notes if round(note.at_s, 1) < piece.duration_s}
    return [by_moment[moment] for moment in sorted(by_moment)]


def _percent(amplitude: float) -> float:
    return round(amplitude * PERCENT, 1)

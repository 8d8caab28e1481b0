"""The pressure cells that went bad while a massage was recorded, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowtool.stream.layout import layout_of
from glowtool.stream.quality.kinds import MEANINGS
from glowtool.units import seconds_from_us

if TYPE_CHECKING:
    from glowtool.store.tables.entries import CellEntry
    from glowtool.store.tables.manifest import Manifest


def cells_told(manifest: Manifest) -> dict[str, str]:
    """Return a sentence for each cell of the manifest that went bad, by its channel."""
    places = {cell.channel: cell.words for cell in layout_of(manifest.known_channels()).cells}
    began_us = manifest.steps[0].start_us if manifest.steps else None
    return {cell.cell: _sentence(cell, places.get(cell.cell, cell.cell), began_us) for cell in manifest.cells}


def _sentence(cell: CellEntry, place: str, began_us: int | None) -> str:
    known = {kind.value: words for kind, words in MEANINGS.items()}
    words = known.get(cell.kind, f"went bad ({cell.kind})")
    when = "" if began_us is None else _when(seconds_from_us(cell.since_us - began_us))
    return f"The {place} pressure cell {words}{when}."


def _when(since_s: float) -> str:
    return f", from {since_s:.1f} s on" if since_s > 0 else ", from the beginning"

"""The massages by the button that this computer keeps, with the drivers that read their records again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowtool.drivers.gr1 import archive as gr1
from glowtool.store.rollers.massages import Massages

if TYPE_CHECKING:
    from glowtool.app.place import Place
    from glowtool.store.rollers.massages import Readers

READERS: Final[Readers] = {gr1.KIND: gr1.recorded_in}


def kept_massages(place: Place) -> Massages:
    """Return the massages by the button of a place."""
    return Massages(place.massages_dir, READERS)

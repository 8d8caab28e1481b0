"""The zero of the pressure cells: what they read in the air."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowtool.app.news import Taring, Touched, untold
from glowtool.app.rollers.opening import opened
from glowtool.session.do.zeroing import take_tare
from glowtool.stream.columns import heads_read

if TYPE_CHECKING:
    from glowtool.app.news import Tell
    from glowtool.app.place import Place
    from glowtool.session.do.zeroing import Tare
    from glowtool.store.rollers.known import KnownRoller


async def tare(place: Place, known: KnownRoller, tell: Tell = untold) -> Tare:
    """Zero the cells of a roller once its heads are free in the air; raises an error when the roller refuses."""
    async with opened(place, known, "tare", tell) as roller:
        tell(Taring(known.spoken, heads_read(roller.channels)))
        return await take_tare(roller, lambda: tell(Touched()))

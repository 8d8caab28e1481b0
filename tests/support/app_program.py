"""A program without a terminal: pairs, opens, stops and forgets a roller. Run it with a folder as argument."""

from __future__ import annotations

import asyncio
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from glowtool.app.asks import Nobody
from glowtool.app.news import Displayed, Zeroed
from glowtool.app.place import Place
from glowtool.app.rollers.finding import known_roller, registry
from glowtool.app.rollers.opening import opened
from glowtool.app.rollers.pairing import pair
from glowtool.app.rollers.parting import Parting, forget
from glowtool.app.stopping import stop, targets

if TYPE_CHECKING:
    from glowtool.app.news import News


@dataclass(frozen=True)
class Reader(Nobody):
    """Reads the passkey from the roller's display, as a person does."""

    digits: asyncio.Queue[int] = field(default_factory=asyncio.Queue)

    async def passkey(self) -> int:
        """Return what the display shows."""
        return await self.digits.get()

    def tell(self, news: News) -> None:
        """Look at the display."""
        if isinstance(news, Displayed) and (shown := re.search(r"\d{3} ?\d{3}", news.line)):
            self.digits.put_nowait(int(shown[0].replace(" ", "")))


async def main(folder: Path) -> None:
    """Do all of it, and check each step."""
    place, reader = Place("sim", folder), Reader()
    paired = await pair(place, reader, tell=reader.tell)
    known = known_roller(place)
    assert known.serial == paired.identity.serial
    async with opened(place, known, "a program") as roller:
        assert roller.status.levels.zero
        (wanted,) = targets(place)
        assert wanted.address == known.address
    (zeroed,) = await stop(place, targets(place))
    assert isinstance(zeroed, Zeroed)
    assert zeroed.holder is None
    assert (await forget(place, known)).parting == Parting(here=True, roller=True)
    assert registry(place).rollers() == ()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
    sys.stdout.write(
        " ".join(sorted(name for name in sys.modules if name.partition(".")[0] in {"glowtool", "click", "rich"}))
    )

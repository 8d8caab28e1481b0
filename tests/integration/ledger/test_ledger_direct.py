"""What a program starts itself, over `open_roller`, counts as well; the audit has what the gate judged."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from glowtool import app, open_roller, pair
from glowtool.app.asks import Nobody
from glowtool.app.ledger.clock import reading_now
from glowtool.app.news import Displayed
from glowtool.app.place import Place
from glowtool.errors import SafetyError
from glowtool.model.program import Program
from glowtool.store.ledger.book import Book
from glowtool.store.ledger.lines import DoseEntry, Recorded
from support.device.steps import BOTH_OUTPUTS
from support.host.virtual_time import in_virtual_time
from support.people import screened

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.app.news import News

PROGRAM = Program((replace(BOTH_OUTPUTS, duration_s=4.0, peak_ua=80, amplitude=0.3),))


@dataclass(frozen=True)
class Reader(Nobody):
    """Reads the passkey from the lines of the roller's display, which are among the news."""

    heard: list[News]

    async def passkey(self) -> int:
        shown = [re.sub(r"\D", "", news.line) for news in self.heard if isinstance(news, Displayed)]
        return int(next(digits for digits in reversed(shown) if len(digits) == 6))


@in_virtual_time
async def test_what_a_program_starts_itself_counts_and_stays_within_the_day(tmp_path: Path) -> None:
    place, heard = Place("sim", tmp_path / "data"), list["News"]()
    await pair(place, Reader(heard), tell=heard.append)
    person = screened(place.root)
    async with open_roller(place) as roller:
        await roller.upload(PROGRAM)
        await roller.start()
        assert app.doses.dose_today(place, person.id).current_s == 4.0, "reserved before it began"
        keeping = asyncio.create_task(roller.keep_alive())
        await asyncio.sleep(2.0)
        keeping.cancel()
        await roller.stop()
        await asyncio.sleep(0.3)
    had = app.doses.dose_today(place, person.id)
    assert 1.0 < had.current_s < 3.0
    kinds = [(line.kind, line.data.get("order")) for line in app.proving.audit_lines(place, 9)]
    assert kinds == [("ordered", "start")]

    more = Recorded(massage="x", roller="another", dose=DoseEntry(current_s=1195.0), started_us=None, ended_us=None)
    async with open_roller(place) as roller:
        await roller.upload(PROGRAM)
        Book(place.ledger_dir, person.id).record(more, reading_now())
        with pytest.raises(SafetyError, match="microcurrent today already"):
            await roller.start()

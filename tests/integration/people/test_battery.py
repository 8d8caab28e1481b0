"""A battery that does not suffice is said once the roller has told it, before any program is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from glowsim.evidence.record import read_delivered
from glowtool import app
from glowtool.app.news import Warned
from glowtool.app.place import Place
from glowtool.app.running import Wish
from glowtool.errors import SafetyError
from glowtool.store.routines.load import load_routine
from support.app_program import Reader
from support.host.virtual_time import in_virtual_time
from support.people import screened

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.app.news import News


async def massage(folder: Path, percent: float, routine: str) -> tuple[Place, list[News]]:
    """Pair with a roller whose battery holds so much, and run a routine on it; what was told comes back."""
    scenario, reader, heard = folder / "battery.toml", Reader(), list["News"]()
    scenario.write_text(f"[battery]\npercent = {percent}\n", encoding="utf-8")
    place = Place(f"sim:{scenario}", folder / "data")
    paired = await app.pairing.pair(place, reader, tell=reader.tell)
    screened(place.root)
    await app.running.run(place, paired.known, Wish(load_routine(routine)), heard.append)
    return place, heard


@pytest.mark.parametrize(("percent", "routine"), [(4.6, "first-glow-vibration"), (8.9, "first-glow")])
def test_an_empty_battery_refuses_the_program_before_it_is_sent(tmp_path: Path, percent: float, routine: str) -> None:
    with pytest.raises(SafetyError) as refused:
        in_virtual_time(massage)(tmp_path, percent, routine)
    assert f"charge of the battery is {int(percent)} %; it must be at least" in str(refused.value)
    assert "put the roller on its charger first" in str(refused.value)
    place = Place("sim", tmp_path / "data")
    assert not app.listing.sessions(place)
    assert not (read_delivered(place.state_dir)["amplitude"] > 0).any()


def test_a_battery_that_may_be_empty_before_the_end_is_warned_of(tmp_path: Path) -> None:
    _, heard = in_virtual_time(massage)(tmp_path, 5.2, "first-glow-vibration")
    (warned,) = [news for news in heard if isinstance(news, Warned)]
    assert warned.words.startswith("charge of the battery is 5 %")
    assert "charge the roller first, or run less" in warned.words

"""An own maximum is set by trying: the output rises softly on the skin, and a stop is a stop."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from glowsim.evidence.record import read_delivered
from glowtool import app
from glowtool.app.people.maximum import HOLD_S, Tried
from glowtool.app.running import Wish
from glowtool.drivers.gr1.roller import Roller
from glowtool.errors import GlowtoolError, LinkError, ScreeningError
from glowtool.model.output import Output
from glowtool.safety.screening import Reply
from glowtool.store.people.people import People
from glowtool.store.routines.load import load_routine
from support.host.virtual_time import in_virtual_time
from support.people import screened
from support.stack.full_stack import known_roller

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.app.news import News

SEED = 11


async def paired(data: Path) -> app.place.Place:
    async with known_roller(data, SEED):
        pass
    return app.place.Place("sim", data)


async def tried(place: app.place.Place, output: Output, stop_after: int | None) -> tuple[Tried, list[News]]:
    """Try an output, and say stop two seconds after that many levels were felt."""
    said_stop, heard = asyncio.Event(), list["News"]()

    def tell(news: News) -> None:
        heard.append(news)
        felt = sum(isinstance(each, app.news.LevelHeld) for each in heard)
        if isinstance(news, app.news.LevelHeld) and felt == stop_after:
            asyncio.get_running_loop().call_later(2.0, said_stop.set)

    who = app.who.meant(place)
    roller = app.finding.known_roller(place)
    return await app.maximum.try_out(place, who, roller, output, said_stop=said_stop, tell=tell), heard


@pytest.mark.parametrize(("output", "most"), [(Output.MICROCURRENT, 400.0), (Output.VIBRATION, 1.0)])
@in_virtual_time
async def test_a_stop_keeps_the_level_that_was_felt_and_routines_stay_below_it(
    tmp_path: Path, output: Output, most: float
) -> None:
    place = await paired(tmp_path / "data")
    known = screened(place.root)
    done, _ = await tried(place, output, 2)
    assert done.felt == pytest.approx(0.2 * most)
    assert done.stopped
    field = "peak_ua" if output is Output.MICROCURRENT else "amplitude"
    other = "amplitude" if output is Output.MICROCURRENT else "peak_ua"
    record = read_delivered(place.root / "sim")
    levels, time_s = record[field], record["time_us"] / 1e6
    assert float(record[other].max()) == 0, "one output only"
    assert 0.2 * most < float(levels.max()) <= 0.3 * most + 1e-3, "the third level had begun, and nothing above it"
    assert float(levels[-1]) == 0
    rises = [(b - a) / most for (a, b) in pairwise(levels.tolist()) if b > a]
    assert max(rises) <= 10 / 400, "no jolt: the smallest step of the source at most"
    assert time_s[-1] - time_s[0] > 2 * HOLD_S
    dose = app.doses.dose_today(place, known.id)
    counted_s = dose.current_s if output is Output.MICROCURRENT else dose.vibration_s
    delivered_s = float((levels > 0).sum()) * 0.005
    assert delivered_s - 0.1 <= counted_s <= delivered_s + 4, "a trial counts for the day, and never for less"

    profile = app.maximum.keep(place, known, done)
    assert getattr(profile, field) == pytest.approx(0.2 * most)
    before = len(record)
    (first, *_) = load_routine("first-glow").steps
    routine = load_routine("first-glow").model_copy(update={"steps": (first.model_copy(update={"duration_s": 9.0}),)})
    await app.running.run(place, app.finding.known_roller(place), Wish(routine))
    assert 0 < float(read_delivered(place.root / "sim")[before:][field].max()) <= 0.2 * most + 1e-3


@in_virtual_time
async def test_without_a_stop_it_ends_at_what_is_allowed_today_and_sets_no_maximum(tmp_path: Path) -> None:
    place = await paired(tmp_path / "data")
    known = screened(place.root, new=True)
    done, heard = await tried(place, Output.MICROCURRENT, None)
    assert done == Tried(Output.MICROCURRENT, 160, stopped=False), "a new person's first day"
    assert float(read_delivered(place.root / "sim")["peak_ua"].max()) <= 160
    assert app.maximum.keep(place, known, done).peak_ua is None
    assert [news.percent for news in heard if isinstance(news, app.news.LevelHeld)] == list(range(10, 101, 10))


@in_virtual_time
async def test_nothing_is_tried_on_who_may_not_have_it(tmp_path: Path) -> None:
    place = await paired(tmp_path / "data")
    screened(place.root, implant=Reply.YES)
    with pytest.raises(ScreeningError, match="pacemaker"):
        await tried(place, Output.MICROCURRENT, 1)
    assert not (place.root / "sim" / "delivered.bin").exists() or not len(read_delivered(place.root / "sim"))
    assert People(place.root).profile(People(place.root).all()[0]).peak_ua is None


@pytest.mark.parametrize(
    ("lasts_s", "said"), [(0.5, "the heartbeat got no answer"), (60.0, "ended the trial by itself .*watchdog")]
)
@in_virtual_time
async def test_a_heartbeat_that_fails_ends_the_trial_and_is_no_stop_by_the_person(
    tmp_path: Path, lasts_s: float, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = await paired(tmp_path / "data")
    screened(place.root)

    async def fails(_roller: Roller) -> None:
        await asyncio.sleep(lasts_s)
        raise LinkError("the heartbeat got no answer")

    monkeypatch.setattr(Roller, "keep_alive", fails)
    began_s = asyncio.get_running_loop().time()
    with pytest.raises(GlowtoolError, match=said):
        await tried(place, Output.VIBRATION, None)
    assert asyncio.get_running_loop().time() - began_s < 2 * HOLD_S
    assert float(read_delivered(place.root / "sim")["amplitude"][-1]) == 0

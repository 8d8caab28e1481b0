"""A person is told at once of interlocks that matter for safety, and of the others within bounds."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from io import StringIO
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from glowtool.app.watching.hints import (
    ADVICE_AGAIN_S,
    DRY_SKIN,
    HIDES,
    HINTS,
    LASTING_S,
    Advice,
    Teller,
    words_of,
    worth_telling,
)
from glowtool.app.watching.state import LiveState
from glowtool.cli.live.json_lines import JsonLines
from glowtool.cli.live.lines import Lines
from glowtool.cli.live.screen import screen
from glowtool.cli.options import Options
from glowtool.cli.terminal.output import Printer
from glowtool.model.event import Event, EventKind
from glowtool.model.state import Interlock, State
from glowtool.session.news import InForce, Lost
from glowtool.store.routines.load import load_routine
from glowtool.stream.heads import Head
from glowtool.stream.live.meter import Band, HeadMeter, MeterReading
from support.host.statuses import IDLE

if TYPE_CHECKING:
    from collections.abc import Callable

NOTHING = Interlock(0)
LIFT, DENSITY, CAUTION = Interlock.NO_CONTACT, Interlock.CURRENT_DENSITY, Interlock.PRESSURE_CAUTION
AT_ONCE = [flag for flag in Interlock if flag not in HINTS and flag is not Interlock.SOFT_START]

moments = st.lists(st.tuples(st.floats(0.001, 20.0), st.integers(0, 2**14 - 1).map(Interlock)), min_size=1, max_size=80)


HEAD = HeadMeter(3.0, contact=True, band=Band.IN, direction=0)
DRY = MeterReading(0, 0, {Head.LEFT: HEAD, Head.RIGHT: HEAD}, 3, 30.0, skin_dry=True)


@dataclass
class Clock:
    now_s: float = 0.0

    def __call__(self) -> float:
        return self.now_s


def interlock(flags: Interlock) -> Event:
    return Event(0, EventKind.INTERLOCK, {"in_force": [flag.name.lower() for flag in flags if flag.name]})


def begins(sentence: str, flag: Interlock) -> bool:
    return sentence.startswith(words_of(flag))


def test_a_state_that_comes_and_goes_is_told_once_and_then_with_a_count() -> None:
    teller = Teller()
    told = []
    for stroke in range(40):
        told += [(stroke, sentence) for sentence in teller.see(stroke, LIFT)]
        told += [(stroke, sentence) for sentence in teller.see(stroke + 0.4, NOTHING)]
    words = words_of(LIFT)
    assert told == [(0, words), (30, f"{words} (30 times in 30 s)")]


def test_what_lasts_is_told_though_it_was_told_a_short_while_ago_and_then_only_once() -> None:
    teller = Teller()
    assert teller.see(0.0, LIFT)
    assert not teller.see(1.0, NOTHING)
    assert not teller.see(2.0, LIFT)
    assert not teller.wait(2.0 + LASTING_S - 0.1)
    assert teller.wait(2.0 + LASTING_S) == (words_of(LIFT),)
    assert not teller.wait(600.0)


def test_a_lift_is_told_without_the_small_contact_before_and_after_it() -> None:
    teller = Teller()
    told: list[str] = []
    for at_s, flags in ((0.0, DENSITY), (0.02, LIFT | DENSITY), (0.9, DENSITY), (0.95, NOTHING), (1.0, NOTHING)):
        told += teller.see(at_s, flags)
    assert told == [words_of(LIFT)]


def test_a_small_contact_that_stays_is_told() -> None:
    teller = Teller()
    assert not teller.see(0.0, DENSITY)
    assert not teller.wait(0.4)
    assert teller.wait(0.5) == (words_of(DENSITY),)


def test_a_weaker_reason_that_was_told_before_the_stronger_one_is_not_told_again_after_it() -> None:
    teller = Teller()
    assert teller.see(0.0, CAUTION) == (words_of(CAUTION),)
    assert teller.see(1.0, CAUTION | Interlock.PRESSURE_HALF) == (words_of(Interlock.PRESSURE_HALF),)
    assert not teller.see(2.0, CAUTION)
    assert not teller.wait(100.0)


@pytest.mark.parametrize("flag", AT_ONCE, ids=lambda flag: flag.name)
@given(before=moments, beside=st.integers(0, 2**14 - 1).map(Interlock))
def test_what_matters_for_safety_is_told_whenever_it_begins_and_at_once(
    flag: Interlock, before: list[tuple[float, Interlock]], beside: Interlock
) -> None:
    teller, now_s = Teller(), 0.0
    for after_s, flags in before:
        now_s += after_s
        teller.see(now_s, flags & ~flag)
    assert words_of(flag) in teller.see(now_s, beside | flag)
    teller.see(now_s, beside & ~flag)
    assert words_of(flag) in teller.see(now_s + 0.001, beside | flag)


@given(moments)
def test_hints_are_told_in_bounds_and_only_what_is_in_force_is_told(before: list[tuple[float, Interlock]]) -> None:
    teller, now_s = Teller(), 0.0
    told: dict[Interlock, list[float]] = {flag: [] for flag in HINTS}
    for after_s, flags in before:
        now_s += after_s
        sentences = teller.wait(now_s) if flags & Interlock.SOFT_START else teller.see(now_s, flags)
        for flag in HINTS:
            if any(begins(sentence, flag) for sentence in sentences):
                told[flag].append(now_s)
        if not flags & Interlock.SOFT_START:
            worth = worth_telling(flags)
            assert all(any(begins(sentence, flag) for flag in worth) for sentence in sentences)
    for flag, times_s in told.items():
        nearest_s = min(HINTS[flag].again_s, LASTING_S)
        assert all(later_s - earlier_s >= nearest_s for earlier_s, later_s in pairwise(times_s))


def test_advice_is_told_at_once_and_again_after_minutes_as_long_as_it_is_wanted() -> None:
    advice = Advice(DRY_SKIN)
    assert not advice.see(0.0, wanted=False)
    told = [at_s for at_s in range(1, 1000) if advice.see(at_s, wanted=at_s < 600)]
    assert told == [1, 1 + ADVICE_AGAIN_S, 1 + 2 * ADVICE_AGAIN_S, 1 + 3 * ADVICE_AGAIN_S]


def test_only_hints_are_ever_hidden() -> None:
    for weaker in HIDES.values():
        assert all(flag in HINTS for flag in weaker)


def told_by_lines(capsys: pytest.CaptureFixture[str], name: str, happens: Callable[[Lines, Clock], None]) -> list[str]:
    clock = Clock()
    happens(Lines(Printer(Options()), load_routine(name), clock), clock)
    return capsys.readouterr().err.splitlines()


def test_lines_tell_of_forty_lifts_twice_and_of_what_lasts_with_the_next_status(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def happens(view: Lines, clock: Clock) -> None:
        for _ in range(40):
            view.publish(InForce(LIFT | DENSITY))
            clock.now_s += 0.5
            view.publish(InForce(NOTHING))
            clock.now_s += 0.5
        view.publish(InForce(CAUTION))
        view.publish(InForce(NOTHING))
        view.publish(InForce(CAUTION))
        clock.now_s += LASTING_S
        view.publish(IDLE)
        view.publish(IDLE)

    first, again, caution, lasting = told_by_lines(capsys, "first-glow", happens)
    assert first == f"  {words_of(LIFT)}"
    assert again == f"  {words_of(LIFT)} (30 times in 30 s)"
    assert caution == lasting == f"  {words_of(CAUTION)}"


def test_after_a_lost_connection_what_holds_outputs_back_is_told_anew(capsys: pytest.CaptureFixture[str]) -> None:
    def happens(view: Lines, clock: Clock) -> None:
        view.publish(InForce(CAUTION))
        view.publish(Lost())
        clock.now_s += 30
        view.publish(IDLE)
        view.publish(InForce(CAUTION))

    words = f"  {words_of(CAUTION)}"
    assert [line for line in told_by_lines(capsys, "first-glow", happens) if line == words] == [words] * 2


@pytest.mark.parametrize(("name", "times"), [("first-glow", 1), ("evening-calm", 0)])
def test_gel_is_advised_where_current_flows(capsys: pytest.CaptureFixture[str], name: str, times: int) -> None:
    def happens(view: Lines, clock: Clock) -> None:
        for _ in range(100):
            view.publish(DRY)
            clock.now_s += 0.1

    assert told_by_lines(capsys, name, happens) == [f"  {DRY_SKIN}"] * times
    running = replace(IDLE, state=State.RUNNING, step=0)
    state = LiveState(load_routine(name), "x", status=running, meter=DRY)
    console = Console(file=StringIO(), width=80)
    console.print(screen(state, 0.0, 80, 24))
    assert isinstance(console.file, StringIO)
    assert (DRY_SKIN in console.file.getvalue().replace("The skin", "the skin")) == bool(times)


async def test_a_program_gets_every_change_and_the_dry_skin(capsys: pytest.CaptureFixture[str]) -> None:
    view = JsonLines(Printer(Options(json=True)))
    for _ in range(10):
        view.publish(interlock(LIFT | DENSITY))
        view.publish(interlock(NOTHING))
    view.publish(DRY)
    *events, meter = map(json.loads, capsys.readouterr().out.splitlines())
    assert [event["data"]["in_force"] for event in events] == [["no_contact", "current_density"], []] * 10
    assert meter["skin_dry"] is True

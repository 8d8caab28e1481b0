"""The live view says what to do in words, in any state, and cuts nothing off at any width."""

from __future__ import annotations

import re
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from glowtool.app.watching.alerts import ALERTS
from glowtool.app.watching.state import LiveState, Place
from glowtool.cli.live.link_news import link_sentence
from glowtool.cli.live.screen import RANKING, SMALLEST_COLUMNS, SMALLEST_ROWS, Part, screen
from glowtool.device.identity import Identity
from glowtool.model.ending import Ending
from glowtool.model.program import NO_STEP, Program
from glowtool.model.state import Interlock, State
from glowtool.session.decide.questions import Question, ZeroQuestion
from glowtool.session.news import Asked, Began, Lost, Replied, Restored, Resuming
from glowtool.store.routines.load import builtin_names, load_routine
from glowtool.stream.heads import Head
from glowtool.stream.live.meter import Band, HeadMeter, MeterReading
from glowtool.stream.live.zero import Zero
from support.host.statuses import IDLE, changed

if TYPE_CHECKING:
    from collections.abc import Iterator


STYLE = re.compile(r"\x1b\[[0-9;]*m")
ROUTINE = load_routine("first-glow")
RUNNING = changed(state=State.RUNNING, step=1, step_elapsed_ms=5000)
WORDS = {
    Band.NO_CONTACT: "no contact",
    Band.BELOW: "press more",
    Band.IN: "in the band",
    Band.ABOVE: "press less",
}


RESUMED = Resuming(1, 7.0)
NEWS = (
    Lost("it went out of reach or was switched off"),
    Restored(12.3),
    Asked(Question("", 12.3, 1, 3, 7.0, 67.0, 120.0)),
    RESUMED,
)


def head(pressure_kpa: float, band: Band) -> HeadMeter:
    return HeadMeter(pressure_kpa, band is not Band.NO_CONTACT, band, 0)


def meter(left: HeadMeter, right: HeadMeter, strokes: int = 3, rate_per_min: float = 30.0) -> MeterReading:
    return MeterReading(0, 0, {Head.LEFT: left, Head.RIGHT: right}, strokes, rate_per_min)


def drawn(state: LiveState, width: int, now_s: float = 0.0, height: int = 24) -> list[str]:
    console = Console(file=StringIO(), width=width, force_terminal=True, no_color=True, markup=False)
    with console.capture() as printed:
        console.print(screen(state, now_s, width, height))
    text = printed.get()
    return STYLE.sub("", text).splitlines()


heads = st.builds(head, st.floats(0, 60), st.sampled_from(Band))
meters = st.none() | st.builds(meter, heads, heads, st.integers(0, 9999), st.floats(0, 400))
statuses = st.none() | st.builds(
    changed,
    st.just(IDLE),
    state=st.sampled_from(State),
    step=st.sampled_from([0, 1, 2, 3, 254, NO_STEP]),
    step_elapsed_ms=st.integers(0, 10**6),
    interlocks=st.integers(0, 2**14 - 1).map(Interlock),
    peak_ua=st.integers(0, 400),
    amplitude=st.floats(0, 1),
    battery_percent=st.integers(0, 100),
)


states = st.builds(
    LiveState,
    st.sampled_from([load_routine(name) for name in builtin_names()]),
    st.just("GR-1 0042"),
    status=statuses,
    meter=meters,
    ending=st.none() | st.just("the program ran to its end"),
    link=st.none() | st.sampled_from(NEWS),
    resumed=st.none() | st.just(RESUMED),
    reached=st.none() | st.builds(Place, st.integers(0, 1), st.floats(0, 300)),
)


def words_of(lines: list[str]) -> list[str]:
    return " ".join(lines).split()


@given(
    state=states,
    now_s=st.floats(0, 10**6),
    width=st.integers(SMALLEST_COLUMNS, 200),
    height=st.integers(SMALLEST_ROWS, 60),
)
def test_any_moment_fits_any_screen_and_tells_what_is_wrong_and_how_to_stop(
    state: LiveState, now_s: float, width: int, height: int
) -> None:
    lines = drawn(state, width, now_s, height)
    assert len(lines) <= height
    assert all(cell_len(line) <= width for line in lines)
    wide = drawn(state, 1000, now_s, 60)
    assert set(words_of(lines)) - {"…"} <= set(words_of(wide)) | set(bars(lines)), "a word is broken"
    text, whole = " ".join(words_of(lines)), " ".join(wide[-1].split())
    assert whole in text, "how to stop is hidden"
    warning = " ".join(wide[-2].split())
    assert warning in text or ("…" in text and len(warning) > 4 * width)
    read = state.meter.heads.values() if state.meter and state.ending is None else ()
    heads_told = [WORDS[one.band] in text for one in read]
    assert all(heads_told) or len(lines) + len(heads_told) > height, "the heads are hidden where there is room"


def bars(lines: list[str]) -> Iterator[str]:
    """What is drawn and not said: it is as long as there is room."""
    return (word for line in lines for word in line.split() if set(word) <= set("━─·[=]█0510"))


@given(state=states, height=st.integers(1, 30))
def test_what_is_hidden_first_is_the_least_important(state: LiveState, height: int) -> None:
    assert set(RANKING) == set(Part)
    assert len(RANKING) == len(Part)
    fewer, more = (set(words_of(drawn(state, 80, 0.0, rows))) for rows in (height, height + 1))
    assert fewer - {"…"} <= more


def test_on_the_smallest_screen_a_person_sees_what_matters_in_a_massage() -> None:
    status = replace(RUNNING, interlocks=Interlock.PRESSURE_ZERO)
    state = LiveState(ROUTINE, "GR-1 0042", status=status, meter=meter(head(11, Band.ABOVE), head(3, Band.IN)))
    text = " ".join(words_of(drawn(state, SMALLEST_COLUMNS, 0.0, SMALLEST_ROWS)))
    for said in (
        "TOO HARD",
        ALERTS[Interlock.PRESSURE_ZERO].words,
        "Ctrl-C stops",
        "press less",
        "s left",
        "Step 2 of 4",
    ):
        assert said in text


@given(state=states, width=st.integers(1, 39), height=st.integers(1, 9))
def test_a_smaller_screen_is_not_left_for_another_line(state: LiveState, width: int, height: int) -> None:
    lines = drawn(state, width, 0.0, height)
    assert len(lines) <= height
    assert all(cell_len(line) <= width for line in lines)


def test_a_band_within_one_column_is_drawn() -> None:
    read = meter(head(0, Band.NO_CONTACT), head(0, Band.NO_CONTACT))
    drainage = LiveState(load_routine("light-drainage"), "GR-1 0042", status=replace(RUNNING, step=0), meter=read)
    assert any("=" in line for line in drawn(drainage, 37))


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_longest_moment_of_a_built_in_routine_shows_all_but_its_outline_on_20_rows(
    width: int,
) -> None:
    worst = Interlock.PRESSURE_HALF | Interlock.CURRENT_DENSITY
    for name in builtin_names():
        routine = load_routine(name)
        for step in range(len(routine.steps)):
            status = replace(RUNNING, step=step, interlocks=worst)
            state = LiveState(routine, "GR-1 0042", status=status, meter=meter(head(3, Band.IN), head(3, Band.IN)))
            text = "\n".join(drawn(state, width, height=20))
            assert "TOO HARD" in text
            assert all(
                f"\n{word}" in text for word in ("Next: ", "Left head", "Vibration ", "Strokes ", "Ctrl-C stops")
            )


def test_each_head_is_told_apart_in_words() -> None:
    reading = meter(head(9.0, Band.ABOVE), head(1.0, Band.BELOW))
    left, right = (
        line
        for line in drawn(LiveState(ROUTINE, "x", status=RUNNING, meter=reading), 80)
        if line.startswith(("Left head", "Right head"))
    )
    assert "9.0 kPa" in left
    assert left.rstrip().endswith("press less")
    assert "1.0 kPa" in right
    assert right.rstrip().endswith("press more")


def test_a_head_in_the_air_has_no_pressure() -> None:
    reading = meter(head(0.02, Band.NO_CONTACT), head(3.0, Band.IN))
    left = next(
        line
        for line in drawn(LiveState(ROUTINE, "x", status=RUNNING, meter=reading), 80)
        if line.startswith("Left head")
    )
    assert "kPa" not in left
    assert "no contact" in left


def test_actual_outputs_are_shown_and_not_those_asked_for() -> None:
    status = changed(RUNNING, peak_ua=70, current_hz=10.0, amplitude=0.0)
    text = "\n".join(drawn(LiveState(ROUTINE, "x", status=status), 80))
    assert "Vibration off" in text
    assert "70 µA at 10 Hz" in text


def test_what_holds_outputs_back_is_named_and_a_soft_start_does_not_hide_it() -> None:
    status = replace(RUNNING, interlocks=Interlock.NO_CONTACT | Interlock.SOFT_START)
    text = "\n".join(drawn(LiveState(ROUTINE, "x", status=status), 80))
    assert "No skin contact" in text
    assert "rising" not in text


def test_control_characters_of_a_name_from_the_air_do_not_reach_the_terminal() -> None:
    text = "\n".join(drawn(LiveState(ROUTINE, "\x1b]0;gotcha\x07", status=RUNNING), 80))
    assert "\x1b" not in text
    assert "\x07" not in text


def test_time_goes_on_between_statuses_while_it_runs_and_stands_still_while_it_pauses() -> None:
    state = LiveState(ROUTINE, "x").with_status(RUNNING, now_s=100.0)
    assert state.step_left_s(100.0) == 10.0
    assert state.step_left_s(102.5) == 7.5
    assert state.massage_left_s(102.5) == 22.5
    assert state.step_left_s(200.0) == 0.0
    paused = state.with_status(replace(RUNNING, state=State.PAUSED), now_s=100.0)
    assert paused.step_left_s(102.5) == 10.0


def test_before_the_first_and_after_the_last_step_there_is_none() -> None:
    state = LiveState(ROUTINE, "x")
    assert state.step is None
    assert state.massage_left_s(0.0) == ROUTINE.duration_s
    beyond = state.with_status(replace(RUNNING, step=len(ROUTINE.steps)), 0.0)
    assert beyond.step is None
    assert replace(beyond, ending="done").massage_left_s(0.0) == 0.0


def test_a_lost_connection_and_the_question_are_on_the_screen_until_it_goes_on() -> None:
    start = Began("id", Path("log"), Identity("", "", "", "", ""), 80, Program())
    state = LiveState(ROUTINE, "GR-1 0042", start, RUNNING, meter=meter(head(3, Band.IN), head(3, Band.IN)))
    for news in NEWS[:3]:
        state = state.with_link(news)
        text = " ".join(" ".join(drawn(state, 100)).split())
        assert link_sentence(news) in text
        assert "Step 2 of 4 Right cheek" in text
        assert "10 s left, 25 s to the end" in text
        assert "▶ 2 Right cheek" in text, "the place is kept"
        assert "Ctrl-C stops" not in text, "there is no roller to stop"
        assert "Vibration – Microcurrent –" in text, "nothing is known of a roller that is away"
        assert "kPa ·" not in text
    state = state.with_status(RUNNING, 0.0)
    assert state.link is None


def test_after_the_end_the_outline_says_how_far_it_came() -> None:
    idle = changed(state=State.IDLE, step=NO_STEP)
    state = LiveState(ROUTINE, "x").with_status(RUNNING, 0.0).with_status(idle, 5.0)
    stopped = "\n".join(drawn(replace(state, ending="it was asked for here", end=Ending.STOPPED), 80))
    assert "✓ 1 Left cheek" in stopped
    assert "■ 2 Right cheek" in stopped
    assert "▶" not in stopped, "nothing goes on"
    done = "\n".join(drawn(replace(state, ending="it ran to its end", end=Ending.COMPLETED), 80))
    assert done.count("✓") == len(ROUTINE.steps)
    read = meter(head(3, Band.IN), head(3, Band.IN))
    assert "in the band" not in "\n".join(drawn(replace(state, ending="", meter=read), 80)), "no band is asked for"


def test_a_wait_for_a_lost_roller_is_counted() -> None:
    state = LiveState(ROUTINE, "x").with_link(Lost("it ended"), 10.0)
    assert "Connecting again …" in "\n".join(drawn(state, 100, 10.0))
    assert "Connecting again, for 7 s …" in "\n".join(drawn(state, 100, 17.0))


def test_codes_of_the_radio_are_not_for_people() -> None:
    state = LiveState(ROUTINE, "x", ending="the connection was lost: gone (HCI reason 0x08), and no answer came")
    assert "The connection was lost: gone, and no answer came; outputs are off." in "\n".join(drawn(state, 100))


def test_a_narrow_screen_names_every_key_where_the_outline_leaves_room() -> None:
    state = LiveState(ROUTINE, "x", status=replace(RUNNING, step=0), meter=meter(head(3, Band.IN), head(3, Band.IN)))
    for keyed in (True, False):
        text = "\n".join(drawn(replace(state, keyed=keyed), 40))
        assert ("c no current" in text and "m mark" in text) == keyed
        assert "▶ 1 Left cheek" in text
    assert "c no current" not in "\n".join(drawn(replace(state, keyed=True), 40, height=SMALLEST_ROWS))


def test_the_question_about_the_zero_is_no_interruption_and_leaves_nothing_behind() -> None:
    question = ZeroQuestion(Zero({"left front": 0.35, "left rear": 0.0}))
    start = Began("id", Path("log"), Identity("", "", "", "", ""), 80, Program())
    state = LiveState(ROUTINE, "GR-1 0042", start).with_link(Asked(question))
    asked = " ".join(" ".join(drawn(state, 80)).split())
    assert "left front pressure cell reads 0.35 kPa" in asked
    assert "Before it begins" in asked
    assert "Interrupted" not in asked
    state = state.with_link(Replied(yes=True))
    assert "Starting softly" in " ".join(drawn(state, 80))


def test_a_resumed_massage_counts_its_steps_and_their_time_in_the_whole_routine() -> None:
    step = ROUTINE.steps[1]
    state = LiveState(ROUTINE, "GR-1 0042").with_link(RESUMED)
    state = state.with_status(replace(RUNNING, step=0, step_elapsed_ms=2000), 0.0)
    assert state.step_index == 1
    assert state.step_left_s(0.0) == 5.0
    assert state.step_elapsed_s(1.0) == step.duration_s - 4.0
    state = state.with_status(replace(RUNNING, step=1, step_elapsed_ms=0), 0.0)
    assert state.step_index == 2
    assert state.step_left_s(0.0) == ROUTINE.steps[2].duration_s

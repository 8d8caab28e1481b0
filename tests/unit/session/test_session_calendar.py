"""When the wall clock is set in mid-massage, the times of the log go on evenly and the log notes the step."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glowsim.time.virtual_time import unix_us
from glowtool.device.calendar import SteadyCalendar
from glowtool.model.event import EventKind, Note, Topic, notes_in
from glowtool.session.do.runner import Session
from glowtool.store.logs.log import SessionLog
from support.host.masseur import Masseur, Watcher, plan
from support.host.virtual_time import in_virtual_time

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.model.event import Event

HOUR_US = 3600 * 10**6

#: Twenty times at most, half a microsecond is rounded away.
ROUNDING_US = 12


@given(st.lists(st.tuples(st.floats(0.001, 5.0), st.integers(-(10**12), 10**12)), max_size=20))
def test_times_go_on_evenly_whatever_becomes_of_the_wall_clock(passing: list[tuple[float, int]]) -> None:
    wall_us, clock_s, untold_us = 1_700_000_000_000_000, 50.0, 0
    calendar = SteadyCalendar(lambda: wall_us, lambda: clock_s)
    began_us = calendar.unix_us()
    for passed_s, step_us in passing:
        clock_s += passed_s
        wall_us += round(passed_s * 1e6) + step_us
        untold_us += step_us
        assert calendar.unix_us() - began_us == pytest.approx((clock_s - 50.0) * 1e6, abs=1)
        # A step that is too little to be told is told with those that follow, or made up for by them.
        step_s = calendar.step_s()
        if step_s is None:
            assert abs(untold_us) <= 1_000_000 + ROUNDING_US
        else:
            assert abs(step_s) > 1.0
            assert step_s * 1e6 == pytest.approx(untold_us, abs=ROUNDING_US)
            untold_us = 0
        assert calendar.step_s() is None, "it is told once"


@pytest.mark.parametrize("step_us", [-HOUR_US, HOUR_US])
@in_virtual_time
async def test_a_clock_that_is_set_in_mid_massage_leaves_a_log_that_ends_after_it_began(
    tmp_path: Path, step_us: int
) -> None:
    set_by_us = 0

    def wall_us() -> int:
        return unix_us() + set_by_us

    def set_clock(event: Event) -> None:
        nonlocal set_by_us
        if event.kind is EventKind.STEP:
            set_by_us = step_us

    roller, watcher = Masseur().perform(), Watcher()
    watcher.on_event = set_clock
    result = await Session(replace(plan(roller, tmp_path), host_clock_us=wall_us)).run(watcher.publish)
    log = SessionLog.open(result.path)
    ended_utc = log.manifest.ended_utc
    assert ended_utc is not None
    assert 2.0 <= (ended_utc - log.manifest.started_utc).total_seconds() < 4.0
    (told,) = (event.data for event in log.events() if event.kind is EventKind.NOTE)
    assert told["clock_step_s"] == step_us / 1e6
    assert told["remark"] == f"the clock of this computer was set {'back' if step_us < 0 else 'forward'}"
    assert list(notes_in(log.events())) == [Note(Topic.CLOCK, str(told["remark"]))]
    times = log.samples("host_time_us")["host_time_us"].astype("int64")
    assert abs(int(times[-1]) - int(times[0])) < 5e6

"""Two weeks of three people with two rollers: plan, streak, ledger, audit and catalogue agree with the electrodes."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from support.life.diary import PEOPLE, VISITS
from support.life.judge import judge
from support.life.lived import live

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.long
@pytest.mark.slow
def test_after_two_weeks_all_that_is_kept_agrees_with_what_the_electrodes_delivered(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, "bumble")
    verdict = judge(live(tmp_path))
    assert not verdict.complaints, "\n".join(verdict.complaints)
    assert len(verdict.figures) > len(PEOPLE)


def test_the_diary_has_what_it_promises() -> None:
    """Missed days, a stop, lost links, massages by the button, one after midnight, and one on the roller of another."""
    assert len(PEOPLE) == 3
    assert {visit.roller for visit in VISITS} == {1, 2}
    assert {visit.roller for visit in VISITS if visit.who == "Ada"} == {1, 2}
    assert len({visit.deed for visit in VISITS}) == 6
    assert all("-" in person.fates for person in PEOPLE)
    assert any(visit.at < "04:00" for visit in VISITS)

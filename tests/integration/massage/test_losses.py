"""Massages survive connections lost at random moments, over the full stack in virtual time.

Fifty of them: `python tests/measure/links/fifty_losses.py`.
"""

from __future__ import annotations

import gc
import logging
from typing import TYPE_CHECKING

import pytest

from glowsim.time.virtual_time import in_virtual_time
from support.stack.losses import Answer, Kind, case_of, run_case
from support.stack.losses_judge import verdict_of

if TYPE_CHECKING:
    from pathlib import Path

#: Every kind, and every answer. 4: under another address the roller has a new connection before the old one has ended.
SEEDS = (4, 8, 12, 14, 30, 31, 34, 42)


def test_the_seeds_meet_every_kind_of_loss_and_every_answer() -> None:
    cases = [case_of(seed, step_s=4) for seed in SEEDS]
    assert {case.kind for case in cases} == set(Kind)
    assert {case.answer for case in cases} >= set(Answer) - {Answer.NOBODY}, "two minutes of waiting are not needed"


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_a_lost_connection_leaves_outputs_zero_books_settled_and_nothing_behind(
    tmp_path: Path, seed: int, caplog: pytest.LogCaptureFixture
) -> None:
    logging.getLogger("bumble").setLevel(logging.CRITICAL)
    verdict = verdict_of(in_virtual_time(run_case)(tmp_path, case_of(seed, step_s=4)))
    assert verdict.wrong == []
    assert verdict.losses >= 1
    gc.collect()
    assert [record for record in caplog.records if record.name == "asyncio"] == [], "no failure that nobody took"

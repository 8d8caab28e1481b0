"""A step and a session are measured from their own samples alone; lost samples count for nothing."""

from dataclasses import replace

import numpy as np
import pytest

from glowtool.analysis.analyse import analyse
from glowtool.analysis.measuring.parts import band_of_samples
from glowtool.analysis.recordings.recording import Gap, gap_spans_us
from glowtool.model.face import Zone
from support.logs.hand_made import number, recording_of
from support.logs.recordings import Plan, massage, picked, without_samples
from support.logs.slow_movements import bands_slowly


def test_the_band_of_every_sample_is_that_of_its_step() -> None:
    recording = massage(tuple(Plan(Zone.CHIN, 3, 3, duration_s=2.0, band_kpa=(n, n + 2.5)) for n in range(4)))
    found = np.stack(band_of_samples(recording), axis=1)
    np.testing.assert_array_equal(found, np.array(bands_slowly(recording)))


def test_a_scope_is_what_its_samples_alone_give() -> None:
    """What is made once for all scopes gives each of them, bit for bit, what a recording of it alone gives."""
    whole = without_samples(massage(), 1000, 30)
    summary = analyse(whole)
    for step in whole.steps:
        alone = replace(
            whole,
            samples=picked(whole.samples, whole.samples.step == step.index),
            strokes=whole.strokes.where(whole.strokes.step == step.index),
            steps=(step,),
        )
        assert analyse(alone).session == summary.steps[step.index].scope


def test_lost_samples_are_reported_and_count_as_nothing() -> None:
    whole, holed = analyse(massage()), analyse(without_samples(massage(), 1000, 400))
    assert holed.quality.lost_samples == 400
    assert holed.session.lost_s == pytest.approx(2)
    assert holed.session.observed_s == pytest.approx(whole.session.observed_s - 2)
    lost_contact = number(whole.session.both, "contact_time_s") - number(holed.session.both, "contact_time_s")
    assert 0 < lost_contact <= 2
    assert any("400 samples" in remark for remark in holed.quality.remarks)
    assert not whole.quality.remarks


def test_a_gap_across_a_boundary_is_split_between_the_steps() -> None:
    # Step 0 ends at 16 s, which is sample 3200.
    summary = analyse(without_samples(massage(), 3100, 300))
    assert [step.scope.lost_s for step in summary.steps] == pytest.approx([0.5, 1.0, 0.0])


def test_a_huge_gap_takes_no_memory() -> None:
    recording = replace(massage((Plan(Zone.CHIN, 3, 3),)), gaps=(Gap(10_000_000, 2**40),))
    assert analyse(recording).quality.lost_samples == 0, "it lies behind the steps"
    assert analyse(replace(recording, steps=())).quality.lost_samples == 2**40


def test_gaps_are_placed_from_the_sample_before_them_or_after() -> None:
    base = recording_of([1.0] * 4, [1.0] * 4, [True] * 4, [True] * 4)
    late = replace(base, samples=replace(base.samples, sample=base.samples.sample + 10), gaps=(Gap(8, 2), Gap(14, 3)))
    assert gap_spans_us(late) == ((-20_000, 0), (40_000, 70_000))


def test_a_charge_at_most_is_no_less_for_samples_that_were_lost() -> None:
    """What flowed in a gap is not known: the larger of the peaks at its sides, whatever the contact."""
    whole = recording_of([3.0] * 100, [3.0] * 100, [True] * 100, [True] * 100)
    rising = replace(whole, samples=replace(whole.samples, peak_ua=np.arange(100.0)))
    holed = without_samples(without_samples(rising, 97, 3), 20, 30)
    missing_mc = (sum(range(20, 50)) + 97 + 98 + 99) * 0.01 / 1000
    bound_mc = (30 * 50 + 3 * 96) * 0.01 / 1000
    full, seen = (analyse(recording).session.dose["charge_mc"] for recording in (rising, holed))
    assert full is not None
    assert full == pytest.approx(99 * 100 / 2 * 0.01 / 1000)
    assert seen == pytest.approx(full - missing_mc + bound_mc)


def test_what_is_missing_is_a_share_of_what_the_steps_sent() -> None:
    """Samples before the first step and after the last do not thin out a loss."""
    recording = without_samples(massage((Plan(Zone.CHIN, 3, 3, duration_s=10.0),)), 400, 200)
    assert any("(10.0 %)" in remark for remark in analyse(recording).quality.remarks)

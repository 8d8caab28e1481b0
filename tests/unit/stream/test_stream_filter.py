"""The low-pass of the pressure agrees with scipy, and does without scipy in a live massage."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal

from glowtool.stream.arithmetic import biquad as biquads
from glowtool.stream.arithmetic import compiled
from glowtool.stream.arithmetic.biquad import Biquad
from glowtool.stream.arithmetic.compiled import CompiledFilter
from glowtool.stream.filters import CUTOFF_HZ


@pytest.mark.parametrize(("rate_hz", "cutoff_hz"), [*CUTOFF_HZ.items(), (125, 20.0), (1000, 160.0)])
def test_the_design_is_scipys(rate_hz: int, cutoff_hz: float) -> None:
    b0, b1, b2, _, a1, a2 = signal.butter(2, cutoff_hz, fs=rate_hz, output="sos")[0]

    made = Biquad.low_pass(cutoff_hz, rate_hz)

    assert (made.b0, made.b1, made.b2, made.a1, made.a2) == pytest.approx((b0, b1, b2, a1, a2), rel=1e-12)


@given(
    values=st.lists(st.tuples(st.floats(-1, 60), st.floats(-1, 60)), min_size=1, max_size=60),
    cut=st.integers(0, 60),
)
def test_own_arithmetic_and_scipys_agree_to_the_last_bit(values: list[tuple[float, float]], cut: int) -> None:
    biquad, block = Biquad.low_pass(10.0, 200), np.array(values).T.copy()
    memory = biquad.settled(block[:, 0])

    own, left = biquad.filter(block[:, :cut], memory)
    rest, left = biquad.filter(block[:, cut:], left)
    compiled, compiled_left = biquad._compiled(block, memory)

    assert np.array_equal(np.concatenate([own, rest], axis=1), compiled)
    assert np.array_equal(left, compiled_left)


def test_a_settled_filter_stays_where_it_is() -> None:
    biquad, pressure = Biquad.low_pass(10.0, 200), np.array([3.5, 0.0])

    outputs, _ = biquad.filter(np.tile(pressure, (50, 1)).T, biquad.settled(pressure))

    assert pytest.approx(np.tile(pressure, (50, 1))) == outputs.T


def test_blocks_are_left_to_scipy_once_they_were_many(monkeypatch: pytest.MonkeyPatch) -> None:
    biquad, block, fresh = Biquad.low_pass(10.0, 200), np.ones((2, 200)), CompiledFilter()
    monkeypatch.setattr(biquads, "COMPILED", fresh)
    monkeypatch.setattr(compiled, "LOADED_FROM", 1000)
    memory = biquad.settled(block[:, 0])

    for _ in range(100):
        biquad.filter(block[:, :20], memory)  # of a massage, which never loads it
    singly = [biquad.filter(block, memory)[0] for _ in range(2)]
    assert fresh._sosfilt is None
    monkeypatch.setattr(Biquad, "_row", None)

    assert np.array_equal(biquad.filter(block, memory)[0], singly[0])


def test_a_live_pipeline_does_without_scipy() -> None:
    code = (
        "import sys\n"
        "from glowtool.protocol.channels import CHANNELS\n"
        "from glowtool.stream.pipeline import Pipeline, PipelineSettings\n"
        "Pipeline(PipelineSettings(CHANNELS, 200))\n"
        "sys.exit('scipy' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603 - our own code

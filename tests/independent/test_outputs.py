"""What the page's formulas say comes out of a program is what the virtual roller's firmware made the vectors from."""

import json
import math
from pathlib import Path

import pytest

from . import decoder, reckoning

VECTORS = json.loads((Path(__file__).parents[1] / "vectors/over_time/outputs.json").read_text(encoding="utf-8"))

#: Both reckon in floating point, and a row is rounded.
AMPLITUDE, FREQUENCY = 0.5 + 1e-6, 0.5 + 1e-6
CLOSE_UA = 1e-6


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_the_formulas_of_the_page_give_the_vectors(vector: dict[str, object]) -> None:
    value = vector["value"]
    assert isinstance(value, dict)
    program = decoder.read_program(bytes.fromhex(str(vector["hex"])))
    reckoned = [
        out
        for now_ms, out in reckoning.outputs(program, (value["trim"][0], value["trim"][1]))
        if now_ms % value["every_ms"] == 0
    ]
    assert len(reckoned) == len(value["outputs"])
    for number, (out, row) in enumerate(zip(reckoned, value["outputs"], strict=True), 1):
        amplitude, vibration_dhz, peak_ua, current_dhz = row
        where = f"row {number}"
        assert abs(out.amplitude - amplitude) <= AMPLITUDE, where
        assert not amplitude or abs(10 * out.vibration_hz - vibration_dhz) <= FREQUENCY, where
        allowed = {math.floor((out.peak_ua + near) / 10) * 10 for near in (-CLOSE_UA, CLOSE_UA)}
        assert peak_ua in allowed, where
        assert not peak_ua or abs(10 * out.current_hz - current_dhz) <= FREQUENCY, where


def test_the_vectors_show_every_pattern_and_waveform_and_keyframes() -> None:
    steps = [step for vector in VECTORS for step in decoder.read_program(bytes.fromhex(vector["hex"]))]
    assert {step["pattern"] for step, _ in steps} == set(reckoning.R)
    assert any(keyframes for _, keyframes in steps)

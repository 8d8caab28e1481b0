"""Outputs rise softly in every measure, at edges and after holds."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glowsim.physics.body import Body, BodyParameters
from glowsim.physics.hand.hand import HandParameters
from glowtool.model.output import Waveform
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import Trim
from support.device.firmware_bench import Bench, step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from glowsim.physics.types import Delivered, Drive
    from glowtool.protocol.program import StepRecord

SQUARE, PULSE, MODULATED = Waveform.BIPHASIC_SQUARE, Waveform.BIPHASIC_PULSE, Waveform.MODULATED

#: From the protocol page: of each waveform r.m.s. by its peak, and the charge of a phase in µC by µA at 1 Hz.
RMS: Final = {SQUARE: 1.0, PULSE: 0.1**0.5, MODULATED: 0.5**0.5, Waveform.NONE: 0.0}
CHARGE: Final = {SQUARE: 0.5, PULSE: 0.05, MODULATED: 1.0 / math.pi, Waveform.NONE: 0.0}

#: Each quantity with its full value, and by how much of it a step of the source or a lag of the motor may be off.
FULL: Final = {"amplitude": 1.0, "acceleration": 1.0, "peak": 400.0, "r.m.s.": 400.0, "phase charge": 200.0}
OFF: Final = {"amplitude": 0.001, "acceleration": 0.001, "peak": 10.0, "r.m.s.": 10.0, "phase charge": 5.0}


def asked(drive: Drive) -> Iterator[tuple[str, float]]:
    yield "amplitude", drive.amplitude
    yield "acceleration", drive.amplitude * (drive.vibration_hz / 150.0) ** 2
    yield "peak", drive.peak_ua
    yield "r.m.s.", drive.peak_ua * RMS[drive.waveform]
    yield "phase charge", drive.peak_ua * CHARGE[drive.waveform] / drive.current_hz if drive.peak_ua else 0.0


def done(delivered: Delivered) -> Iterator[tuple[str, float]]:
    yield "amplitude", delivered.amplitude
    yield "acceleration", delivered.amplitude * (delivered.vibration_hz / 150.0) ** 2
    yield "peak", delivered.peak_ua
    yield "r.m.s.", delivered.density_rms_ua_cm2 * delivered.contact_area_cm2
    yield "phase charge", delivered.phase_charge_uc[0]


class Lines:
    """A bench that holds every tick, as asked and as done, to the soft start's lines."""

    def __init__(self, *steps: StepRecord) -> None:
        body = Body(BodyParameters(hand=HandParameters(tremor_kpa=0.0, wander_kpa=0.0)), 1)
        body.press(6.0)
        self.bench = Bench(body)
        self._lowest: dict[str, float] = {}
        self.most: dict[str, float] = {}
        # From the air: before, no cell is trusted.
        body.lift()
        self.run(0.3)
        body.set_down()
        self.bench.start(*steps)

    def run(self, seconds: float) -> None:
        for number in range(round(seconds * 200)):
            if number % 50 == 0:
                self.bench.send(Opcode.HEARTBEAT)
            self.bench.tick()
            assert self.bench.delivered is not None
            for where, values in (("drive", asked(self.bench.drive)), ("done", done(self.bench.delivered))):
                for name, value in values:
                    self._look(f"{where}, {name}", name, value)

    def _look(self, key: str, name: str, value: float) -> None:
        level = value - FULL[name] / 4e6 * self.bench.now_us
        lowest = self._lowest[key] = min(self._lowest.get(key, level), level)
        assert level <= lowest + OFF[name] + 1e-6, f"{key} rose to {value:.4g} at {self.bench.now_us} µs"
        self.most[key] = max(self.most.get(key, 0.0), value)


def program(
    first: tuple[float, Waveform, float], second: tuple[float, Waveform, float], amplitude_permille: int = 800
) -> tuple[StepRecord, StepRecord]:
    """Return two steps of 5 s, each with its Hz of vibration, its waveform and its Hz of current."""
    one, two = (
        replace(
            step(5_000, amplitude_permille, 400),
            vibration_dhz=round(10 * vibration_hz),
            waveform=waveform,
            current_dhz=round(10 * current_hz),
        )
        for vibration_hz, waveform, current_hz in (first, second)
    )
    return one, two


@pytest.mark.parametrize(
    ("first", "second", "what"),
    [
        ((40.0, SQUARE, 20.0), (150.0, SQUARE, 20.0), "acceleration"),
        ((75.0, SQUARE, 20.0), (78.0, SQUARE, 20.0), "acceleration"),
        ((75.0, PULSE, 20.0), (75.0, SQUARE, 20.0), "r.m.s."),
        ((75.0, PULSE, 1.0), (75.0, SQUARE, 100.0), "r.m.s."),
        ((75.0, SQUARE, 100.0), (75.0, SQUARE, 1.0), "phase charge"),
    ],
    ids=["40 to 150 Hz", "75 to 78 Hz", "pulse to square", "slow pulse to fast square", "100 to 1 Hz"],
)
def test_an_edge_of_steps_starts_softly(
    first: tuple[float, Waveform, float], second: tuple[float, Waveform, float], what: str
) -> None:
    lines = Lines(*program(first, second))
    lines.run(5.0)
    before = lines.most[f"done, {what}"]
    lines.run(4.9)
    assert lines.most[f"done, {what}"] > 1.05 * before, "it rises, but it does so softly"


def test_a_small_change_of_frequency_costs_little() -> None:
    lines = Lines(*program((75.0, SQUARE, 20.0), (78.0, SQUARE, 20.0)))
    lines.run(5.05)
    assert 0.7 < lines.bench.drive.amplitude < 0.8


@pytest.mark.parametrize("opcode", [Opcode.SKIP, Opcode.PAUSE])
def test_a_motor_that_still_runs_down_is_not_taken_to_another_frequency(opcode: Opcode) -> None:
    lines = Lines(*program((40.0, SQUARE, 20.0), (150.0, SQUARE, 20.0)))
    lines.run(4.98)
    lines.bench.send(opcode)
    lines.run(0.01)
    lines.bench.send(Opcode.RESUME)
    lines.run(2.0)
    assert lines.bench.drive.vibration_hz == 150.0


STEPS = st.tuples(st.floats(40.0, 150.0), st.sampled_from((SQUARE, PULSE, MODULATED)), st.floats(1.0, 100.0))
ACTS = st.lists(
    st.tuples(st.sampled_from(("trim", "skip", "pause", "press", "lift", "wait")), st.floats(0.02, 1.5)), max_size=8
)


@pytest.mark.long
@settings(max_examples=150, deadline=None)
@given(STEPS, STEPS, st.integers(100, 1000), ACTS)
def test_no_act_makes_anything_rise_faster_at_length(
    first: tuple[float, Waveform, float],
    second: tuple[float, Waveform, float],
    amplitude_permille: int,
    acts: list[tuple[str, float]],
) -> None:
    _acted(first, second, amplitude_permille, acts)


@settings(max_examples=6, deadline=None)
@given(STEPS, STEPS, st.integers(100, 1000), ACTS)
def test_no_act_makes_anything_rise_faster(
    first: tuple[float, Waveform, float],
    second: tuple[float, Waveform, float],
    amplitude_permille: int,
    acts: list[tuple[str, float]],
) -> None:
    _acted(first, second, amplitude_permille, acts)


def _acted(
    first: tuple[float, Waveform, float],
    second: tuple[float, Waveform, float],
    amplitude_permille: int,
    acts: list[tuple[str, float]],
) -> None:
    lines = Lines(*(program(first, second, amplitude_permille) * 3))
    lines.run(3.0)
    body = lines.bench.body
    assert body is not None
    for act, wait_s in acts:
        match act:
            case "trim":
                lines.bench.send(Opcode.TRIM, Trim(round(60 * wait_s), round(60 * wait_s)))
            case "skip":
                lines.bench.send(Opcode.SKIP)
            case "pause":
                lines.bench.send(Opcode.PAUSE)
                lines.run(wait_s / 10)
                lines.bench.send(Opcode.RESUME)
            case "press":
                body.press(14.0 * min(1.0, wait_s))
            case "lift":
                body.lift()
                lines.run(wait_s / 10)
                body.set_down()
        lines.run(wait_s)

"""Massages by the simulated hand in which a pressure cell goes bad, as the recordings that the analysis reads."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from glowsim.physics.hand.personas import PERSONAS
from glowtool.analysis.cells.removal import made_again
from glowtool.analysis.recordings.recording import Facts, Recording, Samples, StepInfo
from glowtool.model.face import Direction, Zone
from support.logs.recordings import strokes_of
from support.logs.streams import LAYOUT, RATE_HZ
from support.stack.lossy_strokes import massage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from glowtool.analysis.recordings.recording import Floats

CELLS = ("pressure_lf", "pressure_lr", "pressure_rf", "pressure_rr")
FULL_KPA = 40.0


def _shifted(by_kpa: float) -> Callable[[Floats, np.random.Generator], Floats]:
    return lambda values, _: values + by_kpa


def _drifting(kpa_per_min: float) -> Callable[[Floats, np.random.Generator], Floats]:
    return lambda values, _: values + kpa_per_min * np.arange(len(values)) / RATE_HZ / 60


#: What a fault makes of a cell's readings from its beginning on.
FAULTS: Mapping[str, Callable[[Floats, np.random.Generator], Floats]] = {
    "stuck": lambda values, _: np.full(len(values), values[0]),
    "stuck, noisy": lambda values, chance: values[0] + chance.normal(0, 0.03, len(values)),
    "dead": lambda values, _: np.zeros(len(values)),
    "saturated": lambda values, _: np.full(len(values), FULL_KPA),
    "offset +0.5 kPa": _shifted(0.5),
    "offset -1 kPa": _shifted(-1.0),
    "drift +5 kPa/min": _drifting(5.0),
    "drift -5 kPa/min": _drifting(-5.0),
    "noise of 1 kPa": lambda values, chance: values + chance.normal(0, 1.0, len(values)),
}


@cache
def recording(persona: str, seed: int, seconds: int) -> Recording:
    """Return a massage of whole cells, in steps of 30 s of which each has a band from 2 to 5 kPa."""
    raw, _ = massage(PERSONAS[persona], seed, seconds)
    cells = {name: raw[name].astype(np.float64) / 100 for name in CELLS}
    travel = {name: raw[name].astype(np.int64) for name in ("travel_l", "travel_r")}
    unwrapped = {f"{name}_mm": np.unwrap(values, period=65536) / 10.0 for name, values in travel.items()}
    ohm = np.where(raw["impedance"] == np.iinfo(np.uint16).max, np.inf, raw["impedance"] * 10.0)
    rows = np.arange(len(raw), dtype=np.int64)
    silent = np.zeros(len(raw))
    samples = Samples(
        rows, rows * (1_000_000 // RATE_HZ), rows // (30 * RATE_HZ),
        dict.fromkeys(LAYOUT.names, silent), dict.fromkeys(LAYOUT.names, silent > 0),
        cells_kpa=cells, impedance_ohm=ohm, travel_mm=unwrapped,
    )  # fmt: skip
    steps = tuple(
        StepInfo(n, f"{n}", Zone.CHEEK_LEFT, (Direction.UPWARD, Direction.DOWNWARD)[n % 2], 30.0, 2.0, 5.0)
        for n in range(int(samples.step[-1]) + 1)
    )
    return made_again(
        Recording(Facts("", "", "", "", "", ""), RATE_HZ, samples, strokes_of([]), (), steps, LAYOUT), cells
    )


def with_fault(whole: Recording, cell: str, fault: str, at: int, seed: int) -> Recording:
    """Return a massage in which a cell is bad from the row `at` on; readings are cut to the cell's range and steps."""
    values = whole.samples.cells_kpa[cell].copy()
    made = FAULTS[fault](values[at:], np.random.default_rng(seed))
    values[at:] = np.round(np.clip(made, 0.0, FULL_KPA), 2)
    return made_again(whole, {**whole.samples.cells_kpa, cell: values})

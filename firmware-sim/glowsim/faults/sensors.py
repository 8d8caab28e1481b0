"""Sensor faults: the readings that broken sensors give."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from glowsim.physics.cells import RAW_FULL, RAW_PER_KPA
from glowsim.physics.contact.electrode import OHM_PER_COUNT
from glowsim.physics.contact.sense import SENSE_FULL, UNDRIVEN
from glowsim.physics.types import IMPEDANCE_OPEN

if TYPE_CHECKING:
    from collections.abc import Callable

    from glowsim.faults.fault import Active
    from glowsim.physics.noise import Noise
    from glowsim.physics.types import Sensed

_CELLS: Final = {"lf": (0,), "lr": (1,), "rf": (2,), "rr": (3,), "all": (0, 1, 2, 3)}
_HEADS: Final = {"left": (0,), "right": (1,), "both": (0, 1)}

#: An open-circuit thermistor reads as the end of its range.
_BROKEN_RAW: Final = 1250


def _stuck(active: Active, cell: int, raw: int, _time_us: int, _noise: Noise) -> float:
    return active.held.setdefault(cell, raw)


def _stuck_noisy(active: Active, cell: int, raw: int, _time_us: int, noise: Noise) -> float:
    at_kpa = active.number("at_kpa")
    held = active.held.setdefault(cell, raw if at_kpa < 0.0 else round(RAW_PER_KPA * at_kpa))
    return held + RAW_PER_KPA * active.number("noise_kpa") * noise.normal()


def _noisy(active: Active, _cell: int, raw: int, _time_us: int, noise: Noise) -> float:
    return raw + RAW_PER_KPA * active.number("noise_kpa") * noise.normal()


def _saturated(_active: Active, _cell: int, _raw: int, _time_us: int, _noise: Noise) -> float:
    return RAW_FULL


def _drifting(active: Active, _cell: int, raw: int, time_us: int, _noise: Noise) -> float:
    minutes = (time_us - active.since_us) / 60e6
    return raw + RAW_PER_KPA * active.number("rate_kpa_per_min") * minutes


def _dead(_active: Active, _cell: int, _raw: int, _time_us: int, _noise: Noise) -> float:
    return 0


_OF_A_CELL: Final[dict[str, Callable[[Active, int, int, int, Noise], float]]] = {
    "cell-stuck": _stuck,
    "cell-stuck-noisy": _stuck_noisy,
    "cell-noisy": _noisy,
    "cell-saturated": _saturated,
    "cell-drifting": _drifting,
    "cell-dead": _dead,
}


def _impedance(sensed: Sensed, active: Active, noise: Noise) -> Sensed:
    raw = sensed.impedance_raw
    if active.kind.name == "impedance-stuck":
        at_ohm = active.number("at_ohm")
        raw = active.held.setdefault(0, raw if at_ohm < 0.0 else round(at_ohm / OHM_PER_COUNT))
    if raw < IMPEDANCE_OPEN:
        raw = min(IMPEDANCE_OPEN, max(0, round(raw * (1.0 + active.number("noise_share") * noise.normal()))))
    return replace(sensed, impedance_raw=raw)


def _source_sense(sensed: Sensed, active: Active, noise: Noise) -> Sensed:
    """Return the readings, with the source's own from broken converters; an idle source is not read."""
    if active.kind.name == "source-sense-dead":
        return replace(sensed, source_raw=UNDRIVEN)
    raws = list(sensed.source_raw)
    if active.kind.name == "source-sense-stuck" and any(raws):
        raws = [active.held.setdefault(number, raw) for number, raw in enumerate(raws)]
    share = active.number("noise_share")
    volt, ua = (min(SENSE_FULL, max(0, round(raw * (1.0 + share * noise.normal())))) for raw in raws)
    return replace(sensed, source_raw=(volt, ua))


def distorted(sensed: Sensed, active: Active, time_us: int, noise: Noise) -> Sensed:
    """Return the readings with one broken sensor."""
    if active.kind.name == "thermistor-broken":
        left, right = sensed.head_temp_raw
        broken = heads_of(active)
        return replace(sensed, head_temp_raw=(_BROKEN_RAW if broken[0] else left, _BROKEN_RAW if broken[1] else right))
    if active.kind.name.startswith("impedance-"):
        return _impedance(sensed, active, noise)
    if active.kind.name.startswith("source-sense-"):
        return _source_sense(sensed, active, noise)
    made = _OF_A_CELL[active.kind.name]
    raws = list(sensed.cells_raw)
    for cell in _CELLS[active.word("cell")]:
        raws[cell] = min(RAW_FULL, max(0, round(made(active, cell, raws[cell], time_us, noise))))
    a, b, c, d = raws
    return replace(sensed, cells_raw=(a, b, c, d))


def heads_of(active: Active) -> tuple[bool, bool]:
    """Return whether a fault strikes the left head, and the right head."""
    heads = _HEADS[active.word("head")]
    return 0 in heads, 1 in heads

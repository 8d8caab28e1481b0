"""The electrodes: the current through the skin, its charge per phase, its density, and the measured impedance."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowsim.physics.contact.skin import TISSUE_OHM
from glowsim.physics.types import IMPEDANCE_OPEN
from glowtool.model.output import Waveform

if TYPE_CHECKING:
    from glowsim.physics.types import Drive

OHM_PER_COUNT: Final = 10.0

#: The source's supply: through a high impedance, it drives less current than requested (assumption).
COMPLIANCE_V: Final = 60.0

#: The negative phase carries this much less than the positive one, by a mismatch of the source's halves (assumption).
PHASE_MISMATCH: Final = 0.003


@dataclass(frozen=True, slots=True)
class Shape:
    """A waveform: the share of the period that one phase takes, and mean and r.m.s. relative to its peak."""

    phase_share: float
    phase_mean: float
    rms: float


SHAPES: Final[dict[Waveform, Shape]] = {
    Waveform.BIPHASIC_SQUARE: Shape(0.5, 1.0, 1.0),
    # Two phases of a twentieth of the period each.
    Waveform.BIPHASIC_PULSE: Shape(0.05, 1.0, math.sqrt(0.1)),
    # A square wave under the envelope of a half sine.
    Waveform.MODULATED: Shape(0.5, 2.0 / math.pi, math.sqrt(0.5)),
}


#: A list, because looking it up in every tick takes a third of the time of hashing an enumeration member.
_SHAPE_BY_NUMBER: Final = [SHAPES.get(waveform) for waveform in Waveform]


# Not frozen: one is made in every tick, and freezing triples the cost.
@dataclass(slots=True)
class Flow:
    """The current: peak in µA, charge of both phases in µC, r.m.s. density in µA/cm² at the smaller contact."""

    peak_ua: float = 0.0
    phase_charge_uc: tuple[float, float] = (0.0, 0.0)
    density_rms_ua_cm2: float = 0.0


NO_FLOW: Final = Flow()


def loop_ohm(contact_ohm_cm2: float, left_cm2: float, right_cm2: float) -> float:
    """Return the impedance from head to head in ohms; infinite when either contact is open."""
    if left_cm2 <= 0.0 or right_cm2 <= 0.0:
        return math.inf
    return TISSUE_OHM + contact_ohm_cm2 * (1.0 / left_cm2 + 1.0 / right_cm2)


def impedance_raw(ohm: float) -> int:
    """Return the impedance channel's count; an open circuit reads as its maximum."""
    if ohm >= IMPEDANCE_OPEN * OHM_PER_COUNT:
        return IMPEDANCE_OPEN
    return round(ohm / OHM_PER_COUNT)


def flow(drive: Drive, ohm: float, smaller_cm2: float) -> Flow:
    """Return the current through a loop of `ohm` whose smaller contact has the area `smaller_cm2`."""
    shape = _SHAPE_BY_NUMBER[drive.waveform]
    if shape is None or drive.peak_ua <= 0.0 or drive.current_hz <= 0.0 or ohm == math.inf:
        return NO_FLOW
    most_ua = COMPLIANCE_V / ohm * 1e6
    peak_ua = drive.peak_ua if drive.peak_ua < most_ua else most_ua
    charge_uc = peak_ua * shape.phase_mean * shape.phase_share / drive.current_hz
    return Flow(peak_ua, (charge_uc, charge_uc * (1.0 - PHASE_MISMATCH)), peak_ua * shape.rms / smaller_cm2)

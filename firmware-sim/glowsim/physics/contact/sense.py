"""The current source's measurement of its own voltage and current while it drives.

A source that regulates a current has both: a shunt in its output, and the voltage that it needs. The crest of each
phase is sampled and held, so a reading is at most as old as the newest phase; without a drive there is no reading.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from glowsim.physics.contact.electrode import COMPLIANCE_V

if TYPE_CHECKING:
    from glowsim.physics.noise import Noise

#: One count of each converter, and the noise of a reading, r.m.s. (assumptions: 16 bits, 65 V and 6.5 mA).
VOLT_PER_COUNT: Final = 1e-3
UA_PER_COUNT: Final = 0.1
NOISE_V: Final = 2e-3
NOISE_UA: Final = 0.05

#: The gain error of a reading, r.m.s., drawn once for each roller (assumption).
GAIN: Final = 0.005

SENSE_FULL: Final = 0xFFFF

#: The reading while nothing is driven.
UNDRIVEN: Final = 0, 0


class SourceSense:
    """The two converters in the source's output."""

    __slots__ = ("_noise", "_per_ua", "_per_v")

    def __init__(self, noise: Noise) -> None:
        self._noise = noise
        self._per_v = (1.0 + GAIN * noise.normal()) / VOLT_PER_COUNT
        self._per_ua = (1.0 + GAIN * noise.normal()) / UA_PER_COUNT

    def read(self, peak_ua: float, ohm: float) -> tuple[int, int]:
        """Return voltage and current in counts while the source drives up to `peak_ua` through a loop of `ohm`.

        An open loop takes no current, and shows the source's full supply voltage.
        """
        volts = COMPLIANCE_V if ohm == math.inf else peak_ua * ohm * 1e-6
        pop = self._noise.ready(2).pop
        volt_raw = round((volts + NOISE_V * pop()) * self._per_v)
        ua_raw = round((peak_ua + NOISE_UA * pop()) * self._per_ua)
        return volt_raw if volt_raw > 0 else 0, ua_raw if ua_raw > 0 else 0

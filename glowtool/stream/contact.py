"""Contact detection: a head's pressure, with hysteresis, shows whether it touches the skin."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from glowtool.stream.block import BoolArray, FloatArray, Reading
    from glowtool.stream.heads import Head

#: The longest gap that cannot hide anything from the samples on both sides: a hand needs 0.08 s to release the skin,
#: and as long to press again.
BLINK_S: Final = 0.15


@dataclass(frozen=True, slots=True)
class ContactSettings:
    """Contact begins at `on_kpa` and ends at `off_kpa`; the cells' noise and drift are well below the difference.

    A gap of at most `blink_s` leaves the verdict as it was.
    """

    on_kpa: float = 0.4
    off_kpa: float = 0.2
    blink_s: float = BLINK_S


@dataclass(slots=True)
class ContactState:
    """The last verdict for each head that has touched, and the index of the next sample."""

    touching: dict[Head, bool] = field(default_factory=dict)
    next_sample: int = 0


class ContactDetector:
    """Adds the contact of each head, such as `contact_l`.

    After a long gap a head counts as lifted until its pressure says otherwise.
    """

    def __init__(self, settings: ContactSettings | None = None) -> None:
        self.settings = settings or ContactSettings()
        self.state = ContactState()

    def process(self, reading: Reading) -> Reading:
        """Judge one reading."""
        missing = reading.first_sample - self.state.next_sample
        if not 0 <= missing <= round(self.settings.blink_s * reading.rate_hz):
            self.state.touching.clear()
        columns = {
            f"contact_{head}": self._judge(head, reading.floats(f"pressure_{head}_kpa"))
            for head in reading.layout.names
        }
        self.state.next_sample = reading.first_sample + len(reading)
        return reading.adding(columns)

    def flush(self) -> None:
        """Nothing is held back."""

    def _judge(self, head: Head, pressure_kpa: FloatArray) -> BoolArray:
        if not len(pressure_kpa):
            return np.empty(0, np.bool_)
        begins = pressure_kpa >= self.settings.on_kpa
        if begins.all():  # as most blocks of a massage are
            self.state.touching[head] = True
            return begins
        ends = pressure_kpa <= self.settings.off_kpa
        # Each sample takes the verdict of the last clear one; index 0 stands for the state before.
        clear = np.concatenate(([True], begins | ends))
        verdicts = np.concatenate(([self.state.touching.get(head, False)], begins))
        last_clear = np.maximum.accumulate(np.where(clear, np.arange(len(clear)), 0))
        touching = verdicts[last_clear]
        self.state.touching[head] = bool(touching[-1])
        return touching[1:]

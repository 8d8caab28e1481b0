"""The record of a massage without a host: tallied tick by tick, kept at every step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.model.ending import MassageEnd
from glowtool.model.state import Interlock
from glowtool.protocol.program import encode_program, program_crc
from glowtool.protocol.records import (
    HEAD_SIZE,
    RECORD_FORMAT,
    ROW_SIZE,
    Massage,
    MassageHead,
    MassageStep,
    encode_massage,
)

if TYPE_CHECKING:
    from glowsim.firmware.program.executor import Program
    from glowsim.firmware.sensors.readings import Readings
    from glowsim.physics.types import Drive

#: Where only a cell can tell, a head touches from this pressure on (design).
TOUCH_KPA: Final = 0.5

_COUNTS_PER_KPA: Final = 100
_U16_MOST: Final = 0xFFFF


@dataclass(slots=True)
class _Tally:
    elapsed_us: int = 0
    contact_us: int = 0
    pressed_kpa_us: float = 0.0
    peak_kpa: float = 0.0

    def row(self) -> MassageStep:
        mean_kpa = self.pressed_kpa_us / self.contact_us if self.contact_us else 0.0
        return MassageStep(
            self.elapsed_us // 1000, self.contact_us // 1000, _hundredths(mean_kpa), _hundredths(self.peak_kpa)
        )


class OfflineMassage:
    """One massage by the button. `number` is its record's; `kept` turns false when the flash takes no more."""

    def __init__(self, number: int, program: Program, start_unix_ms: int, *, electrodes: bool = True) -> None:
        self.number = number
        self._electrodes = electrodes
        self.kept = True
        self.end = MassageEnd.INTERLOCK
        self._start_unix_ms = start_unix_ms
        self._crc32 = program_crc(encode_program(program))
        self._tallies = [_Tally()]
        self._interlocks = 0
        self._current_us = 0
        self._vibration_us = 0

    def note(self, interlocks: int) -> None:
        """Note in the record that these interlocks held outputs back."""
        self._interlocks |= interlocks

    def pass_time(self, dt_us: int, index: int, readings: Readings, drive: Drive) -> bool:
        """Count `dt_us` of the step `index` under `drive`; return whether this is the first moment of a new step."""
        new = index >= len(self._tallies)
        while index >= len(self._tallies):
            self._tallies.append(_Tally())
        tally = self._tallies[index]
        tally.elapsed_us += dt_us
        if self._touches(readings):
            tally.contact_us += dt_us
            tally.pressed_kpa_us += 0.5 * (readings.left_kpa + readings.right_kpa) * dt_us
            tally.peak_kpa = max(tally.peak_kpa, readings.highest_kpa)
        self._current_us += dt_us if drive.peak_ua > 0.0 else 0
        self._vibration_us += dt_us if drive.amplitude > 0.0 else 0
        return new

    def _touches(self, readings: Readings) -> bool:
        """Return whether both heads touch the skin, by the cells alone where nothing else can tell."""
        return not readings.impedance_open if self._electrodes else readings.highest_kpa >= TOUCH_KPA

    def encoded(self, end: MassageEnd) -> bytes:
        """Return the record so far, with this end."""
        rows = tuple(tally.row() for tally in self._tallies)
        head = MassageHead(
            RECORD_FORMAT,
            HEAD_SIZE,
            ROW_SIZE,
            len(rows),
            end,
            Interlock(self._interlocks),
            self._start_unix_ms,
            self._crc32,
            self._current_us // 1000,
            self._vibration_us // 1000,
        )
        return encode_massage(Massage(head, rows))


def _hundredths(kpa: float) -> int:
    return min(_U16_MOST, round(kpa * _COUNTS_PER_KPA))

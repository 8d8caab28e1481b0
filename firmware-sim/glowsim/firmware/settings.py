"""The settings: their ranges, which only ever lower a ceiling, and their values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from glowtool.protocol.ceilings import WATCHDOG_MS_MIN, CeilingId, ceiling
from glowtool.protocol.vocabulary import Result, Setting


@dataclass(frozen=True, slots=True)
class SettingRange:
    """A setting's lowest value and its highest, which is its ceiling and its default."""

    low: int
    high: int


RANGES: Final[dict[Setting, SettingRange]] = {
    Setting.WATCHDOG_MS: SettingRange(WATCHDOG_MS_MIN, ceiling(CeilingId.HOST_SILENCE)),
    Setting.PEAK_UA_MAX: SettingRange(0, ceiling(CeilingId.PEAK_CURRENT)),
    Setting.AMPLITUDE_PERMILLE_MAX: SettingRange(0, ceiling(CeilingId.VIBRATION_AMPLITUDE)),
}


class Settings:
    """The values in force; what does not fit its range counts as never set."""

    def __init__(self, kept: dict[str, int] | None = None) -> None:
        self._values = {setting: limits.high for setting, limits in RANGES.items()}
        for setting in RANGES:
            value = (kept or {}).get(setting.name.lower())
            if value is not None:
                self.put(setting, value)

    def __getitem__(self, setting: Setting) -> int:
        return self._values[setting]

    def put(self, setting: Setting, value: int) -> Result:
        """Change a setting; a value outside its range changes nothing."""
        limits = RANGES[setting]
        if value > limits.high:
            return Result.OVER_CEILING
        if value < limits.low:
            return Result.OUT_OF_RANGE
        self._values[setting] = value
        return Result.SUCCESS

    def kept(self) -> dict[str, int]:
        """Return what the memory keeps."""
        return {setting.name.lower(): value for setting, value in self._values.items()}

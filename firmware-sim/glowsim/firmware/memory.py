"""What survives a loss of power: one mapping, kept by whoever owns the flash, and how the firmware reads it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from glowsim.firmware.dose import DayDose
from glowsim.firmware.readings import CELL_FULL, NO_TARE, Tare
from glowsim.firmware.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping


class Memory(Protocol):
    """The flash: load and save of one mapping that JSON can hold."""

    def load(self) -> Mapping[str, object]:
        """Return what was saved last, or an empty mapping."""
        ...

    def save(self, content: Mapping[str, object]) -> None:
        """Replace what is kept, all or nothing."""
        ...


class VolatileMemory:
    """A memory that forgets with the process; for tests and throw-away rollers."""

    def __init__(self, content: Mapping[str, object] | None = None) -> None:
        self._content = dict(content or {})

    def load(self) -> Mapping[str, object]:
        """Return what was saved last."""
        return dict(self._content)

    def save(self, content: Mapping[str, object]) -> None:
        """Replace what is kept."""
        self._content = dict(content)


@dataclass(slots=True)
class Retained:
    """What the firmware keeps: settings, tare in counts, the day's dose, and its hours with the power on."""

    settings: Settings = field(default_factory=Settings)
    tare: Tare = NO_TARE
    dose: DayDose = field(default_factory=DayDose)
    runtime_us: int = 0

    def kept(self) -> dict[str, object]:
        """Return the mapping to save."""
        return {
            "settings": self.settings.kept(),
            "tare": list(self.tare),
            "dose": {
                "day": self.dose.day,
                "on_us": self.dose.on_us,
                "current_us": self.dose.current_us,
                "vibration_us": self.dose.vibration_us,
            },
            "runtime_us": self.runtime_us,
        }


def restored(content: Mapping[str, object]) -> Retained:
    """Return what the memory holds; an entry that is damaged counts as never saved."""
    return Retained(
        Settings(_integers(content.get("settings"))),
        _tare(content.get("tare")),
        _dose(_integers(content.get("dose"))),
        _integers(content).get("runtime_us", 0),
    )


def _integers(value: object) -> dict[str, int]:
    """Return the entries of a mapping that are whole numbers and not negative."""
    if not isinstance(value, dict):
        return {}
    return {str(key): item for key, item in value.items() if type(item) is int and item >= 0}


def _tare(value: object) -> Tare:
    if not isinstance(value, list) or len(value) != len(NO_TARE):
        return NO_TARE
    if not all(type(item) is int and 0 <= item < CELL_FULL for item in value):
        return NO_TARE
    a, b, c, d = value
    return a, b, c, d


def _dose(kept: dict[str, int]) -> DayDose:
    return DayDose(kept.get("day"), kept.get("on_us", 0), kept.get("current_us", 0), kept.get("vibration_us", 0))

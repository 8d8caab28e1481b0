"""The memory that survives a loss of power: sections of settings, dose and counters, kept as flash records."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from glowsim.firmware.flash import program_slot
from glowsim.firmware.flash.layout import Kind
from glowsim.firmware.flash.records import RecordStore
from glowsim.firmware.retained.counters import Counters, counters_from
from glowsim.firmware.retained.dose import DayDose, dose_from
from glowsim.firmware.retained.dwell import PlaceDwell, dwell_from
from glowsim.firmware.retained.settings import Settings
from glowsim.firmware.sensors.readings import NO_TARE, Tare
from glowsim.firmware.sensors.tare import plausible
from glowtool.errors import DecodeError
from glowtool.protocol.program import decode_program

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glowsim.firmware.flash.chip import FlashChip
    from glowsim.firmware.program.executor import Program

#: The kind of record that keeps each section, as JSON text, in the order of writing: an emergency stop comes first.
_SECTIONS: Final = {
    "latch": Kind.LATCH,
    "rest": Kind.REST,
    "settings": Kind.SETTINGS,
    "tare": Kind.TARE,
    "dose": Kind.DOSE,
    "counters": Kind.COUNTERS,
    "fuel_gauge": Kind.FUEL_GAUGE,
}

#: The sections' values when their newest record is damaged: an older record would forget an emergency stop, or give a
#: new dose.
_AT_WORST: Final[dict[str, object]] = {"latch": {"latched": 1}, "dose": "damaged"}


class Memory:
    """The flash as the firmware uses it: sections, and the records themselves."""

    def __init__(self, chip: FlashChip) -> None:
        self.chip = chip
        self.records = RecordStore(chip)

    def mount(self) -> None:
        """Scan the flash again, as every start of the firmware does."""
        self.chip.power_on()
        self.records = RecordStore(self.chip)

    def load(self) -> Mapping[str, object]:
        """Return the kept sections; a section whose newest record is damaged gets its worst value."""
        kept = {name: self.records.get(kind) for name, kind in _SECTIONS.items()}
        worst = {name: value for name, value in _AT_WORST.items() if self.records.spoilt(_SECTIONS[name])}
        return {name: json.loads(text) for name, text in kept.items() if text is not None} | worst

    def save(self, content: Mapping[str, object]) -> None:
        """Keep those of the given sections that have changed; each is replaced completely or not at all.

        Raises FlashFullError, FlashBrokenError, or, during a brown-out, PowerLostError.
        """
        for name, kind in _SECTIONS.items():
            text = json.dumps(content.get(name), separators=(",", ":")).encode("ascii")
            if name in content and text != self.records.get(kind):
                self.records.put(kind, 0, text)

    def stored_program(self) -> Program | None:
        """Return the program for the button; None when there is none."""
        data = program_slot.stored(self.records)
        if data is None:
            return None
        try:
            return decode_program(data)
        except DecodeError:
            # A firmware with other ceilings stored it: this one would not run it.
            return None


@dataclass(slots=True)
class Retained:
    """The data that the firmware keeps: settings, tare in counts, doses of day and places, counters, the latch."""

    settings: Settings = field(default_factory=Settings)
    tare: Tare = NO_TARE
    dose: DayDose = field(default_factory=DayDose)
    dwell: PlaceDwell = field(default_factory=PlaceDwell)
    counters: Counters = field(default_factory=Counters)
    latched: bool = False

    def kept(self) -> dict[str, object]:
        """Return the mapping to save."""
        return {
            "latch": {"latched": int(self.latched)},
            "settings": self.settings.kept(),
            "tare": list(self.tare),
            # One record, since both are leased together.
            "dose": {**self.dose.kept(), "places": self.dwell.kept()},
            "counters": self.counters.kept(),
        }


def restored(content: Mapping[str, object]) -> Retained:
    """Return the data in the memory; a damaged entry counts as never saved, but a damaged dose as spent."""
    dose = content.get("dose")
    return Retained(
        Settings(_integers(content.get("settings"))),
        _tare(content.get("tare")),
        dose_from(dose),
        dwell_from(dose.get("places") if isinstance(dose, dict) else dose),
        counters_from(_integers(content.get("counters"))),
        latched=bool(_integers(content.get("latch")).get("latched", 0)),
    )


def _integers(value: object) -> dict[str, int]:
    """Return the entries of a mapping that are non-negative whole numbers."""
    if not isinstance(value, dict):
        return {}
    return {str(key): item for key, item in value.items() if type(item) is int and item >= 0}


def _tare(value: object) -> Tare:
    if not isinstance(value, list) or len(value) != len(NO_TARE):
        return NO_TARE
    if not all(type(item) is int for item in value):
        return NO_TARE
    a, b, c, d = value
    return (a, b, c, d) if plausible((a, b, c, d)) else NO_TARE

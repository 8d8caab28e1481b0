"""The firmware's lifetime counters in the flash."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Final

from glowsim.firmware.outage import ResetCause
from glowtool.protocol.records import Diagnostic

US_PER_MINUTE: Final = 60_000_000


#: The counters that diagnostics reports.
CAUSE_NUMBER: Final = {cause: number for number, cause in enumerate(ResetCause)}

_COUNTED_BY: Final = {
    ResetCause.POWER_ON: "power_ons",
    ResetCause.BROWN_OUT: "brown_outs",
    ResetCause.SOFTWARE: "software_resets",
    ResetCause.WATCHDOG: "watchdog_resets",
}

#: The counter for each diagnostic.
ANSWERS: Final[dict[Diagnostic, str]] = {
    Diagnostic.POWER_ONS: "power_ons",
    Diagnostic.BROWN_OUTS: "brown_outs",
    Diagnostic.SOFTWARE_RESETS: "software_resets",
    Diagnostic.WATCHDOG_RESETS: "watchdog_resets",
    Diagnostic.HOST_SILENCES: "host_silences",
    Diagnostic.LINK_LOSSES: "link_losses",
    Diagnostic.FAULTS: "faults",
    Diagnostic.OFFLINE_MASSAGES: "offline_massages",
    Diagnostic.RECORDS_LOST: "records_lost",
    Diagnostic.TARES_DISCARDED: "tares_discarded",
}


@dataclass(slots=True)
class Counters:
    """Counts since the roller was made."""

    runtime_us: int = 0
    power_ons: int = 0
    brown_outs: int = 0
    software_resets: int = 0
    watchdog_resets: int = 0
    host_silences: int = 0
    link_losses: int = 0
    faults: int = 0
    offline_massages: int = 0
    records_lost: int = 0
    tares_discarded: int = 0

    def started(self, cause: ResetCause) -> None:
        """Count a start of the firmware."""
        name = _COUNTED_BY[cause]
        setattr(self, name, getattr(self, name) + 1)

    def kept(self) -> dict[str, int]:
        """Return what the memory keeps."""
        return asdict(self)


def counters_from(kept: dict[str, int]) -> Counters:
    """Return the counters in the memory; a missing one counts from zero."""
    return Counters(**{item.name: kept.get(item.name, 0) for item in fields(Counters)})

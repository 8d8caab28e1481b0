"""The delivered record in a few figures: how much was delivered, and until when."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import numpy as np

from glowsim.evidence.record import FIELDS, read_delivered

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class _Figure:
    """A figure for people: its field in the record, how to reduce the field, the divisor, the unit, the digits."""

    key: str
    field: str
    taken: str
    divisor: float
    unit: str
    digits: int


#: Figures whose labels are the meanings of their fields.
_FIGURES: Final = (
    _Figure("peak_ua_max", "peak_ua", "at most", 1.0, "µA", 0),
    _Figure("density_rms_ua_cm2_max", "density_rms_ua_cm2", "at most", 1000.0, "mA/cm²", 3),
    _Figure("charge_positive_uc", "charge_positive_uc", "in all", 1000.0, "mC", 3),
    _Figure("charge_negative_uc", "charge_negative_uc", "in all", 1000.0, "mC", 3),
    _Figure("amplitude_max", "amplitude", "at most", 0.01, "% of full", 0),
)


@dataclass(frozen=True, slots=True)
class Summary:
    """The work of electrodes and motor. The last moments are UTC in ISO 8601, None where there was no work."""

    records: int
    power_cycles: int
    peak_ua_max: float
    density_rms_ua_cm2_max: float
    charge_positive_uc: float
    charge_negative_uc: float
    amplitude_max: float
    last_current_utc: str | None
    last_vibration_utc: str | None
    last_nonzero_utc: str | None
    last_nonzero_unix_us: int | None

    def as_json(self) -> dict[str, object]:
        """Return the summary as a JSON object."""
        return asdict(self)

    def as_lines(self) -> list[str]:
        """Return the summary in words, with people's units."""
        meanings = {name: meaning.rpartition(", ")[0] for name, _kind, meaning in FIELDS}
        values = asdict(self)
        figures = (
            f"{meanings[each.field]}, {each.taken}: {values[each.key] / each.divisor:.{each.digits}f} {each.unit}"
            for each in _FIGURES
        )
        cycles = "one power cycle" if self.power_cycles == 1 else f"{self.power_cycles} power cycles"
        return [
            f"ticks recorded: {self.records}, in {cycles}",
            *figures,
            f"last microcurrent: {_spoken(self.last_current_utc)}",
            f"last vibration: {_spoken(self.last_vibration_utc)}",
        ]


def summarise(path: Path) -> Summary:
    """Summarise the delivered record of a state directory or a file; raises `StoreError` when it cannot be read."""
    record = read_delivered(path)
    unix_us = record["done_unix_us"]
    current, vibration = record["peak_ua"] > 0, record["amplitude"] > 0
    last_us = _last(unix_us, current | vibration)
    return Summary(
        records=len(record),
        power_cycles=len(np.unique(record["power_cycle"])),
        peak_ua_max=_largest(record["peak_ua"]),
        density_rms_ua_cm2_max=_largest(record["density_rms_ua_cm2"]),
        charge_positive_uc=float(record["charge_positive_uc"].sum(dtype=np.float64)),
        charge_negative_uc=float(record["charge_negative_uc"].sum(dtype=np.float64)),
        amplitude_max=_largest(record["amplitude"]),
        last_current_utc=_iso(_last(unix_us, current)),
        last_vibration_utc=_iso(_last(unix_us, vibration)),
        last_nonzero_utc=_iso(last_us),
        last_nonzero_unix_us=last_us,
    )


def _largest(values: npt.NDArray[np.floating]) -> float:
    return float(values.max(initial=0.0))


def _last(unix_us: npt.NDArray[np.integer], where: npt.NDArray[np.bool_]) -> int | None:
    hits = unix_us[where]
    return int(hits[-1]) if len(hits) else None


def _iso(unix_us: int | None) -> str | None:
    if unix_us is None:
        return None
    return datetime.fromtimestamp(unix_us / 1e6, UTC).isoformat(timespec="milliseconds")


def _spoken(iso: str | None) -> str:
    return "none" if iso is None else f"{datetime.fromisoformat(iso):%Y-%m-%d %H:%M:%S.%f}"[:-3] + " UTC"

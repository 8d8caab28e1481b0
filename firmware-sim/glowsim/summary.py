"""The delivered record in a few figures: how much, and until when."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from glowsim.record import read_delivered

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Summary:
    """What electrode and motor did. The last moments are UTC in ISO 8601, None where there was none."""

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


def summarise(path: Path) -> Summary:
    """Summarise the delivered record of a state directory or a file; raises `StoreError` when it cannot be read."""
    record = read_delivered(path)
    unix_us = record["unix_us"]
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

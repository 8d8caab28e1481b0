"""Doses in words and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from glowtool.safety.dose import Dose


def minutes_text(time_s: float) -> str:
    """Return a time in minutes, such as `7.5 min`."""
    return f"{time_s / 60:.1f} min"


def a8_text(dose: Dose) -> str:
    """Return the vibration of a dose as A(8)."""
    return f"A(8) {dose.a8_ms2:.2f} m/s²"


def dose_object(dose: Dose) -> dict[str, object]:
    """Return a dose as JSON."""
    return {
        "current_s": round(dose.current_s, 3),
        "vibration_s": round(dose.vibration_s, 3),
        "charge_mc": round(dose.charge_mc, 3),
        "a8_ms2": round(dose.a8_ms2, 4),
    }

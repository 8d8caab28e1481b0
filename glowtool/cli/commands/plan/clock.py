"""The one place where the commands on plans look at the clock."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)

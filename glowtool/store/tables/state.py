"""The states of a log, light to import."""

from __future__ import annotations

import enum


class LogState(enum.StrEnum):
    """How far a log has come."""

    RECORDING = "recording"
    FINISHED = "finished"
    RECOVERED = "recovered"

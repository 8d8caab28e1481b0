"""The host's liveness: how late a heartbeat may come, and what that requires of the connection."""

from __future__ import annotations

from typing import Final

from glowtool.model.output import RUN_DOWN_MS

#: The number of glowtool's heartbeats in a watchdog's time: one may be lost without a pause.
HEARTBEATS_PER_WATCHDOG: Final = 3

#: How often a write waits for its turn on the radio, by the calculation on the protocol page: sent, and sent again.
TURNS: Final = 2


def latest_heartbeat_ms(watchdog_ms: int) -> int:
    """Return the silence after which outputs fall, in ms, counted from the arrival of the last answered write.

    The roller gives up a host by a run-down before the watchdog time, so that everything is still within it.
    """
    return watchdog_ms - RUN_DOWN_MS


def heartbeat_period_ms(watchdog_ms: int) -> int:
    """Return the time between glowtool's heartbeats, in whole ms."""
    return watchdog_ms // HEARTBEATS_PER_WATCHDOG


def longest_wait_ms(watchdog_ms: int) -> int:
    """Return how long a write may wait for its turn on the radio, in ms, at glowtool's period.

    A turn takes connection interval × (1 + peripheral latency), and each write may need `TURNS` of them.
    """
    return (latest_heartbeat_ms(watchdog_ms) - heartbeat_period_ms(watchdog_ms)) // TURNS

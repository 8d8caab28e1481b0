"""The host's liveness: how late a heartbeat may come, and what that requires of the connection."""

from __future__ import annotations

from typing import Final

#: A motor that is shorted stands still after this long. The roller gives a host up as much earlier than the watchdog
#: time, so that everything is still within it.
RUN_DOWN_MS: Final = 100

#: How often glowtool says in a watchdog's time that it is alive: one heartbeat may be lost without a pause.
HEARTBEATS_PER_WATCHDOG: Final = 3

#: How often a write waits for its turn on the radio in the reckoning of this page: sent once, and once again.
TURNS: Final = 2


def latest_heartbeat_ms(watchdog_ms: int) -> int:
    """Return the silence at which outputs fall, in ms: from one answered write's arrival, the next comes sooner."""
    return watchdog_ms - RUN_DOWN_MS


def heartbeat_period_ms(watchdog_ms: int) -> int:
    """Return the time from one of glowtool's heartbeats to the next, in whole ms."""
    return watchdog_ms // HEARTBEATS_PER_WATCHDOG


def longest_wait_ms(watchdog_ms: int) -> int:
    """Return how long a write may wait for its turn on the radio, in ms, at glowtool's period.

    That is connection interval × (1 + peripheral latency), and each write may need `TURNS` of them.
    """
    return (latest_heartbeat_ms(watchdog_ms) - heartbeat_period_ms(watchdog_ms)) // TURNS

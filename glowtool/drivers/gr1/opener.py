"""The opener of a GR-1 for a session: one device's driver, with its gate and its patience."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from glowtool.drivers.gr1.roller import Roller
from glowtool.link.backoff import ONCE

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from glowtool.device.attempts import Attempt
    from glowtool.device.driver import Driver, OpenDriver
    from glowtool.link.backoff import Backoff
    from glowtool.link.client import ClientFactory
    from glowtool.safety.gate import Gate


def opener(client_for: ClientFactory, gate: Gate, patience: Backoff = ONCE) -> OpenDriver:
    """Return the opener for the roller whose client `client_for` makes; every command goes through `gate`."""
    return partial(_open, client_for, gate, patience)


def _open(
    client_for: ClientFactory,
    gate: Gate,
    patience: Backoff,
    host_clock_us: Callable[[], int],
    tell: Callable[[Attempt], None],
) -> AbstractAsyncContextManager[Driver]:
    return Roller.open(client_for, gate, host_clock_us, patience=patience, tell=tell)

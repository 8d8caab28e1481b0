"""Outputs end in time when hosts fall silent, links go, and motors run down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaos.judge import margins
from chaos.judge.ceilings import SILENCE_US
from chaos.judge.margins import RUN_DOWN_US
from glowtool.protocol.vocabulary import Setting

if TYPE_CHECKING:
    from chaos.judge.commands.wire import Wire
    from chaos.judge.margins import Nearest
    from glowsim.physics.types import Delivered, Drive


class Silence:
    """Since when no host or button allows outputs, and since when nothing is driven."""

    def __init__(self, nearest: Nearest) -> None:
        self._nearest = nearest
        self._unlinked_us: int | None = None
        self._driven_us = self._alone_us = 0

    def judge(self, now_us: int, wire: Wire, delivered: Delivered, drive: Drive) -> str:
        """Return what is on for too long."""
        if wire.alone or (wire.linked and wire.owner.there):
            self._unlinked_us = None
        elif self._unlinked_us is None:
            self._unlinked_us = now_us
        if wire.alone:
            self._alone_us = now_us
        if not drive.quiet:
            self._driven_us = now_us
        elif delivered.quiet:
            return ""
        coasting_us = now_us - self._driven_us
        self._nearest.most(margins.RUN_DOWN, coasting_us / 1000)
        if not delivered.quiet and wire.latch.since_us is not None:
            self._nearest.most(margins.STOP, (now_us - wire.latch.since_us) / 1000)
        if not delivered.quiet and self._unlinked_us is not None:
            self._nearest.most(margins.LINK, (now_us - self._unlinked_us) / 1000)
        if coasting_us > RUN_DOWN_US:
            return "motor's run-down"
        if now_us - self._alone_us <= RUN_DOWN_US:
            # What runs down after a massage of the button has had no host to be heard.
            return ""
        silent_us = now_us - wire.heard_us
        self._nearest.most(margins.SILENCE, silent_us / 1000)
        most_us = min(SILENCE_US, wire.settings[Setting.WATCHDOG_MS] * 1000)
        return "host silence" if silent_us > most_us else ""

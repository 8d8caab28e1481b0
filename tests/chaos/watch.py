"""The judge's place inside a roller that is on the air: between body, firmware and radio."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING
from unittest.mock import patch

from chaos.judge import Judge
from chaos.wire import ViolationError, interlocks
from glowtool.protocol.vocabulary import Interlock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from glowsim.faults.wrapped import FaultyBody
    from glowsim.firmware.counters import ResetCause
    from glowsim.physics.body import Body
    from glowsim.physics.types import Delivered, Drive, Sensed
    from glowsim.roller import Roller


class _Body:
    """The roller's body, which tells the watch about each tick, in one time for all power cycles."""

    def __init__(self, body: Body | FaultyBody, watch: Watch) -> None:
        self._body, self._watch = body, watch
        self._since_us = self._time_us = 0

    def update(self, time_us: int, drive: Drive) -> tuple[Sensed, Delivered]:
        self._time_us = time_us
        sensed, delivered = self._body.update(time_us, drive)
        self._watch.moved(self._since_us + time_us, delivered, drive)
        return sensed, delivered

    def power_cycle(self) -> None:
        self._since_us += self._time_us
        self._body.power_cycle()


class Watch:
    """Judges every tick of a roller, also while its firmware does not run. It keeps the first violation."""

    def __init__(self, roller: Roller) -> None:
        self.roller = roller
        self.judge = Judge()
        self.violation = ""
        self.commands = 0
        self.seen = Interlock(0)
        self._now_us = 0
        self._unseen: tuple[int, Delivered] | None = None
        self._firmware = roller.machine._firmware
        self._tick, self._control, self._link = self._firmware.tick, self._firmware.on_control, self._firmware.on_link
        self._power_on = self._firmware.power_on
        # Until the first massage the host pairs, and none of what is judged is on.
        self.judge.wire.linked = False

    @contextmanager
    def judging(self) -> Iterator[None]:
        """Judge for the time of the block."""
        machine = self.roller.machine
        with (
            patch.object(machine, "_body", _Body(machine._body, self)),
            patch.object(self._firmware, "tick", self._judge_tick),
            patch.object(self._firmware, "on_control", self._judge_control),
            patch.object(self._firmware, "on_link", self._judge_link),
            patch.object(self._firmware, "power_on", self._boot),
        ):
            yield

    def moved(self, now_us: int, delivered: Delivered, drive: Drive) -> None:
        """Take note of what was delivered under `drive` up to now; the tick before may be one without firmware."""
        if self._unseen is not None:
            before_us, before = self._unseen
            self._keep(lambda: self.judge.look_on(before_us, before, drive))
        self._now_us, self._unseen = now_us, (now_us, delivered)

    def _judge_tick(self, now_us: int, sensed: Sensed) -> Drive:
        drive = self._tick(now_us, sensed)
        self._unseen = None
        state, delivered = self._firmware.state, self.roller.delivered
        self._keep(lambda: self.judge.look(self._now_us, state, sensed, delivered, drive))
        return drive

    def _judge_control(self, now_us: int, data: bytes, mtu: int) -> bytes:
        answer = self._control(now_us, data, mtu)
        self.commands += 1
        self.seen |= interlocks(answer)
        self._keep(lambda: self.judge.wire.answered(self._now_us, data, answer))
        return answer

    def _judge_link(self, now_us: int, *, up: bool, authenticated: bool, host: str = "") -> None:
        self.judge.wire.linked = up and authenticated
        self._link(now_us, up=up, authenticated=authenticated, host=host)

    def _boot(self, now_us: int, cause: ResetCause) -> None:
        self.judge.power_cycled(self._now_us)
        self.judge.wire.linked = False
        self._power_on(now_us, cause)

    def _keep(self, judged: Callable[[], object]) -> None:
        try:
            judged()
        except ViolationError as violation:
            self.violation = self.violation or str(violation)

"""The judge's place inside a roller that is on the air: between body, firmware and radio."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING
from unittest.mock import patch

from chaos.judge.judge import Judge
from chaos.judge.truth import Truth
from chaos.judge.violation import ViolationError
from glowsim.faults.faulty_body import FaultyBody
from glowsim.firmware.flash.chip import PowerLostError
from glowtool.model.state import Interlock, State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from glowsim.firmware.outage import ResetCause
    from glowsim.physics.body import Body
    from glowsim.physics.types import Delivered, Drive, Sensed
    from glowsim.roller.roller import Roller
    from glowtool.protocol.status import Status


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

    def truth(self) -> Truth:
        """Return how hard the heads are pressed, and which sensors tell of it."""
        body = self._body
        if not isinstance(body, FaultyBody):
            return Truth()
        faults = [(fault.kind.name, fault.values.get("cell")) for fault in body._board._sensors]
        told = all(cell != "all" for _, cell in faults)
        loop_told = not any(name.startswith("impedance") for name, _ in faults)
        hand = body._body._hand
        return Truth(hand.left_kpa, hand.right_kpa, told, told, loop_told)

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
        self._firmware = firmware = roller.machine._firmware
        self._body = _Body(roller.machine._body, self)
        self._tick, self._control, self._link = firmware.tick, firmware.on_control, firmware.on_link
        self._power_on, self._press, self._forget = firmware.power_on, firmware.press_button, firmware.forget_host
        self._take_status, self._status = firmware.take_status, firmware.status
        # Until the first massage the host pairs, and none of what is judged is on.
        self.judge.wire.met(None)

    @contextmanager
    def judging(self) -> Iterator[None]:
        """Judge for the time of the block."""
        firmware = self._firmware
        with ExitStack() as stack:
            stack.enter_context(patch.object(self.roller.machine, "_body", self._body))
            for name, judged in (
                ("tick", self._judge_tick),
                ("on_control", self._judge_control),
                ("on_link", self._judge_link),
                ("power_on", self._boot),
                ("press_button", self._judge_press),
                ("forget_host", self._judge_forgetting),
                ("take_status", self._judge_news),
                ("status", self._judge_status),
            ):
                stack.enter_context(patch.object(firmware, name, judged))
            yield

    def moved(self, now_us: int, delivered: Delivered, drive: Drive) -> None:
        """Take note of what was delivered under `drive` up to now; the tick before may be one without firmware."""
        if self._unseen is not None:
            before_us, before = self._unseen
            self._keep(lambda: self.judge.look_on(before_us, before, drive))
        self._now_us, self._unseen = now_us, (now_us, delivered)

    def owes_a_stop(self, how: str) -> None:
        """Note that a host sent a stop long enough ago for it to have been carried out."""
        if self._firmware.state is State.RUNNING:
            self.violation = self.violation or f"a stop was not carried out: {how}"

    def _judge_tick(self, now_us: int, sensed: Sensed) -> Drive:
        drive = self._tick(now_us, sensed)
        self._unseen = None
        state, delivered, truth = self._firmware.state, self.roller.delivered, self._body.truth()
        self._keep(lambda: self.judge.look(self._now_us, state, sensed, delivered, drive, truth=truth))
        return drive

    def _judge_control(self, now_us: int, data: bytes, mtu: int) -> bytes:
        try:
            answer = self._control(now_us, data, mtu)
        except PowerLostError:
            self.judge.wire.unanswered(data)
            raise
        self.commands += 1
        self._keep(lambda: self._note(data, answer))
        return answer

    def _note(self, data: bytes, answer: bytes) -> None:
        self.seen |= self.judge.answered(self._now_us, data, answer).head.interlocks

    def _judge_link(self, now_us: int, *, up: bool, authenticated: bool, host: str = "") -> None:
        self._link(now_us, up=up, authenticated=authenticated, host=host)
        self.judge.wire.met(host if up and authenticated else None)
        self._claim()

    def _judge_press(self, now_us: int, held_s: float) -> None:
        self._press(now_us, held_s)
        self._keep(lambda: self.judge.wire.pressed(self._firmware.state))

    def _judge_forgetting(self, host: str) -> None:
        self._forget(host)
        self.judge.wire.forgotten(host)
        self._claim()

    def _judge_news(self, now_us: int) -> Status | None:
        status = self._take_status(now_us)
        if status is not None:
            self._keep(lambda: self.judge.told(status))
        return status

    def _judge_status(self, now_us: int) -> Status:
        status = self._status(now_us)
        self._keep(lambda: self.judge.told(status))
        return status

    def _boot(self, now_us: int, cause: ResetCause) -> None:
        self.judge.power_cycled(self._now_us)
        self.judge.wire.met(None)
        self._power_on(now_us, cause)
        self._claim()

    def _claim(self) -> None:
        self._keep(lambda: self.judge.wire.claimed(self._firmware.state))

    def _keep(self, judged: Callable[[], object]) -> None:
        try:
            judged()
        except ViolationError as violation:
            self.violation = self.violation or str(violation)

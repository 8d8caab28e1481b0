"""The timing of one connection's link layer: turns to send, repeats, and giving up.

Pure and seeded; time is an argument, in seconds on any clock that does not go back. Both directions share the air time
of a connection event. In each direction the order is total: data never overtakes encryption, or anything else.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from glowsim.air.conditions import INTER_FRAME_SPACE_S, PAYLOAD_OCTETS, LinkConditions

if TYPE_CHECKING:
    import random

T = TypeVar("T")

#: Without an interval, a lost packet is repeated after the shortest possible one.
REPEAT_S: Final = 0.0075

#: Times closer together than this count as equal, because clocks and sums of intervals are rounded.
_SAME_S: Final = 1e-7


class Direction(IntEnum):
    """The direction of a packet on the air."""

    TO_PERIPHERAL = 0
    TO_CENTRAL = 1


@dataclass(slots=True)
class _Waiting(Generic[T]):
    pdu: T
    octets_left: int
    ready_s: float


class LinkLayer(Generic[T]):
    """The link layer of one connection, whose first event is at `anchor_s`. `run` returns the PDUs that `put` took."""

    def __init__(self, conditions: LinkConditions, anchor_s: float, chance: random.Random) -> None:
        self._conditions = conditions
        self._anchor_s = anchor_s
        self._chance = chance
        self._lanes: tuple[deque[_Waiting[T]], deque[_Waiting[T]]] = (deque(), deque())
        self._last_ready_s = [anchor_s, anchor_s]
        self._last_event = 0
        self._not_before_s = anchor_s
        self._failing_since_s: float | None = None
        self._silent_since_s: float | None = anchor_s if conditions.silent else None
        self._give_up_s = conditions.supervision_timeout_s
        self._gone = False

    @property
    def conditions(self) -> LinkConditions:
        """The conditions in force."""
        return self._conditions

    @property
    def idle(self) -> bool:
        """Whether no PDU waits."""
        return not any(self._lanes)

    def change(self, conditions: LinkConditions, now_s: float) -> None:
        """Continue under other conditions; waiting PDUs keep their places, and a new grid of events starts now."""
        if conditions.interval_s != self._conditions.interval_s:
            self._anchor_s, self._last_event, self._not_before_s = now_s, 0, now_s
        self._conditions = conditions
        if self._gone:
            return
        self._give_up_s = conditions.supervision_timeout_s
        if not conditions.silent:
            self._silent_since_s = None
        elif self._silent_since_s is None:
            self._silent_since_s = now_s

    def fall_silent(self, now_s: float) -> None:
        """Let nothing pass ever again: one end has vanished."""
        self._gone = True
        if self._silent_since_s is None:
            self._silent_since_s = now_s

    def put(self, direction: Direction, pdu: T, octets: int, now_s: float) -> None:
        """Take a PDU of this many octets from the sender's host."""
        wait_s = self._conditions.delay_s
        if self._conditions.jitter_s:
            wait_s += self._chance.uniform(0, self._conditions.jitter_s)
        ready_s = max(self._last_ready_s[direction], now_s + wait_s)
        self._last_ready_s[direction] = ready_s
        self._lanes[direction].append(_Waiting(pdu, octets, ready_s))

    def next_s(self) -> float | None:
        """Return when `run` next has something to do; None when it has nothing to do."""
        heads = [lane[0].ready_s for lane in self._lanes if lane]
        ends_s = self._lost_at_s()
        if self._silent_since_s is not None:
            return ends_s
        if not heads:
            return None
        event_s = self._event_from(min(heads))
        return event_s if ends_s is None else min(event_s, ends_s)

    def lost(self, now_s: float) -> bool:
        """Return whether nothing has passed for the supervision timeout, despite attempts."""
        ends_s = self._lost_at_s()
        return ends_s is not None and now_s >= ends_s - _SAME_S

    def run(self, now_s: float) -> list[tuple[Direction, T]]:
        """Run the connection event that is due, if any, and return the PDUs that arrived, in order."""
        if self._silent_since_s is not None:
            return []
        interval_s = self._conditions.interval_s
        if interval_s is None:
            if now_s < self._not_before_s - _SAME_S:
                return []
            return self._exchange(now_s, math.inf)
        event = math.floor((now_s - self._anchor_s + _SAME_S) / interval_s)
        if event <= self._last_event:
            return []
        self._last_event = event
        return self._exchange(now_s, interval_s - INTER_FRAME_SPACE_S)

    def _exchange(self, now_s: float, budget_s: float) -> list[tuple[Direction, T]]:
        """Let packets pass until the budget is used up, no packets are left, or one is lost, which ends an event."""
        arrived: list[tuple[Direction, T]] = []
        going = True
        while going:
            going = False
            for direction in Direction:
                lane = self._lanes[direction]
                if not lane or lane[0].ready_s > now_s + _SAME_S:
                    continue
                head = lane[0]
                octets = min(head.octets_left, PAYLOAD_OCTETS)
                budget_s -= self._conditions.phy.exchange_s(octets)
                if budget_s < 0:
                    return arrived
                if not self._passes(now_s):
                    return arrived
                going = True
                head.octets_left -= octets
                if head.octets_left <= 0:
                    arrived.append((direction, lane.popleft().pdu))
        return arrived

    def _passes(self, now_s: float) -> bool:
        if self._conditions.loss and self._chance.random() < self._conditions.loss:
            self._not_before_s = now_s + REPEAT_S
            if self._failing_since_s is None:
                self._failing_since_s = now_s
            return False
        self._failing_since_s = None
        return True

    def _event_from(self, ready_s: float) -> float:
        interval_s = self._conditions.interval_s
        if interval_s is None:
            return max(ready_s, self._not_before_s)
        event = math.ceil((ready_s - self._anchor_s - _SAME_S) / interval_s)
        return self._anchor_s + max(event, self._last_event + 1) * interval_s

    def _lost_at_s(self) -> float | None:
        since_s = self._failing_since_s if self._silent_since_s is None else self._silent_since_s
        return None if since_s is None else since_s + self._give_up_s

"""One host's connection as the roller sees it: its trust, its remaining time, and its queue of answers."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from glowsim.peripheral.advertising.admission import PAIRING_S, STRANGER_S
from glowtool.protocol.commands.ownership import STOPS

if TYPE_CHECKING:
    from collections.abc import Callable

    from bumble.device import Connection

#: A host that has not confirmed an indication in this time has lost its bearer (Core, Vol 3, Part F, 3.3.3).
CONFIRM_S: Final = 30.0

#: The most answers that may wait for the host's confirmations.
ANSWERS: Final = 16


@dataclass(frozen=True, slots=True)
class _Indication:
    """A queued indication: how to send it, if it may still be sent, and what follows once the host confirms it."""

    send: Callable[[], bool]
    confirmed: Callable[[], None]


class Link:
    """The state of a connection.

    `indicate` sends one answer and returns whether it did, since the host may have ended its subscription; call
    `confirm` when the host has confirmed it.
    """

    def __init__(
        self, connection: Connection, indicate: Callable[[bytes], bool], now_s: float, patience_s: float = STRANGER_S
    ) -> None:
        self.connection = connection
        self.since_s = now_s
        self.trusted = False
        self._indicate = indicate
        self._waiting: deque[_Indication] = deque()
        self._on_its_way: _Indication | None = None
        self._confirm_by_s: float | None = None
        self._trusted_by_s = now_s + patience_s

    def grant_time(self, now_s: float) -> None:
        """Give the host time to finish a pairing attempt."""
        self._trusted_by_s = now_s + PAIRING_S

    def overdue(self, now_s: float) -> bool:
        """Return whether the host has failed to become trusted, or to confirm an answer, in its time."""
        late = self._confirm_by_s is not None and now_s >= self._confirm_by_s
        return late or (not self.trusted and now_s >= self._trusted_by_s)

    def has_room_for(self, request: bytes) -> bool:
        """Return whether a command can be taken: its answer fits into the queue, or the command ends outputs."""
        return len(self._waiting) < ANSWERS or (len(request) > 0 and request[0] in STOPS)

    def answer(self, response: bytes) -> None:
        """Queue an answer; it is dropped when there is no room, which only a stop can cause."""
        if len(self._waiting) < ANSWERS:
            self._waiting.append(_Indication(partial(self._indicate, response), _nothing))

    def tell(self, send: Callable[[], bool], confirmed: Callable[[], None]) -> None:
        """Queue another indication before all answers; `confirmed` is called when the host has confirmed it."""
        self._waiting.appendleft(_Indication(send, confirmed))

    def drop_answers(self) -> None:
        """Drop all queued answers."""
        self._waiting.clear()

    def send_next(self, now_s: float) -> None:
        """Indicate the next queued answer, unless the host still has one to confirm."""
        while self._waiting and self._confirm_by_s is None:
            following = self._waiting.popleft()
            if following.send():
                self._confirm_by_s, self._on_its_way = now_s + CONFIRM_S, following

    def confirm(self, now_s: float) -> None:
        """Note that the host has confirmed an answer."""
        self._confirm_by_s = None
        arrived, self._on_its_way = self._on_its_way, None
        if arrived is not None:
            arrived.confirmed()
        self.send_next(now_s)


def _nothing() -> None:
    pass

"""The body with its faults, which the machine drives instead of the bare body."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowsim.physics.types import Delivered

if TYPE_CHECKING:
    from glowsim.faults.board import Board
    from glowsim.physics.body import Body
    from glowsim.physics.types import Drive, Sensed


NOTHING: Final = Delivered(0.0, (0.0, 0.0), 0.0, 0.0, 0.0, 0.0, 0.0)


class FaultyBody:
    """A body whose readings the board of faults spoils; time passes for the board first, then for the body.

    `delivered` is the truth of the last tick.
    """

    def __init__(self, body: Body, board: Board) -> None:
        self._body = body
        self._board = board
        self.delivered = NOTHING
        self._time_us = 0
        self._earlier_us = 0

    def power_cycle(self) -> None:
        """Restart device time; the board's time goes on."""
        self._earlier_us += self._time_us
        self._time_us = 0
        self._body.power_cycle()

    def update(self, time_us: int, drive: Drive) -> tuple[Sensed, Delivered]:
        """Advance to `time_us` as `Body.update` does; faults never touch what is delivered."""
        self._time_us = time_us
        board = self._board
        board.pass_time(self._earlier_us + time_us)
        sensed, delivered = self._body.update(time_us, drive)
        self.delivered = delivered
        return board.sense(sensed) if board.spoils else sensed, delivered

"""The claims of answers and statuses about outputs, compared with what motor and source were asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chaos.judge.violation import ViolationError
from glowtool.protocol.status import WIRE_NO_STEP

if TYPE_CHECKING:
    from chaos.judge.commands.run import Run
    from glowsim.physics.types import Drive
    from glowtool.model.state import State
    from glowtool.protocol.status import Outputs, Status

#: Outputs go on rising between what is said and the tick after it.
PERMILLE: Final = 6
DHZ: Final = 1

#: Times are told in ms, and of the tick before.
TOLD_MS: Final = 21


class Claims:
    """What was said since the last tick. It must lie between the drive before and the one after."""

    def __init__(self) -> None:
        self._said: list[tuple[str, Outputs]] = []

    def say(self, who: str, outputs: Outputs) -> None:
        """Take note of what an answer or a status says of the outputs."""
        self._said.append((who, outputs))

    def judge(self, before: Drive, drive: Drive) -> str:
        """Return what was said and was not so."""
        if not self._said:
            return ""
        said, self._said = self._said, []
        wrong = next(((who, outputs) for who, outputs in said if not _true(outputs, before, drive)), None)
        return "" if wrong is None else f"{wrong[0]} claims {wrong[1]}, which is not so"


def _true(said: Outputs, before: Drive, drive: Drive) -> bool:
    low, high = sorted((before.amplitude * 1000, drive.amplitude * 1000))
    weak, strong = sorted((before.peak_ua, drive.peak_ua))
    if not low - PERMILLE <= said.amplitude_permille <= high + PERMILLE or not weak - 10 <= said.peak_ua <= strong:
        return False
    turning = {round(one.vibration_hz * 10) for one in (before, drive)} | ({0} if low <= PERMILLE else set())
    flowing = {round(one.current_hz * 10) for one in (before, drive)} | ({0} if weak <= 10 else set())
    return said.vibration_dhz in turning and said.current_dhz in flowing


def judge_status(status: Status, state: State, run: Run | None) -> None:
    """Judge what a status says of state, step, times and trim."""
    if status.state is not state:
        raise ViolationError(f"a status claims {status.state.name} in {state.name}")
    if run is None:
        if status.step != WIRE_NO_STEP:
            raise ViolationError(f"a status claims step {status.step} where nothing runs")
        return
    if status.step not in run.indices():
        raise ViolationError(f"a status claims step {status.step} in step {run.index}")
    if status.step == run.index and abs(status.step_elapsed_ms - run.step_us / 1000) > TOLD_MS:
        raise ViolationError(f"a status claims {status.step_elapsed_ms} ms of a step after {run.step_us} µs")
    if abs(status.massage_elapsed_ms - run.massage_us / 1000) > TOLD_MS:
        raise ViolationError(f"a status claims {status.massage_elapsed_ms} ms of a massage after {run.massage_us} µs")
    said = status.vibration_percent / 100, status.current_percent / 100
    if max(abs(said[0] - run.trim[0]), abs(said[1] - run.trim[1])) > 0.001:
        raise ViolationError(f"a status claims a trim of {said}, sent was {run.trim}")

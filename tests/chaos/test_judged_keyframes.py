"""The judge knows keyframes by its own reckoning: a roller follows their lines, and one that leaves them is found."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from chaos.judge.violation import ViolationError
from chaos.test_judged_massages import Play
from glowsim.firmware.program.line import Line, LineLevels
from glowtool.model.output import Pattern
from support.device.firmware_bench import keyframe, step

if TYPE_CHECKING:
    from collections.abc import Callable

SWELL: Final = replace(
    step(9000, 200, 100, pattern=Pattern.WAVE, pattern_period_ms=2000),
    keyframes=(keyframe(4000, 700, 250, 900), keyframe(8000, 100, 0, 600)),
)


def test_a_roller_follows_the_lines_of_its_keyframes() -> None:
    play = Play()
    play.start(SWELL, step(4000), SWELL)
    play.run(23.0)


@pytest.mark.parametrize(
    "broken",
    [
        lambda levels: levels._replace(amplitude=min(1.0, levels.amplitude * 1.1)),
        lambda levels: levels._replace(peak_ua=levels.peak_ua + 20.0),
        lambda levels: levels._replace(vibration_hz=levels.vibration_hz + 1.0),
        lambda levels: levels._replace(current_hz=levels.current_hz + 1.0),
    ],
    ids=["amplitude", "peak", "vibration frequency", "current frequency"],
)
def test_a_roller_that_leaves_them_is_found_out(
    broken: Callable[[LineLevels], LineLevels], monkeypatch: pytest.MonkeyPatch
) -> None:
    right = Line.at
    monkeypatch.setattr(Line, "at", lambda line, elapsed_us: broken(right(line, elapsed_us)))
    play = Play()
    with pytest.raises(ViolationError, match="the program"):  # noqa: PT012 - it shows only after a while
        play.start(replace(SWELL, pattern=Pattern.STEADY))
        play.run(9.0)

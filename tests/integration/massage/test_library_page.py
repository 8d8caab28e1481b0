"""The code on the page for programs that use glowtool runs as printed, from pairing to the analysis."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glowtool import Ending, known, load_routine, open_log
from support.host.virtual_time import in_virtual_time
from support.people import screened

if TYPE_CHECKING:
    import pytest

PAGE = Path(__file__).parents[3] / "docs/how-to/use-as-a-library.md"


@in_virtual_time
async def test_the_page_runs_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = "\n".join(re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL))
    page: dict[str, Any] = {"__name__": "use_as_a_library"}
    exec(compile(code, PAGE.name, "exec", dont_inherit=True), page)  # noqa: S102 - our own page
    place = page["place_in"](tmp_path / "data")

    paired = await page["pair_the_roller"](place)
    assert known(place, paired.name) == known(place) == paired

    screened(tmp_path / "data")
    routine = load_routine("first-glow")
    steps = tuple(step.model_copy(update={"duration_s": 1.0}) for step in routine.steps[:2])
    result = await page["massage"](place, routine.model_copy(update={"steps": steps}))
    assert (result.ending, result.problem, result.confirmed) == (Ending.COMPLETED, None, True)

    pressures = await page["first_pressures"](place)
    assert len(pressures) > 0
    assert all(0 <= kpa < 20 for kpa in pressures)
    assert page["mean_pressure_kpa"](place) > 0
    assert page["strokes_again"](place) == len(open_log(place).strokes()["head"])
    assert "after 2 steps; outputs zero: True" in capsys.readouterr().out

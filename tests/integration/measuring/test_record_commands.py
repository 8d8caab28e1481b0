"""`record` and `meter` over the whole stack: the log is like any other, and nothing comes out at the electrode."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from glowsim.evidence.record import read_delivered
from support.processes.console import Host
from support.stack.by_button import pair_and_store

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.slow
def test_a_recording_is_a_log_like_any_other_and_nothing_comes_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pair_and_store(tmp_path)
    host = Host(tmp_path)

    said = host.call_here(capsys, "record", "--seconds", "1", "--json")
    assert said.status == 0, said.err
    first, *_, last = said.documents()
    assert (first["type"], last["type"], last["ending"], last["confirmed"]) == ("began", "result", "completed", True)
    counters = cast("dict[str, int]", last["counters"])
    assert counters["received"] == counters["sent"] > 15

    said = host.call_here(capsys, "meter", "--seconds", "1")
    assert said.status == 0, said.err
    assert "left head no contact, right head no contact; 0 strokes" in said.out

    said = host.call_here(capsys, "record", "--seconds", "0.5", "--rate", "100")
    assert said.status == 0, said.err
    assert "no routine on" in said.out

    (one, two) = cast("list[dict[str, Any]]", host.call_here(capsys, "logs", "list", "--json").document()["sessions"])
    assert (one["routine"], two["routine"]) == (None, None), "a meter keeps nothing"
    assert one["duration_s"] == pytest.approx(1.0, abs=0.5)
    assert "no routine" in host.call_here(capsys, "logs", "list").out
    assert "no routine" in host.call_here(capsys, "logs", "show").out
    assert host.call_here(capsys, "logs", "show", "--json").document()["rate_hz"] == 100
    assert host.call_here(capsys, "logs", "export", one["session_id"]).out.count("\n") > 180
    analysed = host.call_here(capsys, "analyze", "--json").document()
    assert analysed["routine"] == {"name": "no routine", "title": "no routine"}

    record = read_delivered(tmp_path / "sim")
    assert not record["peak_ua"].any()
    assert not record["amplitude"].any()


def test_what_cannot_be_is_refused_in_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    host = Host(tmp_path)
    assert host.call_here(capsys, "record").status == 11
    for wrong in (("--seconds", "0"), ("--rate", "0"), ("--seconds", "soon")):
        assert host.call_here(capsys, "record", *wrong).status == 2

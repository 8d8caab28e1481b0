"""A program sees a connection lost in mid-massage through `glowtool run --json`, in real time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.processes.console import Host
from support.processes.short_massage import pair_of

if TYPE_CHECKING:
    from pathlib import Path

    from support.processes.console import Said, Served

pytestmark = pytest.mark.slow


def run_and_lose(host: Host, roller: Served, on_loss: str) -> Said:
    routine = str(host.data_dir.parent / "short.toml")
    with host.running("run", routine, "--json", "--on-loss", on_loss) as running:
        running.wait_for('"kind": "step"')
        roller.running.type("fault link-loss for_s=2")
        return running.finish()


@pytest.mark.long
def test_a_massage_is_gone_on_with_as_wanted(tmp_path: Path) -> None:
    with pair_of(tmp_path) as (host, roller):
        resumed = run_and_lose(host, roller, "resume")
    assert resumed.status == 0, resumed.err
    *stream, result = resumed.documents()
    tries = {"attempt", "trying"}
    news = [document for document in stream if document["type"] == "link" and document["change"] not in tries]
    assert [document["change"] for document in news] == ["lost", "restored", "resuming"]
    left_s = news[2]["step_left_s"]
    assert isinstance(left_s, float)
    assert 1.0 <= left_s < 3.0
    assert (result["ending"], result["losses"]) == ("completed", 1)
    counters = result["counters"]
    assert isinstance(counters, dict)
    assert counters["received"] + counters["lost"] + counters["duplicate"] + counters["late"] == counters["sent"]
    assert counters["unsettled"] == 0
    assert host.call("analyze", "--no-report").status == 0


def test_asking_needs_somebody_to_ask(tmp_path: Path) -> None:
    said = Host(tmp_path).call("run", "first-glow", "--on-loss", "ask")
    assert said.status == 2
    assert "at a terminal" in said.err

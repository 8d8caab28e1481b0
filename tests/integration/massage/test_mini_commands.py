"""The commands propose to the owner of a `mini` what it can do, and speak of the one head that it has."""

from __future__ import annotations

import re
import shlex
import signal

import pytest

from support.people import screened
from support.processes.console import Host, Said

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def paired(tmp_path_factory: pytest.TempPathFactory) -> tuple[Host, Said]:
    """A computer that has just paired with a `mini`, and what it said."""
    host = Host(tmp_path_factory.mktemp("mini") / "data", "sim:mini")
    said = host.pair_by_hand()
    assert said.status == 0, said
    screened(host.data_dir)
    return host, said


def proposed(text: str) -> list[str]:
    """Return the words of the command that is proposed last."""
    *_, command = re.findall(r"`glowtool ([^`]+)`", text)
    return shlex.split(command)


def test_the_routine_that_comes_next_is_one_that_it_runs(paired: tuple[Host, Said]) -> None:
    host, said = paired
    words = proposed(next(line for line in said.err.splitlines() if line.startswith("Next:")))
    assert words == ["run", "first-glow-vibration"]
    with host.running(*words) as running:
        running.wait_for("Step 1", on_stderr=True)
        running.process.send_signal(signal.SIGINT)
        assert running.finish().status == 130


def test_the_one_that_it_does_not_run_is_refused_with_the_way_to_those_that_it_does(paired: tuple[Host, Said]) -> None:
    host, _ = paired
    refused = host.call("run", "first-glow")
    assert refused.status == 17, refused
    assert "`glowtool routines list` says what each uses" in refused.err
    assert proposed(refused.err) == ["run", "first-glow-vibration"], "and that one it runs, as is seen above"
    listed = host.call("routines", "list").out.splitlines()
    (row,) = (line for line in listed if line.startswith("evening-calm "))
    assert "vibration" in row
    assert "microcurrent" not in row


def test_doctor_button_and_tare_speak_of_what_it_has(
    paired: tuple[Host, Said], capsys: pytest.CaptureFixture[str]
) -> None:
    host, _ = paired
    assert "`glowtool run first-glow-vibration` sets it" in host.call("doctor").out
    assert "`glowtool button store first-glow-vibration` stores" in host.call_here(capsys, "button", "show").out
    tared = host.call_here(capsys, "tare")
    assert tared.status == 0, tared
    assert "its head free" in tared.err
    assert "both" not in tared.out + tared.err

"""The command line serves people and shells over the whole stack: real processes, real time, real signals."""

from __future__ import annotations

import csv
import io
import shutil
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow.parquet as pq
import pytest

from glowsim.evidence.record import read_delivered
from support.people import screened
from support.processes.console import NONE, Host, Said, served
from support.processes.routine_file import BOTH, IN_CONTACT, routine_file

if TYPE_CHECKING:
    import numpy.typing as npt

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def paired_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("paired")
    assert Host(folder).pair_by_hand("--json").status == 0
    screened(folder)
    return folder


@pytest.fixture
def host(paired_once: Path, tmp_path: Path) -> Host:
    shutil.copytree(paired_once, tmp_path / "data")
    return Host(tmp_path / "data")


def only_session(host: Host) -> dict[str, object]:
    sessions = host.call("logs", "list", "--json").document()["sessions"]
    assert isinstance(sessions, list)
    (session,) = sessions
    assert isinstance(session, dict)
    return session


def delivered(state_dir: Path) -> npt.NDArray[np.void]:
    """Return what electrode and motor really did; call it when the roller is off."""
    return read_delivered(state_dir)


def quiet(records: npt.NDArray[np.void]) -> npt.NDArray[np.bool_]:
    names = ("drive_amplitude", "drive_peak_ua", "amplitude", "peak_ua")
    still: npt.NDArray[np.bool_] = np.logical_and.reduce([records[name] == 0 for name in names])
    return still


def test_from_an_empty_folder_to_an_exported_log(tmp_path: Path) -> None:
    host = Host(tmp_path / "data")
    (seen,) = host.call("scan", "--timeout", "0.5", "--json").documents()
    assert seen["pairing_open"] is True

    paired = host.pair_by_hand("--json").document()
    assert paired["address"] == seen["address"]

    info = host.call("info", "--json").document()
    assert info["serial"] == paired["serial"]
    ceilings = {row["name"]: (row["value"], row["unit"]) for row in info["ceilings"]}  # type: ignore[attr-defined]  # JSON
    assert ceilings["pressure_zero"] == (13.3, "kPa")
    assert ceilings["vibration_amplitude"] == (100.0, "%")

    screened(host.data_dir)
    ran = host.call("run", routine_file(tmp_path, 1, BOTH, current=True), "--json")
    assert ran.status == 0, ran.err
    *stream, result = ran.documents()
    assert stream[0]["type"] == "began"
    assert {line["type"] for line in stream} == {"began", "cue", "event", "meter", "ending"}
    assert (result["type"], result["ending"], result["confirmed"]) == ("result", "completed", True)
    counters = result["counters"]
    assert isinstance(counters, dict)
    assert counters["received"] + counters["duplicate"] + counters["late"] == counters["sent"]
    assert counters["lost"] == 0

    listed = only_session(host)
    assert listed["session_id"] == result["session_id"]
    assert listed["duration_s"] == pytest.approx(2.0, abs=0.2)

    analysed = host.call("analyze", "--json").document()
    assert "<html" in Path(str(analysed["report_path"])).read_text("utf-8")
    said = host.call("analyze", "--no-report")
    assert "1 Left cheek" in said.out
    assert all(len(line) <= 80 for line in said.out.splitlines())

    rows = list(csv.DictReader(io.StringIO(host.call("logs", "export").out)))
    assert host.call("logs", "export", "--format", "parquet", "-o", str(tmp_path / "x.parquet")).status == 0
    assert pq.read_table(tmp_path / "x.parquet").num_rows == len(rows) > 300


BACKGROUND = frozenset({signal.SIGINT, signal.SIGQUIT})


@pytest.mark.parametrize(
    ("number", "ignoring"),
    [
        (signal.SIGINT, NONE),
        (signal.SIGTERM, NONE),
        pytest.param(signal.SIGQUIT, NONE, marks=pytest.mark.long),
        # A shell has the jobs that a script puts in the background ignore these.
        pytest.param(signal.SIGINT, BACKGROUND, marks=pytest.mark.long),
    ],
)
def test_one_signal_stops_the_roller_finishes_the_log_and_prints_the_summary(
    host: Host, tmp_path: Path, number: signal.Signals, ignoring: frozenset[signal.Signals]
) -> None:
    with host.running("run", routine_file(tmp_path, 20, BOTH, current=True), "--json", ignoring=ignoring) as running:
        running.wait_for(IN_CONTACT)
        running.process.send_signal(number)
        said = running.finish()
    assert said.status == 130
    *_, result, failure = said.documents()
    assert (result["ending"], result["confirmed"]) == ("stopped", True)
    assert failure["error"] == {
        "kind": "InterruptedSessionError",
        "message": "stopped; the roller has stopped: it confirmed that its outputs are zero. The log is kept",
        "exit_status": 130,
    }
    assert said.err.endswith(
        "glowtool: stopped; the roller has stopped: it confirmed that its outputs are zero. The log is kept\n"
    )
    assert host.call("logs", "show", "--json").document()["state"] == "finished"
    records = delivered(host.data_dir / "sim")
    assert not quiet(records).all()
    assert quiet(records)[-1]


def test_two_signals_leave_at_once_and_say_how_to_get_at_the_log(host: Host, tmp_path: Path) -> None:
    with host.running("run", routine_file(tmp_path, 20, BOTH, current=True), "--json") as running:
        running.wait_for(IN_CONTACT)
        # Both are there when the process looks: one of a kind would count once.
        for number in (signal.SIGSTOP, signal.SIGINT, signal.SIGTERM, signal.SIGCONT):
            running.process.send_signal(number)
        said = running.finish()
    assert said.status == 130
    assert "left at once" in said.err
    assert "`glowtool logs recover`" in said.err
    assert only_session(host)["ending"] is None


@pytest.mark.long
def test_a_killed_glowtool_loses_no_bond_and_no_log(host: Host, tmp_path: Path) -> None:
    with host.running("run", routine_file(tmp_path, 20, BOTH, current=True), "--json") as running:
        running.wait_for('"kind": "step"')
        running.process.kill()
        assert running.finish().status == -signal.SIGKILL
    assert_recovered(host)
    again = host.call("run", routine_file(tmp_path, 1, BOTH, current=True), "--json")
    assert again.status == 0, again.err
    assert again.documents()[-1]["ending"] == "completed"


def assert_recovered(host: Host) -> None:
    cut_off = only_session(host)
    assert cut_off["ending"] is None
    assert host.call("logs", "recover", "--json").document() == {
        "recovered": [cut_off["session_id"]],
        "failed": [],
        "damaged": [],
    }
    assert host.call("analyze", "--no-report").status == 0


def test_a_reader_that_goes_away_stops_the_massage_in_order(host: Host, tmp_path: Path) -> None:
    with host.running("run", routine_file(tmp_path, 20, BOTH, current=True), "--json") as running:
        running.wait_for('"began"')
        second = host.call("info")  # meanwhile: one glowtool at a time
        assert running.process.stdout is not None
        running.process.stdout.close()
        assert running.process.wait() == -signal.SIGPIPE
    assert second.status == 20
    assert f"in use by run, process {running.process.pid}, since " in second.err
    session = only_session(host)
    assert (session["state"], session["ending"]) == ("finished", "stopped")


@pytest.mark.parametrize("answers", [["000000"] * 3, []], ids=["wrong three times", "no answer"])
def test_a_pairing_that_fails_leaves_nothing_behind(tmp_path: Path, answers: list[str]) -> None:
    host = Host(tmp_path / "data")
    with host.running("pair") as pairing:
        for answer in answers:
            pairing.type(answer)
        assert pairing.process.stdin is not None
        pairing.process.stdin.close()
        said = pairing.finish()
    assert said.status == 13
    assert said.out == ""
    assert host.call("devices", "list", "--json").document() == {"devices": []}


def assert_lost(said: Said) -> None:
    assert said.status == 12
    *_, result, failure = said.documents()
    assert result["ending"] == "link_lost"
    error = failure["error"]
    assert isinstance(error, dict)
    assert error["kind"] == "ConnectionLostError"


@pytest.mark.long
def test_in_two_terminals_a_killed_host_means_zero_within_a_second_and_a_roller_switched_off_a_lost_link(
    tmp_path: Path,
) -> None:
    with served(tmp_path / "roller") as roller:
        host = Host(tmp_path / "data", roller.adapter)
        assert host.call("pair", "--passkey", roller.passkey).status == 0
        screened(host.data_dir)
        with host.running("run", routine_file(tmp_path, 20, BOTH, current=True), "--json") as running:
            running.wait_for(IN_CONTACT)
            killed_us = time.time_ns() // 1000
            running.process.kill()
            running.finish()
        assert_recovered(host)
        with host.running("run", routine_file(tmp_path, 20, BOTH, current=True), "--json") as running:
            running.wait_for(IN_CONTACT)
            roller.running.type("quit")
            again = running.finish()
    assert_lost(again)
    absent = host.call("info")
    assert absent.status == 10
    assert "start `glowsim serve`" in absent.err

    records = delivered(roller.state_dir)
    later = records[records["unix_us"] >= killed_us]
    at_kill = records[records["unix_us"] < killed_us][-1:]
    assert not quiet(at_kill)[0], "the outputs were on when the host was killed"
    zero_us = int(later["unix_us"][quiet(later)][0])
    assert zero_us - killed_us < 1_000_000

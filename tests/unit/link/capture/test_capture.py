"""A capture holds what came and went, as Wireshark reads it, and stops nothing when it cannot be written."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
from typing import TYPE_CHECKING

import pytest

from glowsim.time.virtual_time import unix_us
from glowtool.errors import InputError
from glowtool.link.capture.client import captured
from glowtool.link.capture.packets import Captured, Op, file_header, record
from glowtool.link.capture.sink import WAITING_MAX, CaptureFile
from glowtool.model.ending import Ending
from glowtool.session.listening.recording import FreeRecording
from support.host.telling import Teller, listening_plan
from support.host.virtual_time import in_virtual_time

if TYPE_CHECKING:
    from pathlib import Path

_ONE = Captured(1_700_000_000_000_000, 0x40, Op.NOTIFICATION, bytes.fromhex("2b000102"), "u", 0x2B, b"\1\2")


class Captor(Teller):
    """A roller whose clients are captured."""

    def captured_in(self, file: CaptureFile) -> None:
        self.client_for = captured(self.client_for, file.take, unix_us)  # type: ignore[assignment,method-assign]


def test_a_record_has_the_bytes_that_the_specifications_ask_for() -> None:
    assert file_header() == bytes.fromhex("6274736e6f6f700000000001000003ea")
    # Lengths, flags (received), drops, time since the year 0; H4, connection, lengths, ATT channel; the notification.
    assert record(_ONE, 3).hex() == (
        "0000000e" "0000000e" "00000001" "00000003" + f"{_ONE.time_us + 0x00DCDDB30F2F8000:016x}"
        "02" "4020" "0900" "0500" "0400" "1b" "2b00" "0102"
    )  # fmt: skip


@in_virtual_time
async def test_a_recording_is_captured_without_the_serial_number(tmp_path: Path) -> None:
    roller, files = Captor(), [CaptureFile(tmp_path / name) for name in ("a.jsonl", "a.btsnoop")]
    for file in files:
        roller.captured_in(file)
    result = await FreeRecording(listening_plan(roller, None, 2.0)).run()
    for file in files:
        file.close()
        assert (result.ending, file.failure, file.left_out) == (Ending.COMPLETED, None, 0)
    written = (tmp_path / "a.jsonl").read_bytes()
    assert stat.S_IMODE((tmp_path / "a.jsonl").stat().st_mode) == 0o600
    lines = [json.loads(line) for line in written.splitlines()]
    frames = [line for line in lines if line["type"] == "notification" and "0006-7d47" in line["uuid"]]
    assert len(frames) == result.counters.received
    serial = roller.values["00002a25-0000-1000-8000-00805f9b34fb"]
    assert serial.hex() not in written.decode()
    assert serial not in (tmp_path / "a.btsnoop").read_bytes()
    assert {"read", "write", "write_command", "notification"} <= {line["type"] for line in lines}


@in_virtual_time
async def test_a_full_disk_stops_the_capture_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    roller, file = Captor(), CaptureFile(tmp_path / "a.btsnoop")
    roller.captured_in(file)

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        result = await FreeRecording(listening_plan(roller, None, 2.0)).run()
        file.close()
    assert (result.ending, result.problem) == (Ending.COMPLETED, None)
    assert result.counters.received > 30
    assert file.failure is not None
    assert "No space left" in str(file.failure)


def test_it_is_bounded_in_memory_and_on_disk(tmp_path: Path) -> None:
    file = CaptureFile(tmp_path / "a.btsnoop", most_bytes=1000)
    for _ in range(100):
        file.take(_ONE)
    file.close()
    assert "is full" in str(file.failure)
    assert (tmp_path / "a.btsnoop").stat().st_size <= 1000
    assert WAITING_MAX * 600 < 1 << 24


def test_a_file_that_is_there_and_another_ending_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("mine")
    for name, why in (("a.jsonl", "exists already"), ("a.pcap", "ends in none of")):
        with pytest.raises(InputError, match=why):
            CaptureFile(tmp_path / name)
    assert (tmp_path / "a.jsonl").read_text() == "mine"


@pytest.mark.skipif(shutil.which("tshark") is None, reason="needs Wireshark's tshark")
def test_wireshark_reads_it(tmp_path: Path) -> None:
    file = CaptureFile(tmp_path / "a.btsnoop")
    file.take(_ONE)
    file.close()
    asked = ["tshark", "-r", str(file.path), "-T", "fields", "-e", "btatt.opcode", "-e", "btatt.handle"]
    said = subprocess.run([*asked, "-e", "btatt.value"], capture_output=True, text=True, check=True)  # noqa: S603 - ours
    assert said.stdout.split() == ["0x1b", "0x002b", "0102"]

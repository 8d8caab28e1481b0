"""The outlet never blocks its writer: unread lines are dropped, counted and reported."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import sys
import threading
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TextIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glowtool.cli.app import cli
from glowtool.cli.live.views import Accounting
from glowtool.cli.terminal import outlet as outlets
from glowtool.cli.terminal.keyboard import Keyboard
from glowtool.cli.terminal.outlet import Outlet, UnreadError, never_wait, settle
from glowtool.kit.storage.files import make_folder
from glowtool.model.ending import Ending
from glowtool.session.news import Ends
from glowtool.store.rollers.known import KnownRoller
from glowtool.store.rollers.registry import DeviceRegistry
from support.people import screened

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator
    from pathlib import Path

    from glowtool.model.event import JsonObject
    from glowtool.session.news import MassageNews

#: More than the system keeps in a pipe.
FULL = 2000
F_SETPIPE_SZ = 1031
LINE = "x" * 99 + "\n"


class Pipe:
    """A small pipe: a stream on its writing end, and what has been read from the other end."""

    def __init__(self, reading: int, stream: TextIO) -> None:
        self.reading = reading
        self.stream = stream
        self._read: list[bytes] = []
        self.reader = threading.Thread(target=self._read_all)

    def until_read(self, outlet: Outlet) -> str:
        """Read from now on; return what was read when the last line was."""
        self.reader.start()
        outlet.settle(5)
        end = time.monotonic() + 5
        while time.monotonic() < end and not self.text.endswith("last\n"):
            time.sleep(0.002)
        return self.text

    @property
    def text(self) -> str:
        return b"".join(self._read).decode()

    def _read_all(self) -> None:
        while data := os.read(self.reading, 65536):
            self._read.append(data)


@contextmanager
def pipe() -> Iterator[Pipe]:
    reading, writing = os.pipe()
    fcntl.fcntl(writing, F_SETPIPE_SZ, 4096)
    with open(writing, "w", encoding="utf-8") as stream:  # noqa: PTH123 - a descriptor
        made = Pipe(reading, stream)
        yield made
        if made.reader.ident is None:
            made.reader.start()  # lets a thread go that still writes
    made.reader.join()
    os.close(reading)


def test_what_nobody_reads_is_dropped_oldest_first_and_every_line_is_accounted_for() -> None:
    with pipe() as end:
        outlet = Outlet(end.stream, lambda lines: f"{lines} left out\n", capacity_bytes=10_000)
        for number in range(FULL):
            outlet.write(f"{number:05} {LINE}")
        outlet.write("last\n")
        assert outlet.dropped > 0
        lines = end.until_read(outlet).splitlines()
    assert lines[-1] == "last"
    whole = [int(line.split()[0]) for line in lines if line.endswith("x")]
    notices = [int(line.split()[0]) for line in lines if line.endswith(" left out")]
    assert whole == sorted(whole)
    assert len(whole) + sum(notices) == FULL
    assert sum(notices) == outlet.dropped


@settings(max_examples=30)
@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=200), max_size=20))
def test_what_is_read_arrives_as_it_was_written(texts: list[str]) -> None:
    with pipe() as end:
        outlet = Outlet(end.stream, str)
        for text in [*texts, "\nlast\n"]:
            assert outlet.write(text) == len(text)
        assert end.until_read(outlet) == "".join(texts) + "\nlast\n"


def test_settling_gives_up_when_nobody_reads_and_says_how_much_was_left_out() -> None:
    with pipe() as end:
        outlet = Outlet(end.stream, str, capacity_bytes=500)
        outlet.write(LINE * 100)
        time.sleep(0.05)
        for _ in range(FULL):
            outlet.write(LINE)
        with pytest.raises(UnreadError, match="lines were left out"):
            outlet.settle(0.1)


def test_settling_waits_for_a_reader_that_is_slow() -> None:
    with pipe() as end:
        outlet = Outlet(end.stream, str)
        for _ in range(FULL // 20):
            outlet.write(LINE)
        taken = 0

        def read_slowly() -> None:
            nonlocal taken
            while taken < FULL // 20 * len(LINE):
                taken += len(os.read(end.reading, 20_000))
                time.sleep(0.01)

        reader = threading.Thread(target=read_slowly)
        reader.start()
        outlet.settle(0.2)
        reader.join()
        assert taken == FULL // 20 * len(LINE)


def test_a_reader_that_has_gone_is_told_to_who_writes_next() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "w", encoding="utf-8") as stream:  # noqa: PTH123 - a descriptor
        outlet = Outlet(stream, str)
        outlet.write(LINE)
        with pytest.raises(BrokenPipeError):
            outlet.settle(5)
        with pytest.raises(BrokenPipeError):
            outlet.write(LINE)


def test_both_streams_on_one_pipe_keep_their_order_and_a_file_is_left_as_it_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.setattr(outlets, "_OUTLETS", {})
    with pipe() as end, os.fdopen(os.dup(end.stream.fileno()), "w", encoding="utf-8") as err:
        monkeypatch.setattr(sys, "stdout", end.stream)
        monkeypatch.setattr(sys, "stderr", err)
        never_wait(as_json=False)
        for number in range(50):
            sys.stdout.write(f"out {number}\n")
            sys.stderr.write(f"err {number}\n")
        settle(5)
        lines = os.read(end.reading, 65536).decode().splitlines()
        assert lines == [f"{name} {number}" for number in range(50) for name in ("out", "err")]
    with (tmp_path_factory.mktemp("file") / "out").open("w") as file:
        monkeypatch.setattr(sys, "stdout", file)
        monkeypatch.setattr(sys, "stderr", file)
        never_wait(as_json=False)
        assert sys.stdout is file


def test_a_program_is_told_in_json_and_the_log_as_soon_as_something_is_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(outlets, "_OUTLETS", {})
    remarks: list[JsonObject] = []
    with pipe() as end:
        monkeypatch.setattr(sys, "stdout", end.stream)
        never_wait(as_json=True)
        outlet = sys.stdout
        assert isinstance(outlet, Outlet)
        outlet._capacity_bytes = 1000

        def say_much(_news: MassageNews) -> None:
            for _ in range(FULL):
                sys.stdout.write(json.dumps({"type": "meter", "fill": LINE}) + "\n")

        Accounting(say_much, remarks.append).publish(Ends(Ending.COMPLETED, ""))
        assert [remark["remark"] for remark in remarks] == [
            "nobody reads what is shown",
            "not shown, since nobody read it",
        ]
        assert remarks[1]["lines"] == outlet.dropped
        sys.stdout.write("last\n")
        lines = end.until_read(outlet).splitlines()
    told = [json.loads(line) for line in lines[:-1]]
    assert sum(line["lines"] for line in told if line["type"] == "dropped") == outlet.dropped


def test_the_cursor_of_a_terminal_that_nobody_reads_is_left_as_it_is() -> None:
    master, slave = pty.openpty()
    os.set_blocking(slave, False)
    with suppress(BlockingIOError):
        while True:
            os.write(slave, LINE.encode())
    os.set_blocking(slave, True)
    writing = threading.Thread(target=lambda: Keyboard(slave, live=True)._cursor(b"\x1b[?25h"), daemon=True)
    writing.start()
    writing.join(2)
    assert not writing.is_alive()
    os.close(master)
    os.close(slave)


@pytest.mark.parametrize("name", ["run", "stop"])
def test_run_and_stop_wait_for_no_reader(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlets, "_OUTLETS", {})
    with pipe() as end:
        monkeypatch.setattr(sys, "stdout", end.stream)
        monkeypatch.setattr(sys, "stderr", end.stream)

        def look(_options: object, work: Coroutine[object, object, object]) -> None:
            work.close()
            assert isinstance(sys.stdout, Outlet)
            assert isinstance(sys.stderr, Outlet)
            raise LookupError("seen before anything else was done")

        known = KnownRoller(
            address="F0:00:00:00:00:01", name="GR-1", serial="00C0FFEE", last_seen_utc=datetime.now(UTC)
        )
        make_folder(tmp_path)
        DeviceRegistry(tmp_path).remember(known)
        screened(tmp_path)
        monkeypatch.setattr(f"glowtool.cli.commands.{name}.run_async", look)
        words = ["run", "first-glow", "--yes"] if name == "run" else ["stop"]
        with pytest.raises(LookupError):
            cli.main(["--data-dir", str(tmp_path), *words], standalone_mode=False)

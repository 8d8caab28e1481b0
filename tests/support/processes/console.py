"""The installed commands as processes that a test types at, listens to and sends signals to."""

from __future__ import annotations

import json
import logging
import os
import re
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

import pytest

from glowtool.cli.app import run
from support.processes.warm import begin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.processes.warm import Process

BIN = Path(sys.executable).parent
PATIENCE_S = 40.0
SERVED_S = 300.0
NONE: Final[frozenset[signal.Signals]] = frozenset()


@dataclass(frozen=True)
class Said:
    """The output and the exit status of a command."""

    status: int
    out: str
    err: str

    def documents(self) -> list[dict[str, object]]:
        """Return its JSON objects; any other line is an error."""
        return [json.loads(line) for line in self.out.splitlines()]

    def document(self) -> dict[str, object]:
        """Return its only JSON object."""
        (only,) = self.documents()
        return only


class Running:
    """A command that runs; both streams are read by a line at a time."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.out: list[str] = []
        self.err: list[str] = []

    def wait_for(self, pattern: str, *, on_stderr: bool = False) -> str:
        """Read lines until one matches and return it; the command's end before that is an error."""
        stream, seen = (self.process.stderr, self.err) if on_stderr else (self.process.stdout, self.out)
        assert stream is not None
        for line in stream:
            seen.append(line)
            if re.search(pattern, line):
                return line
        raise AssertionError(f"ended before {pattern!r}: {self.finish()}")

    def type(self, line: str) -> None:
        """Type a line."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def finish(self) -> Said:
        """Read to the end and return everything that was said."""
        out = "".join([*self.out, _rest(self.process.stdout)])
        err = "".join([*self.err, _rest(self.process.stderr)])
        return Said(self.process.wait(), out, err)


def _rest(stream: IO[str] | None) -> str:
    return "" if stream is None else stream.read()


@dataclass(frozen=True)
class Host:
    """A computer with glowtool: its data directory and its adapter."""

    data_dir: Path
    adapter: str = "sim"
    afresh: bool = False
    """Whether its commands load everything themselves, as they do for a person."""

    @contextmanager
    def running(
        self, *arguments: str, patience_s: float = PATIENCE_S, ignoring: frozenset[signal.Signals] = NONE
    ) -> Iterator[Running]:
        """Run `glowtool` for the time of the block; it is killed when the patience of a test is over."""
        environment = {**os.environ, "GLOWTOOL_DATA_DIR": str(self.data_dir), "GLOWTOOL_ADAPTER": self.adapter}
        with command(
            "glowtool",
            *arguments,
            environment=environment,
            patience_s=patience_s,
            ignoring=ignoring,
            afresh=self.afresh,
        ) as running:
            yield running

    def call_here(self, capsys: pytest.CaptureFixture[str], *arguments: str) -> Said:
        """Run `glowtool` to its end in this process, which has loaded what it needs."""
        return call_here(capsys, "--adapter", self.adapter, "--data-dir", str(self.data_dir), *arguments)

    def pair_by_hand(self, *arguments: str) -> Said:
        """Run `glowtool pair` to its end, and type the passkey that a roller on the adapter `sim` shows."""
        with self.running("pair", *arguments) as pairing:
            shown = re.search(r"passkey (\d{6})", pairing.wait_for(r"passkey \d{6}", on_stderr=True))
            assert shown is not None
            pairing.wait_for(r"^Passkey \(", on_stderr=True)
            pairing.type(shown[1])
            return pairing.finish()

    def call(self, *arguments: str) -> Said:
        """Run `glowtool` to its end."""
        with self.running(*arguments) as running:
            assert running.process.stdin is not None
            running.process.stdin.close()
            return running.finish()


def call_here(capsys: pytest.CaptureFixture[str], *arguments: str) -> Said:
    """Run `glowtool` to its end in this process, with these words alone; what was printed before is dropped."""
    level = logging.getLogger("bumble").level
    capsys.readouterr()
    with pytest.raises(SystemExit) as left:
        run(list(arguments))
    logging.getLogger("bumble").setLevel(level)  # a command that opens an adapter silences it for its process
    assert isinstance(left.value.code, int)
    return Said(left.value.code, *capsys.readouterr())


@contextmanager
def ignoring_only(ignored: frozenset[signal.Signals] = NONE) -> Iterator[None]:
    """Let processes that begin within the block ignore those signals alone, as the suite itself ignores none.

    Signals are set in the main thread only; where none is to be ignored, any thread will do.
    """
    before = {number: signal.getsignal(number) for number in ignored}
    for number in ignored:
        signal.signal(number, signal.SIG_IGN)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def command(
    name: str,
    *arguments: str,
    environment: dict[str, str] | None = None,
    patience_s: float = PATIENCE_S,
    folder: Path | None = None,
    ignoring: frozenset[signal.Signals] = NONE,
    afresh: bool = False,
) -> Iterator[Running]:
    """Run an installed command for the time of the block; what it imports is there already, unless it begins afresh."""
    process = (
        _afresh([str(BIN / name), *arguments], environment, folder, ignoring)
        if afresh
        else begin([name, *arguments], environment, folder=folder, ignoring=ignoring)
    )
    with process:
        impatience = threading.Timer(patience_s, process.kill)
        impatience.start()
        try:
            yield Running(process)
        finally:
            impatience.cancel()
            process.kill()


def _afresh(
    words: list[str], environment: dict[str, str] | None, folder: Path | None, ignoring: frozenset[signal.Signals]
) -> Process:
    pipe = subprocess.PIPE
    with ignoring_only(ignoring):
        return subprocess.Popen(  # noqa: S603 - our own commands
            words, stdin=pipe, stdout=pipe, stderr=pipe, text=True, env=environment, cwd=folder
        )


@dataclass(frozen=True)
class Served:
    """A virtual roller in a process of its own."""

    running: Running
    adapter: str
    passkey: str
    state_dir: Path


@contextmanager
def served(state_dir: Path) -> Iterator[Served]:
    """Have a virtual roller on, for as long as a whole file of tests takes on a busy machine."""
    arguments = ("--port", "0", "--state-dir", str(state_dir))
    with command("glowsim", "serve", *arguments, patience_s=SERVED_S) as running:
        spec = running.wait_for(r"tcp:\S+").split()[-1]
        passkey = next((line.split()[1] for line in running.out if line.startswith("passkey ")), "")
        yield Served(running, spec, passkey, state_dir)
        running.process.terminate()
        assert running.finish().status == 0

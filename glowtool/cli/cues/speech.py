"""Speech by the system's own command: sentences in their order, the newest where several wait, silence at the end."""

from __future__ import annotations

import shutil
import subprocess
import threading
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from glowtool.cli.cues.spoken import ends, spoken_of
from glowtool.errors import UsageError
from glowtool.kit.text.visible import visible

if TYPE_CHECKING:
    from collections.abc import Callable

    from glowtool.session.news import MassageNews

#: Nobody listens to a sentence that is longer than this.
_MOST_CHARACTERS: Final = 300

#: A command that has not spoken a sentence by then never will.
_LONGEST_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Command:
    """A command that speaks what stands in its last argument and ends after it; `hush` ends what a service speaks."""

    program: str
    options: tuple[str, ...] = ()
    hush: tuple[str, ...] = ()

    def saying(self, words: str) -> list[str]:
        """Return the command line; words from outside can be neither an option nor control characters."""
        spoken = visible(" ".join(words.split()))[:_MOST_CHARACTERS].lstrip("- ")
        return [self.program, *self.options, spoken]


#: The first that is there speaks. `spd-say` hands the sentence to a service, which has to be told to be silent.
COMMANDS: Final = (
    Command("say"),
    Command("spd-say", ("--wait",), ("--cancel",)),
    Command("espeak-ng"),
    Command("espeak"),
)


class Talk(Protocol):
    """A process that speaks."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end."""
        ...

    def kill(self) -> None:
        """End it now."""
        ...


def _start(arguments: list[str]) -> Talk:
    # A session of its own: Ctrl-C at the terminal is for the massage, which then silences this.
    return subprocess.Popen(  # noqa: S603 - one of `COMMANDS`, found on the path; the words cannot be an option
        arguments,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip


def find_command(which: Callable[[str], str | None] = shutil.which) -> Command:
    """Return the command of this system that speaks; raises `UsageError` where there is none."""
    for command in COMMANDS:
        if which(command.program) is not None:
            return command
    known = ", ".join(each.program for each in COMMANDS)
    raise UsageError(
        f"--speak needs a command of your system that speaks, and none of {known} is here",
        advice="install one, on Debian `apt install speech-dispatcher`, or leave --speak out",
    )


def _finish(process: Talk) -> None:
    """Wait for the end of a process, and end one that hangs."""
    try:
        process.wait(_LONGEST_S)
    except subprocess.TimeoutExpired:
        with suppress(OSError):
            process.kill()
        process.wait()


class Voice:
    """Speaks what a massage says, from a thread of its own: whoever tells it waits for nothing.

    A sentence that is being spoken is finished, unless the next one must be heard at once. Of those that wait, the
    newest is spoken. `hush` ends all of it.
    """

    def __init__(self, command: Command, start: Callable[[list[str]], Talk] = _start) -> None:
        self._command = command
        self._start = start
        self._changed = threading.Condition()
        self._next: str | None = None
        self._talk: Talk | None = None
        self._hushing: Talk | None = None
        self._silent = False
        self._thread = threading.Thread(target=self._run, name="voice", daemon=True)

    def hear(self, news: MassageNews) -> None:
        """Say what this piece of news says; never waits."""
        if ends(news):
            self.hush()
            return
        spoken = spoken_of(news)
        if spoken is not None:
            self.say(spoken.words, at_once=spoken.manner.at_once)

    def say(self, words: str, *, at_once: bool = False) -> None:
        """Say it next, in place of what waits; `at_once` also in place of what is being spoken."""
        with self._changed:
            if self._silent:
                return
            self._next = words
            if at_once:
                self._cut_off()
            if self._thread.ident is None:
                self._thread.start()
            self._changed.notify_all()

    def hush(self) -> None:
        """Say nothing from now on, and end what is being spoken."""
        with self._changed:
            self._silent, self._next = True, None
            self._cut_off()
            self._changed.notify_all()

    def _cut_off(self) -> None:
        if self._talk is None:
            return
        with suppress(OSError):
            self._talk.kill()
        if self._command.hush:
            with suppress(OSError):
                self._hushing = self._start([self._command.program, *self._command.hush])

    def _run(self) -> None:
        while True:
            with self._changed:
                while self._next is None:
                    if self._silent:
                        return
                    self._changed.wait()
                words, self._next = self._next, None
                try:
                    self._talk = self._start(self._command.saying(words))
                except OSError:  # the command is gone, or no process may begin
                    self._silent = True
                    return
            for process in (self._talk, self._hushing):
                if process is not None:
                    _finish(process)
            with self._changed:
                self._talk = None

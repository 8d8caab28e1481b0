"""The pairing agents of bluetoothd, read from its debug log, since no object on D-Bus lists them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

_REGISTERED: Final = re.compile(r"register_agent\(\) agent (:\S+)$")
_GONE: Final = re.compile(r"agent_destroy\(\) agent (:\S+)$")
_DEFAULT: Final = re.compile(r"add_default_agent\(\) Default agent set to (:\S+) ")
_NO_DEFAULT: Final = "remove_default_agent() Default agent cleared"
_ENDED: Final = "--- bluetoothd ended"


class AgentLog:
    """Reads a log as it grows. `registered` are the bus names that have an agent, `default` is one of them or None."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = 0
        self.registered: set[str] = set()
        self.default: str | None = None

    def read_on(self) -> None:
        """Take note of what has been logged since the last time."""
        with self._path.open("rb") as log:
            log.seek(self._read)
            # A line that is being written comes with the next time.
            complete, newline, _ = log.read().rpartition(b"\n")
        self._read += len(complete) + len(newline)
        for line in complete.decode(errors="replace").splitlines():
            self._take(line)

    def _take(self, line: str) -> None:
        if line.startswith(_ENDED):
            self.registered.clear()
            self.default = None
        elif "agent.c:" not in line:
            return
        elif (gone := _GONE.search(line)) is not None:
            self.registered.discard(gone[1])
        elif (default := _DEFAULT.search(line)) is not None:
            self.default = default[1]
        elif _NO_DEFAULT in line:
            self.default = None
        elif "unregister" not in line and (registered := _REGISTERED.search(line)) is not None:
            self.registered.add(registered[1])

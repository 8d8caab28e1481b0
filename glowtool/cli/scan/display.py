"""The rule for showing scanned devices: each one once its name is known, and a roller again when it changes."""

from __future__ import annotations

import asyncio
import shutil
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from glowtool.app.sighting import Other, Sighting, known_as
from glowtool.cli.scan.lines import other_line, other_object, roller_line, roller_object

if TYPE_CHECKING:
    from glowtool.cli.terminal.output import Printer
    from glowtool.store.rollers.known import KnownRoller

#: A name comes in the scan response, a little later than the device itself; a device without one is shown then.
NAME_S: Final = 1.0

#: A pipe has no width to keep to.
_UNBOUNDED: Final = 10_000


class Display:
    """Shows each device once its name is known, or is overdue; a roller again when it changes."""

    def __init__(self, output: Printer, known: tuple[KnownRoller, ...], *, everything: bool) -> None:
        self._output = output
        self._known = known
        self._everything = everything
        self._shown: dict[str, Sighting | Other] = {}
        self._waiting: dict[str, tuple[float, Sighting | Other]] = {}

    @property
    def rollers(self) -> int:
        """The number of rollers shown."""
        return sum(isinstance(found, Sighting) for found in self._shown.values())

    @property
    def others(self) -> int:
        """The number of other devices shown."""
        return len(self._shown) - self.rollers

    @property
    def summary(self) -> str:
        """The counts, in words."""
        rollers = f"{self.rollers} roller{'' if self.rollers == 1 else 's'}"
        others = f", {self.others} other device{'' if self.others == 1 else 's'}" if self._everything else ""
        return f"{rollers}{others}."

    def take_now(self, address: str, found: Sighting | Other) -> None:
        """Note a device that was just heard, within the event loop, and show what is due."""
        self.take(address, found, asyncio.get_running_loop().time())

    def take(self, address: str, found: Sighting | Other, now_s: float) -> None:
        """Note a device that was heard at a time of the event loop, and show what is due."""
        before = self._shown.get(address)
        if isinstance(found, Other) and (not self._everything or before is not None):
            return
        if before is not None or found.name is not None:
            self._waiting.pop(address, None)
            self._show(address, found)
        else:
            since_s, _ = self._waiting.get(address, (now_s, found))
            self._waiting[address] = since_s, found
        for late, (since_s, waiting) in list(self._waiting.items()):
            if now_s - since_s >= NAME_S:
                del self._waiting[late]
                self._show(late, waiting)

    def end(self) -> None:
        """Show the devices that never gave a name."""
        for address, (_, waiting) in self._waiting.items():
            self._show(address, waiting)
        self._waiting.clear()

    def _show(self, address: str, found: Sighting | Other) -> None:
        before = self._shown.get(address)
        if before is not None and found.name is None:
            found = replace(found, name=before.name)  # not every advertisement carries the name
        self._shown[address] = found
        unchanged = (
            isinstance(found, Sighting)
            and isinstance(before, Sighting)
            and (before.name, before.condition) == (found.name, found.condition)
        )
        if not unchanged:
            self._print(found)

    def _print(self, found: Sighting | Other) -> None:
        known = known_as(found, self._known) if isinstance(found, Sighting) else None
        if self._output.json:
            self._output.json_object(other_object(found) if isinstance(found, Other) else roller_object(found, known))
            return
        width = shutil.get_terminal_size().columns if sys.stdout.isatty() else _UNBOUNDED
        encoding = sys.stdout.encoding
        if isinstance(found, Other):
            self._output.result(other_line(found, encoding=encoding, width=width))
        else:
            self._output.result(roller_line(found, known, encoding=encoding, width=width))

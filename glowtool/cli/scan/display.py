"""The lines and objects for the devices nearby, printed as soon as they are due."""

from __future__ import annotations

import asyncio
import shutil
import sys
from typing import TYPE_CHECKING, Final

from glowtool.app.rollers.sighting import Other, Sighting, known_as
from glowtool.app.watching.nearby import Nearby
from glowtool.cli.scan.lines import other_line, other_object, roller_line, roller_object

if TYPE_CHECKING:
    from glowtool.cli.terminal.output import Printer
    from glowtool.store.rollers.known import KnownRoller

#: A pipe has no width to keep to.
_UNBOUNDED: Final = 10_000


class Display:
    """Prints each device that is due; `nearby` decides which, and counts them."""

    def __init__(self, output: Printer, known: tuple[KnownRoller, ...], *, everything: bool) -> None:
        self.nearby = Nearby(everything=everything)
        self._output = output
        self._known = known

    @property
    def summary(self) -> str:
        """The counts, in words."""
        near = self.nearby
        rollers = f"{near.rollers} roller{'' if near.rollers == 1 else 's'}"
        others = f", {near.others} other device{'' if near.others == 1 else 's'}" if near.everything else ""
        return f"{rollers}{others}."

    def take_now(self, address: str, found: Sighting | Other) -> None:
        """Note a device that was just heard, within the event loop, and print what is due."""
        self.take(address, found, asyncio.get_running_loop().time())

    def take(self, address: str, found: Sighting | Other, now_s: float) -> None:
        """Note a device that was heard at a time of the event loop, and print what is due."""
        for due in self.nearby.take(address, found, now_s):
            self._print(due)

    def end(self) -> None:
        """Print the devices that never gave a name."""
        for left in self.nearby.rest():
            self._print(left)

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

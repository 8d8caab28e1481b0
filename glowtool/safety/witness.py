"""A gate with a witness: what may start or raise an output, and what was refused, is told to whoever writes it down."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from glowtool.errors import SafetyError
from glowtool.model.names import key_of
from glowtool.model.state import UNASKED
from glowtool.safety.gate import Gate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from glowtool.model.ceilings import CeilingId
    from glowtool.model.program import Program
    from glowtool.model.state import DeviceLimits
    from glowtool.safety.limits import PersonalMax

#: Hears of an order, its numbers, and why it was refused; empty: it passed. Called at once, so it waits for nothing.
Witness = Callable[[str, Mapping[str, object], str], None]


#: Hears which program is about to be started; what it raises prevents that. It may wait for the disk.
Begin = Callable[["Program"], Awaitable[None]]


class WitnessedGate(Gate):
    """A gate that judges as every gate, and tells its witness of each judgement; `begin` hears of each start before."""

    def __init__(
        self,
        witness: Witness,
        device: DeviceLimits = UNASKED,
        personal: PersonalMax | None = None,
        begin: Begin | None = None,
    ) -> None:
        super().__init__(device, personal)
        self._witness = witness
        self._begin = begin
        self._prepared = False

    def admit(self, program: Program) -> None:
        """Judge a program; one that passes starts nothing yet, and is not told."""
        try:
            super().admit(program)
        except SafetyError as error:
            self._witness("program", {"steps": len(program)}, str(error))
            raise

    async def prepare_start(self) -> None:
        """Have `begin` hear of the program held."""
        self._prepared = False
        if self._begin is not None:
            try:
                await self._begin(self._require_held().program)
            except SafetyError as error:
                self._witness("start", {}, str(error))
                raise
        self._prepared = True

    def start(self) -> None:
        """Judge the start of the program held, for which `prepare_start` was called just before."""
        with self._witnessed("start"):
            super().start()
            if self._begin is not None and not self._prepared:
                raise SafetyError("start: nobody who counts doses heard of it, so it was not sent")
            self._prepared = False

    def resume(self) -> None:
        """Judge going on with the program held."""
        with self._witnessed("resume"):
            super().resume()

    def store(self) -> None:
        """Judge keeping the program held for use without a host."""
        with self._witnessed("store"):
            super().store()

    def extend(self, extra_ms: int, step: int | None) -> None:
        """Judge more time for the step in progress."""
        with self._witnessed("extend", extra_ms=extra_ms, step=step):
            super().extend(extra_ms, step)

    def trim(self, vibration_percent: int, current_percent: int) -> None:
        """Judge the shares of the program's outputs that a trim leaves."""
        with self._witnessed("trim", vibration_percent=vibration_percent, current_percent=current_percent):
            super().trim(vibration_percent, current_percent)

    def lower(self, which: CeilingId, value: float, least: float = 0.0) -> None:
        """Judge a setting of the device that lowers a ceiling."""
        with self._witnessed("lower", ceiling=key_of(which), value=value):
            super().lower(which, value, least)

    @contextmanager
    def _witnessed(self, order: str, **numbers: object) -> Iterator[None]:
        try:
            yield
        except SafetyError as error:
            self._witness(order, numbers, str(error))
            raise
        self._witness(order, numbers, "")

"""One command in progress, and its result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from glowtool.protocol.vocabulary import Result

if TYPE_CHECKING:
    from glowsim.firmware.core import Core
    from glowsim.firmware.program.executor import Executor
    from glowtool.protocol.commands.codec import Request
    from glowtool.protocol.commands.states import Event
    from glowtool.protocol.wire import Message

_M = TypeVar("_M")


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of a command, its payload on success, and an event that it causes besides its own change of state.

    `tail` holds the bytes that follow the payload when a piece of a record is read.
    """

    result: Result = Result.SUCCESS
    payload: Message | None = None
    event: Event | None = None
    tail: bytes = b""


DONE: Final = Answer()


@dataclass(frozen=True, slots=True)
class Call:
    """A legal command, with everything that its handler needs."""

    core: Core
    now_us: int
    request: Request
    mtu: int

    def operands(self, kind: type[_M]) -> _M:
        """Return the operands, as the class that the codec made of them."""
        operands = self.request.operands
        if not isinstance(operands, kind):
            raise TypeError(f"{self.request.opcode.name} came with {type(operands).__name__}, not {kind.__name__}")
        return operands

    def executor(self) -> Executor:
        """Return the run that a legal command acts on while a program runs or is paused."""
        if self.core.run is None:
            raise RuntimeError(f"state {self.core.state.name} without a run")
        return self.core.run

"""The agent that BlueZ asks while one device is paired: org.bluez.Agent1, on the connection that asked to pair.

BlueZ takes the agent of the connection that calls `Device1.Pair`, so that the system's default agent stays what it is.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from dbus_fast import Message, MessageType

from glowtool.errors import AdapterUnavailableError, PairingCancelledError
from glowtool.link.bluez.bus import BlueZError
from glowtool.link.pairing import in_time, passkey_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from glowtool.link.bluez.bus import Bus
    from glowtool.link.pairing import PairingAnswers

AGENT: Final = "org.bluez.Agent1"
AGENT_PATH: Final = "/glowtool/agent"
_MANAGER: Final = "org.bluez.AgentManager1"
_MANAGER_PATH: Final = "/org/bluez"
#: It can type six digits and compare them: BlueZ then pairs in the best way that the peer supports.
_CAPABILITY: Final = "KeyboardDisplay"

_REJECTED: Final = "org.bluez.Error.Rejected"


class Question(Enum):
    """The kinds of BlueZ's questions."""

    PASSKEY = auto()
    COMPARISON = auto()


_QUESTIONS: Final = {"RequestPasskey": Question.PASSKEY, "RequestConfirmation": Question.COMPARISON}


class Agent:
    """Answers one question of BlueZ about one device; rejects everything else.

    `question` is the question, None before; `asked_at_s` its time on the loop's clock; `answered` whether an answer was
    given. `error` is the error of the answer, or the reason for none; `given_up` is done then.
    """

    def __init__(self, bus: Bus, owner: str, device_path: str, answers: PairingAnswers) -> None:
        self._bus = bus
        self._owner = owner
        self._device_path = device_path
        self._answers = answers
        self._asking: asyncio.Task[None] | None = None
        self.question: Question | None = None
        self.asked_at_s = 0.0
        self.answered = False
        self.error: Exception | None = None
        self.given_up: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def on_message(self, message: Message) -> Message | bool:
        """Take a message of the bus: the reply, True when one follows, False when it is not for an agent."""
        if message.message_type is not MessageType.METHOD_CALL or message.path != AGENT_PATH:
            return False
        if message.interface != AGENT or message.sender != self._owner:
            return _rejected(message, "not for this agent")
        if message.member in {"Release", "Cancel"}:
            self.stop()
            return Message.new_method_return(message)
        question = _QUESTIONS.get(message.member or "")
        if question is None or self.question is not None or message.body[:1] != [self._device_path]:
            return _rejected(message, "glowtool pairs one device, and did not begin this")
        self.question, self.asked_at_s = question, asyncio.get_running_loop().time()
        self._asking = asyncio.ensure_future(self._reply(question, message))
        return True

    def raise_error(self) -> None:
        """Raise the error of the answer, if there is one."""
        if self.error is not None:
            raise self.error

    def stop(self) -> None:
        """Stop asking: the question is no longer BlueZ's."""
        if self._asking is not None:
            self._asking.cancel()

    async def aclose(self) -> None:
        """Stop asking, and wait until the person's side has noticed."""
        self.stop()
        if self._asking is not None:
            await asyncio.wait({self._asking})

    async def _reply(self, question: Question, message: Message) -> None:
        try:
            reply = await self._answer(question, message)
        except Exception as error:  # noqa: BLE001 - whatever an answer raises ends the pairing, and is raised again there
            self.error = error
            # BlueZ gets no error as a reply: it would keep the connection and try to secure it in its own way, which
            # counts at the peer as another attempt. Instead, the caller that waits for this cancels the pairing.
            if not self.given_up.done():
                self.given_up.set_result(None)
        else:
            self.answered = True
            self._bus.send(reply)

    async def _answer(self, question: Question, message: Message) -> Message:
        if question is Question.COMPARISON:
            if not await in_time(self._answers.compare(message.body[1])):
                raise PairingCancelledError("the digits are not the same: nothing was paired", advice="try again")
            return Message.new_method_return(message)
        passkey = passkey_of(await in_time(self._answers.passkey()))
        return Message.new_method_return(message, "u", [passkey])


@asynccontextmanager
async def registered_agent(bus: Bus, device_path: str, answers: PairingAnswers) -> AsyncIterator[Agent]:
    """Register an agent for pairing one device on this bus, for the time of the block.

    It does not ask to be the default agent. If there is no other agent, BlueZ makes it the default by itself; hence it
    rejects all devices but its own.
    """
    agent = Agent(bus, await bus.owner(), device_path, answers)
    ignore = bus.answer(agent.on_message)
    try:
        await bus.call(_MANAGER_PATH, _MANAGER, "RegisterAgent", "os", [AGENT_PATH, _CAPABILITY])
        try:
            yield agent
        finally:
            await agent.aclose()
            # BlueZ drops it too when the bus connection ends, which follows.
            with suppress(BlueZError, AdapterUnavailableError):
                await bus.call(_MANAGER_PATH, _MANAGER, "UnregisterAgent", "o", [AGENT_PATH], start_service=False)
    finally:
        ignore()


def _rejected(message: Message, why: str) -> Message:
    return Message.new_error(message, _REJECTED, why)

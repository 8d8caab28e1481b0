"""A desktop's pairing agent: the system's default one, on its own bus connection, which notes every request."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from dbus_fast import BusType, Message, MessageType
from dbus_fast.aio import MessageBus

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_AGENT: Final = "org.bluez.Agent1"
_PATH: Final = "/desktop/agent"
_MANAGER: Final = "org.bluez.AgentManager1"


class DesktopAgent:
    """`name` is its connection; `asked` has the members that it was called by. It says no to everything."""

    def __init__(self, bus: MessageBus) -> None:
        self._bus = bus
        self.asked: list[str] = []
        assert bus.unique_name is not None
        self.name = bus.unique_name
        bus.add_message_handler(self._on_message)

    def _on_message(self, message: Message) -> Message | bool:
        if message.message_type is not MessageType.METHOD_CALL or message.interface != _AGENT:
            return False
        self.asked.append(message.member or "")
        return Message.new_error(message, "org.bluez.Error.Rejected", "nobody is at the desk")

    async def manage(self, member: str, signature: str, *body: str) -> None:
        """Call the agent manager about this agent."""
        reply = await self._bus.call(
            Message("org.bluez", "/org/bluez", _MANAGER, member, signature=signature, body=[_PATH, *body])
        )
        assert reply is not None
        assert reply.message_type is MessageType.METHOD_RETURN, reply.body


@asynccontextmanager
async def desktop_agent() -> AsyncIterator[DesktopAgent]:
    """Be the system's default agent for the time of the block."""
    bus = await MessageBus(bus_type=BusType.SYSTEM).connect()
    agent = DesktopAgent(bus)
    try:
        await agent.manage("RegisterAgent", "os", "DisplayYesNo")
        await agent.manage("RequestDefaultAgent", "o")
        yield agent
        await agent.manage("UnregisterAgent", "o")
    finally:
        bus.disconnect()
        await bus.wait_for_disconnect()  # type: ignore[no-untyped-call]  # dbus-fast leaves it without

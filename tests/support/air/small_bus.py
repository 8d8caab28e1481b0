"""A system bus with as much of BlueZ as pairing needs, which does at will what a real one does seldom."""

from __future__ import annotations

import asyncio
import io
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from dbus_fast import Message, MessageType, Variant
from dbus_fast._private.unmarshaller import Unmarshaller

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

BLUEZ_OWNER: Final = ":1.1"
HOST: Final = ":1.2"
ADAPTER_PATH: Final = "/org/bluez/hci0"
ADDRESS: Final = "F1:00:00:00:00:01"
DEVICE_PATH: Final = f"{ADAPTER_PATH}/dev_{ADDRESS.replace(':', '_')}"
AGENT: Final = "org.bluez.Agent1"

_FIXED_HEADER: Final = 16

#: What `Device1.Pair` comes to: the name of a D-Bus error with a text, or None for success.
PairOutcome = tuple[str, str] | None


@dataclass(eq=False)
class SmallBus:
    """The bus as a host sees it. `pair` plays what happens while the host pairs; `errors` refuses calls by member."""

    pair: Callable[[SmallBus], Awaitable[PairOutcome]]
    devices: dict[str, dict[str, bool | str]] = field(default_factory=dict)
    errors: dict[str, tuple[str, str]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    agents: dict[str, str] = field(default_factory=dict)
    replies: dict[int, asyncio.Future[Message]] = field(default_factory=dict)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _writer: asyncio.StreamWriter | None = None
    _serial: int = 0

    def add_device(self, path: str = DEVICE_PATH, address: str = ADDRESS, **properties: bool) -> None:
        flags: dict[str, bool | str] = dict.fromkeys(("Paired", "Bonded", "Trusted", "Connected"), False)
        self.devices[path] = {"Address": address, **flags, **properties}

    async def ask(self, member: str, *body: object, sender: str = BLUEZ_OWNER, interface: str = AGENT) -> Message:
        """Call the host's agent, as BlueZ does, and return its reply."""
        signature = "o" if len(body) == 1 else "ou"
        (agent_path,) = self.agents
        call = Message(
            destination=HOST, path=agent_path, interface=interface, member=member, signature=signature,
            body=list(body), sender=sender, serial=self._next(),
        )  # fmt: skip
        reply: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self.replies[call.serial] = reply
        self._write(call)
        return await reply

    def cut(self) -> None:
        """End the bus."""
        assert self._writer is not None
        self._writer.close()

    async def serve_host(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while (await reader.readuntil(b"\r\n")) != b"BEGIN\r\n":
                writer.write(b"OK 00112233445566778899aabbccddeeff\r\n")
            while True:
                self._take(await _message(reader))
        self.agents.clear()
        writer.close()

    def _take(self, message: Message) -> None:
        if message.message_type is MessageType.METHOD_CALL:
            task = asyncio.ensure_future(self._serve(message))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)
        elif (asked := self.replies.pop(message.reply_serial or 0, None)) is not None:
            asked.set_result(message)

    async def _serve(self, call: Message) -> None:
        member = call.member or ""
        self.calls.append(member)
        refused = self.errors.get(member)
        if refused is None and member == "Pair":
            refused = await self.pair(self)
        if refused is not None:
            reply = Message.new_error(call, *refused)
        else:
            reply = Message.new_method_return(call, *self._answer(member, call.path or "", call.body))
        reply.serial, reply.sender = self._next(), BLUEZ_OWNER
        self._write(reply)

    def _answer(self, member: str, path: str, body: list[Any]) -> tuple[str, list[object]]:
        match member:
            case "Hello":
                return "s", [HOST]
            case "GetNameOwner":
                return "s", [BLUEZ_OWNER]
            case "GetManagedObjects":
                return "a{oa{sa{sv}}}", [
                    {path: {"org.bluez.Device1": _variants(of)} for path, of in self.devices.items()}
                ]
            case "RegisterAgent":
                self.agents[body[0]] = body[1]
            case "UnregisterAgent":
                del self.agents[body[0]]
            case "Set":
                self.devices[path][body[1]] = body[2].value
            case "Disconnect":
                self.devices[path]["Connected"] = False
            case "RemoveDevice":
                del self.devices[body[0]]
        return "", []

    def _next(self) -> int:
        self._serial += 1
        return self._serial

    def _write(self, message: Message) -> None:
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(_bytes(message))


@asynccontextmanager
async def small_bus(
    folder: Path, pair: Callable[[SmallBus], Awaitable[PairOutcome]]
) -> AsyncIterator[tuple[SmallBus, str]]:
    """Serve a bus with one device, and yield it with its address for DBUS_SYSTEM_BUS_ADDRESS."""
    bus = SmallBus(pair)
    bus.add_device()
    server = await asyncio.start_unix_server(bus.serve_host, folder / "bus")
    try:
        yield bus, f"unix:path={folder / 'bus'}"
    finally:
        for task in tuple(bus.tasks):
            task.cancel()
        server.close()


def _variants(properties: dict[str, bool | str]) -> dict[str, Variant]:
    return {name: Variant("b" if isinstance(value, bool) else "s", value) for name, value in properties.items()}


def _bytes(message: Message) -> bytes:
    """Return a message on the wire, with its sender, which dbus-fast leaves to the bus."""
    plain = bytes(message._marshall(False))
    fields_end = _FIXED_HEADER + int.from_bytes(plain[12:16], "little")
    sender = (message.sender or "").encode()
    field = b"\x07\x01s\x00" + len(sender).to_bytes(4, "little") + sender + b"\x00"
    fields = _padded(plain[_FIXED_HEADER:fields_end]) + field
    body = plain[fields_end + -fields_end % 8 :]
    return plain[:12] + len(fields).to_bytes(4, "little") + _padded(fields) + body


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 8)


async def _message(reader: asyncio.StreamReader) -> Message:
    head = await reader.readexactly(_FIXED_HEADER)
    body_size, _, fields_size = (int.from_bytes(head[at : at + 4], "little") for at in (4, 8, 12))
    rest = await reader.readexactly(fields_size + -fields_size % 8 + body_size)
    stream: Any = io.BytesIO(head + rest)  # dbus-fast asks for more than it uses
    message: Message | None = Unmarshaller(stream).unmarshall()
    assert message is not None
    return message

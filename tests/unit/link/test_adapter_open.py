"""An adapter that cannot be opened is refused in words: no radio, no server, no package."""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from bleak.backends.device import BLEDevice
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakDBusError,
    BleakError,
)

from glowtool.errors import AdapterUnavailableError, PairingError, PairingTimeoutError, UsageError
from glowtool.link.adapters import Adapter, AdapterSpec, open_adapter
from glowtool.link.bumble import transport as transport_module
from glowtool.link.errors import LinkLostError, LinkTimeoutError
from glowtool.link.pairing import PairingAnswers, PairingMethod, PairingSigns
from glowtool.link.scan import discover
from glowtool.link.system import SystemAdapter, unavailable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path


async def _open(text: str, directory: Path) -> Adapter:
    async with open_adapter(
        AdapterSpec.parse(text), bonds_dir=directory / "bonds", state_dir=directory / "state", announce=print
    ) as adapter:
        return adapter


@pytest.mark.parametrize("text", ["auto", "hci7"])
async def test_no_bluetooth_on_this_machine_is_one_clear_sentence(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/no-such-bus")
    adapter = await _open(text, tmp_path)
    scanner = adapter.scanner()

    with pytest.raises(AdapterUnavailableError) as caught:
        await scanner.start()

    assert "no Bluetooth adapter" in str(caught.value)
    assert "--adapter sim" in str(caught.value)
    assert "\n" not in str(caught.value)


async def test_connecting_without_bluetooth_says_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/no-such-bus")
    adapter = await _open("auto", tmp_path)

    with pytest.raises(AdapterUnavailableError, match="--adapter sim"):
        await adapter.client("F1:00:00:00:00:01").connect()


async def test_discover_raises_when_there_is_no_bluetooth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/no-such-bus")
    adapter = await _open("auto", tmp_path)

    with pytest.raises(AdapterUnavailableError, match="no Bluetooth adapter"):
        _ = [sighting async for sighting in discover(adapter, 0.1)]


@pytest.mark.parametrize(
    "error",
    [
        BleakBluetoothNotAvailableError("x", BleakBluetoothNotAvailableReason.NO_BLUETOOTH),
        BleakBluetoothNotAvailableError("x", BleakBluetoothNotAvailableReason.POWERED_OFF),
        BleakDBusError("org.freedesktop.DBus.Error.ServiceUnknown", ["no bluez"]),
        BleakError("Unsupported backend"),
        FileNotFoundError(2, "No such file or directory"),
        EOFError(),
    ],
)
def test_every_way_to_have_no_bluetooth_says_what_to_do(error: Exception) -> None:
    assert "--adapter sim" in str(unavailable("hci0", error))


async def test_nothing_behind_a_tcp_port(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    with pytest.raises(AdapterUnavailableError, match="glowsim serve") as caught:
        await _open(f"tcp:127.0.0.1:{port}", tmp_path)

    assert f"tcp:127.0.0.1:{port}" in str(caught.value)


async def test_a_server_that_is_no_controller(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glowtool.link.bumble.host._POWER_TIMEOUT_S", 0.05)

    hung_up = asyncio.Event()

    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        await writer.wait_closed()
        hung_up.set()

    async with await asyncio.start_server(swallow, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(AdapterUnavailableError, match="no HCI controller answers"):
            await _open(f"tcp:127.0.0.1:{port}", tmp_path)
        await hung_up.wait()


async def test_a_server_that_hangs_up_during_power_on(tmp_path: Path) -> None:
    hung_up = asyncio.Event()

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(1)
        writer.close()
        await writer.wait_closed()
        hung_up.set()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with asyncio.timeout(5):
            with pytest.raises(AdapterUnavailableError, match="does not start"):
                await _open(f"tcp:127.0.0.1:{port}", tmp_path)
            await hung_up.wait()


@pytest.mark.parametrize("text", ["bumble:no-such-transport", "bumble:file:/no/such/file", "bumble:usb"])
async def test_a_bumble_transport_that_cannot_be_opened(text: str, tmp_path: Path) -> None:
    with pytest.raises(AdapterUnavailableError, match=text):
        await _open(text, tmp_path)


async def test_an_adapter_that_no_package_brings(tmp_path: Path) -> None:
    with pytest.raises(AdapterUnavailableError, match=r"no-such-thing.*glowtool\.adapters"):
        await _open("no-such-thing:x", tmp_path)


async def test_an_entry_point_gets_its_argument_and_directories(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[object] = []

    @asynccontextmanager
    async def opener(argument: str | None, *, state_dir: Path, announce: Callable[[str], None]) -> AsyncIterator[None]:
        seen.extend([argument, state_dir, announce])
        yield None
        seen.append("closed")

    point = SimpleNamespace(name="mine", load=lambda: opener)
    monkeypatch.setattr(transport_module, "entry_points", lambda *, group: [point] if group else [])

    async with transport_module.open_hci_transport(AdapterSpec.parse("mine:windy"), state_dir=tmp_path, announce=print):
        assert seen == ["windy", tmp_path, print]
    assert seen[-1] == "closed"


async def test_an_entry_point_that_does_not_load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def load() -> object:
        raise ImportError("No module named 'gone'")

    point = SimpleNamespace(name="mine", load=load)
    monkeypatch.setattr(transport_module, "entry_points", lambda *, group: [point] if group else [])

    with pytest.raises(AdapterUnavailableError, match="cannot be loaded"):
        await _open("mine", tmp_path)


class DialogueClient:
    """A client of a system that pairs in a dialogue of its own; `trouble` is what comes of it."""

    address = "F1:00:00:00:00:01"

    def __init__(
        self,
        trouble: Exception | None,
        *,
        pairs_on_access: bool = False,
        stays: bool = True,
        answers: bool = True,
    ) -> None:
        self._trouble = trouble
        self._answers = answers
        self._pairs_on_access = pairs_on_access
        self._stays = stays
        self.is_connected = False
        self.calls: list[str] = []

    async def connect(self) -> None:
        self.calls.append("connect")
        if not self._answers:
            raise TimeoutError
        self.is_connected = True

    async def pair(self) -> None:
        self.calls.append("pair")
        if self._pairs_on_access:
            raise NotImplementedError
        self._end()

    async def read_gatt_char(self, uuid: str) -> bytearray:
        self.calls.append(f"read {uuid}")
        self._end()
        return bytearray()

    async def unpair(self) -> None:
        self.calls.append("unpair")
        self._end()

    async def disconnect(self) -> None:
        self.calls.append("disconnect")

    def _end(self) -> None:
        self.is_connected = self._stays
        if self._trouble is not None:
            raise self._trouble


#: Of some device: what it announces does not matter here.
SIGNS = PairingSigns(lambda _: None, "protected")


async def _pair_in_dialogue(
    client: DialogueClient, monkeypatch: pytest.MonkeyPatch, signs: PairingSigns | None = SIGNS
) -> PairingMethod:
    async def unasked(*_: object) -> bool:
        raise AssertionError("the system asks, and nobody else")

    monkeypatch.setattr(SystemAdapter, "client", lambda _self, _device: client)
    device = BLEDevice("F1:00:00:00:00:01", "GR-1 0001", None)
    return await SystemAdapter(None).pair(device, PairingAnswers(unasked, unasked), signs=signs)


@pytest.mark.parametrize(("on_access", "calls"), [(False, ["pair"]), (True, ["pair", "read protected"])])
async def test_the_system_pairs_in_its_own_dialogue(
    on_access: bool, calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = DialogueClient(None, pairs_on_access=on_access)

    await _pair_in_dialogue(client, monkeypatch)

    assert client.calls == ["connect", *calls, "disconnect"]


async def test_a_system_that_pairs_on_reading_is_not_taken_to_have_paired_when_nothing_to_read_is_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = DialogueClient(None, pairs_on_access=True)

    with pytest.raises(PairingError, match="what this device protects is not known"):
        await _pair_in_dialogue(client, monkeypatch, None)

    assert client.calls == ["connect", "pair", "disconnect"]


@pytest.mark.parametrize(
    ("trouble", "stays", "expected"),
    [
        (BleakError("not allowed"), True, PairingError),
        (BleakError("gone"), False, LinkLostError),
        (TimeoutError(), True, PairingTimeoutError),
    ],
)
async def test_a_dialogue_that_fails_is_classified(
    trouble: Exception, stays: bool, expected: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = DialogueClient(trouble, stays=stays)

    with pytest.raises(expected) as caught:
        await _pair_in_dialogue(client, monkeypatch)

    assert type(caught.value) is expected
    assert client.calls[-1] == "disconnect"


async def test_a_peer_that_does_not_answer_never_sees_the_dialogue(monkeypatch: pytest.MonkeyPatch) -> None:
    client = DialogueClient(None, answers=False)

    with pytest.raises(LinkTimeoutError):
        await _pair_in_dialogue(client, monkeypatch)

    assert client.calls == ["connect", "disconnect"]


@pytest.mark.parametrize(("trouble", "told"), [(None, False), (NotImplementedError(), False), (BleakError("no"), True)])
async def test_a_bond_is_dropped_where_the_system_lets_us(
    trouble: Exception | None, told: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = DialogueClient(trouble)
    monkeypatch.setattr(SystemAdapter, "client", lambda _self, _address: client)

    if told:
        with pytest.raises(PairingError, match="Bluetooth settings"):
            await SystemAdapter(None).forget(client.address)
    else:
        await SystemAdapter(None).forget(client.address)

    assert client.calls == ["unpair"]


async def test_the_systems_bonds_are_not_denied() -> None:
    # bleak cannot ask for them: to say no would keep a paired roller from ever being used.
    assert await SystemAdapter(None).bonded("F1:00:00:00:00:01")


class UsbError(Exception):
    """What a driver raises, of no class that we know."""


@pytest.mark.parametrize(
    "error", [UsbError("LIBUSB_ERROR_OTHER [-99]"), Exception("no such thing"), OverflowError("port"), RuntimeError()]
)
async def test_whatever_a_transport_fails_with_the_adapter_cannot_be_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    async def fail(_: str) -> None:
        raise error

    monkeypatch.setattr(transport_module, "open_transport", fail)
    with pytest.raises(AdapterUnavailableError, match="bumble:usb:0 cannot be opened"):
        await _open("bumble:usb:0", tmp_path)


@pytest.mark.parametrize(
    "name",
    ["", "x", ":", "usb:", "usb:x:y:z", "hci-socket:99999", "tcp-client:[", "tcp-client:127.0.0.1:99999",
     "tcp-client:a", "serial:", "unix:", "udp:x", "udp:_:1,x", "ws-client:x", "file:/dev/null/x", "vhci:/nowhere",
     "pyusb:x", "[x"],
)  # fmt: skip
async def test_no_name_of_a_transport_is_an_internal_error(tmp_path: Path, name: str) -> None:
    with pytest.raises((AdapterUnavailableError, UsageError)):
        await _open(f"bumble:{name}", tmp_path)

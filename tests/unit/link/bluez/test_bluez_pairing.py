"""Pairing through BlueZ, with a bus that does at will what a real one does seldom: nothing is ever left behind."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

import pytest
from bleak.backends.device import BLEDevice
from dbus_fast import Message, MessageType

from glowtool.errors import (
    AdapterUnavailableError,
    AlreadyPairedError,
    ConnectFailedError,
    ConnectionLostError,
    DeviceNotFoundError,
    PairingCancelledError,
    PairingError,
    PairingTimeoutError,
    PairingWindowClosedError,
    PasskeyWrongError,
    WeakPairingError,
)
from glowtool.link.bluez import bus as bus_module
from glowtool.link.bluez.adapter import BlueZAdapter
from glowtool.link.bluez.bond.pairing import pair_device
from glowtool.link.bluez.bus import open_bus
from glowtool.link.pairing import PairingAnswers, PairingMethod
from support.air.small_bus import ADDRESS, DEVICE_PATH, PairOutcome, SmallBus, small_bus

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

PASSKEY = 12_345
FAILED = ("org.bluez.Error.AuthenticationFailed", "Authentication Failed")
CANCELED = ("org.bluez.Error.AuthenticationCanceled", "Authentication Canceled")


async def test_a_bus_that_accepts_and_never_answers_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bus_module, "CALL_TIMEOUT_S", 0.2)
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path / 'mute'}")
    with socket.socket(socket.AF_UNIX) as mute:
        mute.bind(str(tmp_path / "mute"))
        mute.listen()
        with pytest.raises(AdapterUnavailableError, match="D-Bus did not answer"):
            async with open_bus():
                pass


@pytest.fixture
async def bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SmallBus]:
    async with small_bus(tmp_path, passkey_asked) as (bus, address):
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", address)
        yield bus


async def passkey_asked(bus: SmallBus) -> PairOutcome:
    """A peer with a display."""
    reply = await bus.ask("RequestPasskey", DEVICE_PATH)
    return succeed(bus) if reply.body == [PASSKEY] else FAILED


async def comparison_asked(bus: SmallBus) -> PairOutcome:
    reply = await bus.ask("RequestConfirmation", DEVICE_PATH, 42)
    return succeed(bus) if reply.message_type is MessageType.METHOD_RETURN else FAILED


async def nothing_asked(bus: SmallBus) -> PairOutcome:
    return succeed(bus)


def succeed(bus: SmallBus) -> PairOutcome:
    bus.devices[DEVICE_PATH].update(Paired=True, Bonded=True, Connected=True)
    return None


async def right() -> int:
    return PASSKEY


async def never() -> int:
    waiting: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    return await waiting


async def yes(*_: object) -> bool:
    return True


async def no(*_: object) -> bool:
    return False


def answers(
    passkey: Callable[[], Awaitable[int]] = right,
    compare: Callable[[int], Awaitable[bool]] = yes,
    just_works: Callable[[], Awaitable[bool]] | None = None,
) -> PairingAnswers:
    return PairingAnswers(passkey, compare, just_works)


async def pair(of: PairingAnswers | None = None, timeout_s: float = 5.0) -> PairingMethod:
    return await pair_device(DEVICE_PATH, ADDRESS, of or answers(), timeout_s)


async def settled(bus: SmallBus) -> None:
    """Wait until the bus has noticed that its host has gone."""
    async with asyncio.timeout(5):
        while bus.agents:  # noqa: ASYNC110 - the bus has no events, and this takes a turn or two
            await asyncio.sleep(0)


async def test_a_passkey_on_the_peers_display(bus: SmallBus) -> None:
    assert await pair() is PairingMethod.PASSKEY

    assert bus.devices[DEVICE_PATH] == {
        "Address": ADDRESS, "Paired": True, "Bonded": True, "Trusted": True, "Connected": False,
    }  # fmt: skip
    order = [call for call in bus.calls if call in {"RegisterAgent", "Pair", "Set", "UnregisterAgent", "Disconnect"}]
    assert order == ["RegisterAgent", "Pair", "Set", "UnregisterAgent", "Disconnect"]
    assert "RequestDefaultAgent" not in bus.calls


async def test_the_agent_can_type_and_compare(bus: SmallBus) -> None:
    async def look(bus: SmallBus) -> PairOutcome:
        assert list(bus.agents.values()) == ["KeyboardDisplay"]
        return await passkey_asked(bus)

    bus.pair = look
    await pair()


@pytest.mark.parametrize(("answer", "method"), [(yes, PairingMethod.COMPARISON), (no, None)])
async def test_numbers_are_compared(
    bus: SmallBus, answer: Callable[[int], Awaitable[bool]], method: PairingMethod | None
) -> None:
    shown: list[int] = []

    async def compare(number: int) -> bool:
        shown.append(number)
        return await answer(number)

    bus.pair = comparison_asked
    if method is None:
        with pytest.raises(PairingCancelledError, match="not the same"):
            await pair(answers(compare=compare))
        assert "CancelPairing" in bus.calls
    else:
        assert await pair(answers(compare=compare)) is method
    assert shown == [42]


async def test_just_works_where_the_person_agreed(bus: SmallBus) -> None:
    bus.pair = nothing_asked

    assert await pair(answers(just_works=yes)) is PairingMethod.JUST_WORKS


async def test_just_works_that_the_person_refuses_is_never_begun(bus: SmallBus) -> None:
    bus.pair = nothing_asked

    with pytest.raises(WeakPairingError):
        await pair(answers(just_works=no))

    assert "Pair" not in bus.calls


async def test_just_works_of_a_peer_with_a_display_is_taken_back(bus: SmallBus) -> None:
    bus.pair = nothing_asked

    with pytest.raises(WeakPairingError, match="although it has a display"):
        await pair()

    assert DEVICE_PATH not in bus.devices
    assert "Set" not in bus.calls  # never trusted


async def test_what_is_none_of_its_business_the_agent_rejects(bus: SmallBus) -> None:
    rejected: list[Message] = []

    async def pry(bus: SmallBus) -> PairOutcome:
        rejected.append(await bus.ask("RequestPasskey", DEVICE_PATH.replace("01", "02")))
        rejected.append(await bus.ask("RequestPasskey", DEVICE_PATH, sender=":1.66"))
        rejected.append(await bus.ask("RequestPinCode", DEVICE_PATH))
        rejected.append(await bus.ask("RequestAuthorization", DEVICE_PATH))
        rejected.append(await bus.ask("RequestPasskey", DEVICE_PATH, interface="org.example.Agent"))
        outcome = await passkey_asked(bus)
        rejected.append(await bus.ask("RequestPasskey", DEVICE_PATH))  # a second time
        return outcome

    bus.pair = pry

    assert await pair() is PairingMethod.PASSKEY
    assert [reply.error_name for reply in rejected] == ["org.bluez.Error.Rejected"] * 6


@pytest.mark.parametrize(
    ("raised", "expected"),
    [(PairingCancelledError("not now"), PairingCancelledError), (RuntimeError("boom"), RuntimeError)],
)
async def test_what_an_answer_raises_comes_out_and_ends_the_pairing(
    bus: SmallBus, raised: Exception, expected: type[Exception]
) -> None:
    async def fail() -> int:
        raise raised

    with pytest.raises(expected) as caught:
        await pair(answers(fail))

    assert caught.value is raised
    assert "CancelPairing" in bus.calls
    assert not bus.agents


@pytest.mark.parametrize("passkey", [-1, 1_000_000])
async def test_what_is_no_passkey_is_never_sent(bus: SmallBus, passkey: int) -> None:
    async def source() -> int:
        return passkey

    bus.pair = unanswered
    with pytest.raises(PasskeyWrongError, match="six digits"):
        await pair(answers(source))


async def unanswered(bus: SmallBus) -> PairOutcome:
    await bus.ask("RequestPasskey", DEVICE_PATH)
    raise AssertionError("there was a reply")


async def fails_before_asking(bus: SmallBus, error: tuple[str, str]) -> PairOutcome:
    del bus
    return error


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (FAILED, PairingWindowClosedError),
        (("org.bluez.Error.AuthenticationRejected", ""), PairingWindowClosedError),
        (CANCELED, ConnectionLostError),
        (("org.bluez.Error.AuthenticationTimeout", ""), PairingTimeoutError),
        (("org.bluez.Error.ConnectionAttemptFailed", "Page Timeout"), ConnectFailedError),
        (("org.bluez.Error.Failed", "Input/output error"), ConnectFailedError),
        (("org.bluez.Error.InProgress", "In Progress"), PairingError),
        (("org.bluez.Error.AlreadyExists", "Already Exists"), AlreadyPairedError),
        (("org.bluez.Error.NotReady", "Resource Not Ready"), AdapterUnavailableError),
        (("org.freedesktop.DBus.Error.UnknownObject", ""), DeviceNotFoundError),
        (("org.freedesktop.DBus.Error.AccessDenied", "Rejected send message"), AdapterUnavailableError),
        (("org.freedesktop.DBus.Error.NoReply", ""), AdapterUnavailableError),
        (("org.bluez.Error.Odd", "something new"), PairingError),
    ],
)
async def test_each_error_before_a_question_has_its_cause(
    bus: SmallBus, error: tuple[str, str], expected: type[Exception]
) -> None:
    bus.pair = lambda bus: fails_before_asking(bus, error)

    with pytest.raises(expected) as caught:
        await pair()

    assert type(caught.value) is expected or isinstance(caught.value, expected)
    assert not bus.agents
    assert ";" in str(caught.value)  # what failed, and what to do next


async def test_a_connection_that_fails_in_passing_is_tried_again(bus: SmallBus) -> None:
    async def second_time(bus: SmallBus) -> PairOutcome:
        if bus.calls.count("Pair") == 1:
            return ("org.bluez.Error.Failed", "Input/output error")
        return await passkey_asked(bus)

    bus.pair = second_time

    assert await pair() is PairingMethod.PASSKEY


@pytest.mark.parametrize(
    ("answered", "error", "expected"),
    [
        (True, FAILED, PasskeyWrongError),
        (False, FAILED, PairingCancelledError),
        (False, CANCELED, ConnectionLostError),
        (True, CANCELED, ConnectionLostError),
    ],
)
async def test_each_error_after_a_question_has_its_cause(
    bus: SmallBus, answered: bool, error: tuple[str, str], expected: type[Exception]
) -> None:
    async def fail_after_asking(bus: SmallBus) -> PairOutcome:
        asking = asyncio.ensure_future(bus.ask("RequestPasskey", DEVICE_PATH))
        if answered:
            await asking
        else:
            await bus.ask("Cancel", DEVICE_PATH)
            asking.cancel()
        return error

    bus.pair = fail_after_asking
    with pytest.raises(expected):
        await pair(answers(right if answered else never))

    assert not bus.agents
    assert DEVICE_PATH not in bus.devices
    assert "Set" not in bus.calls  # never trusted


async def test_nobody_answers_in_time(bus: SmallBus) -> None:
    was_cancelled = asyncio.Event()

    async def wait_for_ever() -> int:
        try:
            return await never()
        finally:
            was_cancelled.set()

    with pytest.raises(PairingTimeoutError, match=r"more than 0\.2 s"):
        await pair(answers(wait_for_ever), timeout_s=0.2)

    assert was_cancelled.is_set()
    assert "CancelPairing" in bus.calls
    assert not bus.agents


async def test_a_cancelled_pairing_leaves_nothing(bus: SmallBus) -> None:
    asked = asyncio.Event()

    async def wait_for_ever() -> int:
        asked.set()
        return await never()

    pairing = asyncio.ensure_future(pair(answers(wait_for_ever)))
    await asked.wait()
    bus.devices[DEVICE_PATH]["Connected"] = True
    pairing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await pairing

    assert "CancelPairing" in bus.calls
    assert not bus.agents
    assert DEVICE_PATH not in bus.devices


async def test_a_bond_that_came_about_just_before_the_end_is_taken_back(bus: SmallBus) -> None:
    async def paired_but_silent(bus: SmallBus) -> PairOutcome:
        succeed(bus)
        await never()
        return None

    bus.pair = paired_but_silent
    with pytest.raises(PairingTimeoutError):
        await pair(timeout_s=0.2)

    assert DEVICE_PATH not in bus.devices


async def test_the_bus_goes_away_in_the_middle(bus: SmallBus) -> None:
    async def cut(bus: SmallBus) -> PairOutcome:
        bus.cut()
        await never()
        return None

    bus.pair = cut
    async with asyncio.timeout(5):
        with pytest.raises(AdapterUnavailableError, match="D-Bus"):
            await pair()
    await settled(bus)


@pytest.mark.parametrize("member", ["GetManagedObjects", "GetNameOwner", "RegisterAgent"])
async def test_no_permission(bus: SmallBus, member: str) -> None:
    bus.errors[member] = ("org.freedesktop.DBus.Error.AccessDenied", "Sender is not authorized")

    with pytest.raises(AdapterUnavailableError, match="group `bluetooth`"):
        await pair()

    assert "Pair" not in bus.calls


async def test_a_bonded_device_is_never_asked_to_pair(bus: SmallBus) -> None:
    # BlueZ 5.66 would try BR/EDR, and not answer.
    succeed(bus)

    with pytest.raises(AlreadyPairedError, match="--repair"):
        await pair()

    assert "Pair" not in bus.calls


async def test_a_connected_device_is_disconnected_first(bus: SmallBus) -> None:
    bus.devices[DEVICE_PATH]["Connected"] = True

    await pair()

    assert bus.calls.index("Disconnect") < bus.calls.index("Pair")


async def test_a_peer_that_keeps_no_bond(bus: SmallBus) -> None:
    async def without_bond(bus: SmallBus) -> PairOutcome:
        await bus.ask("RequestPasskey", DEVICE_PATH)
        bus.devices[DEVICE_PATH]["Paired"] = True
        return None

    bus.pair = without_bond
    with pytest.raises(PairingError, match="keeps no bond"):
        await pair()


async def test_bonds_are_asked_of_bluez_and_removed_there(bus: SmallBus) -> None:
    adapter = BlueZAdapter("hci0")
    assert not await adapter.bonded(ADDRESS)
    succeed(bus)

    assert await adapter.bonded(ADDRESS.lower())
    assert not await BlueZAdapter("hci1").bonded(ADDRESS)
    await adapter.forget(ADDRESS)
    await adapter.forget(ADDRESS)

    assert not await adapter.bonded(ADDRESS)
    assert not bus.devices


@pytest.mark.parametrize(
    ("error", "told"), [("org.bluez.Error.DoesNotExist", False), ("org.bluez.Error.NotAuthorized", True)]
)
async def test_a_bond_that_bluez_does_not_remove_is_said(bus: SmallBus, error: str, told: bool) -> None:
    succeed(bus)
    bus.errors["RemoveDevice"] = (error, "")

    if told:
        with pytest.raises(PairingError, match=f"bluetoothctl remove {ADDRESS}"):
            await BlueZAdapter("hci0").forget(ADDRESS)
    else:
        await BlueZAdapter("hci0").forget(ADDRESS)


async def test_the_identity_address_is_told_after_pairing(bus: SmallBus) -> None:
    bus.devices[DEVICE_PATH]["Address"] = "F1:00:00:00:00:99"
    heard = BLEDevice(ADDRESS, "GR-1 0001", {"path": DEVICE_PATH})

    assert await BlueZAdapter(None).identity_address(heard) == "F1:00:00:00:00:99"
    # What another adapter heard says nothing about D-Bus.
    assert await BlueZAdapter(None).identity_address(BLEDevice(ADDRESS, None, object())) == ADDRESS

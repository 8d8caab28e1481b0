"""A pairing through BlueZ that fails raises the error of its cause, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

import pytest

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
)
from glowtool.link.bluez import bus as bus_module
from glowtool.link.bluez.bus import open_bus
from glowtool.link.pairing import PairingMethod
from support.air.bluez_peer import CANCELED, FAILED, answers, pair, passkey_asked, right, settled, succeed
from support.air.people import never
from support.air.small_bus import DEVICE_PATH, PairOutcome, SmallBus

if TYPE_CHECKING:
    from pathlib import Path


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


async def test_a_peer_that_keeps_no_bond(bus: SmallBus) -> None:
    async def without_bond(bus: SmallBus) -> PairOutcome:
        await bus.ask("RequestPasskey", DEVICE_PATH)
        bus.devices[DEVICE_PATH]["Paired"] = True
        return None

    bus.pair = without_bond
    with pytest.raises(PairingError, match="keeps no bond"):
        await pair()

"""Pairing through BlueZ asks the right person and makes the right bond, on a bus that can do rare things."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bleak.backends.device import BLEDevice

from glowtool.errors import AlreadyPairedError, PairingCancelledError, PairingError, PasskeyWrongError, WeakPairingError
from glowtool.link.bluez.adapter import BlueZAdapter
from glowtool.link.pairing import PairingMethod
from support.air.bluez_peer import (
    answers,
    comparison_asked,
    nothing_asked,
    pair,
    passkey_asked,
    succeed,
    unanswered,
)
from support.air.people import no, yes
from support.air.small_bus import ADDRESS, DEVICE_PATH, PairOutcome, SmallBus

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from dbus_fast import Message


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

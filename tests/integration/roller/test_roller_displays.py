"""Rollers with other displays compare numbers or show none, and no host can talk them down."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from bumble import att, core, hci, smp
from bumble.crypto.cryptography import EccKey
from bumble.keys import MemoryKeyStore

from glowsim.console.console import Console as Commands
from glowsim.firmware.flash.layout import Kind
from glowsim.peripheral import link as link_module
from glowsim.peripheral.pairing.screen import CLOSED, PAIRED, READY, Screen, Shows
from glowsim.roller.roller import LONG_PRESS_S
from glowsim.scene.scenario import Scenario
from glowtool.errors import InputError
from glowtool.model.state import Capability, State
from glowtool.protocol import gatt
from glowtool.protocol.advertising import AdvertisingFlag
from glowtool.protocol.program import encode_program
from glowtool.protocol.status import decode_feature
from support.air.advertised import advertised
from support.air.radio import ADDRESS, IoCapability, RadioHost, host_on_air, refusal
from support.air.rollers import Bench, Console, bench, until
from support.device.firmware_bench import step

if TYPE_CHECKING:
    from pathlib import Path

COMPARISON = Scenario.model_validate({"device": {"display": "comparison"}})
NONE = Scenario.model_validate({"device": {"display": "none"}})
YES_NO = IoCapability.DISPLAY_OUTPUT_AND_YES_NO_INPUT


def no_passkey() -> int:
    raise AssertionError("no passkey is asked for")


async def compared(there: Bench, host: RadioHost, *, same: bool, at_the_host: bool = True) -> list[int]:
    """Pair by comparison while the person at the roller gives an answer; returns the number that the host was shown."""
    numbers: list[int] = []

    def compare(number: int) -> bool:
        numbers.append(number)
        return at_the_host

    async def answer() -> None:
        await until(lambda: there.roller.peripheral is not None and there.roller.peripheral.desk.comparing)
        there.roller.confirm(same=same)

    answering = asyncio.create_task(answer())
    try:
        await host.pair(no_passkey, capability=YES_NO, compare=compare)
    finally:
        answering.cancel()
    return numbers


async def test_both_sides_show_one_number_and_both_people_confirm_it(tmp_path: Path) -> None:
    keys = MemoryKeyStore()
    async with bench(tmp_path, scenario=COMPARISON) as there, host_on_air(there.air, keys) as host:
        assert there.display == [str(READY)]
        await host.connect(there.roller.address)
        (number,) = await compared(there, host, same=True)
        await until(lambda: there.display[-1] == str(PAIRED))
        assert there.display == [str(READY), str(Screen(Shows.COMPARISON, number)), str(PAIRED)]
        feature = decode_feature(await host.find(gatt.FEATURE).read_value())
        assert Capability.DISPLAY in feature.capabilities
        ((_, bond),) = await there.roller.bonds.get_all()
        assert bond.ltk is not None
        assert bond.ltk.authenticated
    async with bench(tmp_path, scenario=COMPARISON) as there, host_on_air(there.air, keys) as host:
        await host.connect(there.roller.address)
        await host.encrypt()
        assert (await Console(host).status()).state is State.IDLE


async def test_who_says_no_at_the_roller_ends_it_and_the_host_is_told_why(tmp_path: Path) -> None:
    async with bench(tmp_path, scenario=COMPARISON) as there, host_on_air(there.air) as host:
        await host.connect(there.roller.address)
        for _ in range(3):
            assert await refusal(compared(there, host, same=False)) == smp.ErrorCode.NUMERIC_COMPARISON_FAILED
        assert there.display[-1] == str(CLOSED)
        assert there.roller.bonds.addresses == []
        with pytest.raises(att.ATT_Error):
            await host.find(gatt.FEATURE).read_value()


async def test_who_says_no_at_the_host_leaves_no_bond_and_nothing_to_confirm(tmp_path: Path) -> None:
    async with bench(tmp_path, scenario=COMPARISON) as there, host_on_air(there.air) as host:
        await host.connect(there.roller.address)
        with pytest.raises(core.ProtocolError):
            await compared(there, host, same=True, at_the_host=False)
        await until(lambda: there.display[-1] == str(READY))
        assert there.roller.bonds.addresses == []
        with pytest.raises(InputError, match="no number to compare"):
            there.roller.confirm()
        assert await compared(there, host, same=True)
        await until(lambda: there.roller.bonds.addresses == [ADDRESS])


async def test_the_button_answers_and_so_does_the_console(tmp_path: Path) -> None:
    async with bench(tmp_path, scenario=COMPARISON) as there, host_on_air(there.air) as host:
        commands = Commands(there.roller, lambda: None)
        await host.connect(there.roller.address)

        async def paired_when(act: str) -> None:
            pairing = asyncio.create_task(host.pair(no_passkey, capability=YES_NO))
            await until(lambda: there.display[-1].startswith("same"))
            if act == "hold":
                there.roller.press_button(LONG_PRESS_S)
            elif act == "press":
                there.roller.press_button(0.2)
            else:
                commands.obey(act)
            await pairing

        for act in ("hold", "confirm no"):
            assert await refusal(paired_when(act)) == smp.ErrorCode.NUMERIC_COMPARISON_FAILED
        await paired_when("press")
        await until(lambda: there.display[-1] == str(PAIRED))
        commands.obey("hold")
        await paired_when("confirm yes")
        await until(lambda: there.display.count(str(PAIRED)) == 2)


async def test_the_button_stops_a_massage_that_gives_nothing_just_now_before_it_answers_anybody(tmp_path: Path) -> None:
    async with bench(tmp_path, scenario=COMPARISON) as there, host_on_air(there.air) as host:
        there.roller.memory.records.put(Kind.PROGRAM, 0, encode_program((step(60_000, 0, 0),)))
        there.roller.press_button(0.2)
        assert there.roller.machine.status().state is State.RUNNING
        await host.connect(there.roller.address)
        pairing = asyncio.create_task(host.pair(no_passkey, capability=YES_NO))
        await until(lambda: there.display[-1].startswith("same"))
        there.roller.press_button(0.2)
        assert there.roller.machine.status().state is State.READY
        assert there.roller.bonds.addresses == []
        there.roller.press_button(0.2)
        await pairing
        assert there.roller.bonds.addresses == [ADDRESS]


async def test_nobody_who_answers_ends_the_attempt_with_the_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_module, "PAIRING_S", 0.3)
    async with bench(tmp_path, scenario=COMPARISON) as there, host_on_air(there.air) as host:
        await host.connect(there.roller.address)
        with pytest.raises((core.ProtocolError, asyncio.CancelledError)):
            await host.pair(no_passkey, capability=YES_NO)
        assert await host.gone == hci.HCI_ErrorCode.AUTHENTICATION_FAILURE_ERROR
        await until(lambda: there.display[-1] == str(READY))
        with pytest.raises(InputError):
            there.roller.confirm()


@pytest.mark.parametrize(
    "wish",
    [
        {"capability": IoCapability.NO_OUTPUT_NO_INPUT},
        {"capability": IoCapability.DISPLAY_OUTPUT_ONLY},
        {"capability": IoCapability.KEYBOARD_INPUT_ONLY},
        {"capability": YES_NO, "sc": False},
        {"capability": YES_NO, "bonding": False},
    ],
    ids=["just works", "display only", "passkey", "legacy", "no bond"],
)
async def test_a_roller_that_compares_pairs_in_no_other_way(wish: dict[str, object], tmp_path: Path) -> None:
    async with bench(tmp_path, scenario=COMPARISON) as there, host_on_air(there.air) as host:
        await host.connect(there.roller.address)
        refused = await refusal(host.pair(lambda: 1, **wish))  # type: ignore[arg-type]  # a table
        assert refused == smp.ErrorCode.AUTHENTICATION_REQUIREMENTS
        assert there.roller.bonds.addresses == []
        assert there.display == [str(READY)], "a refused request is no attempt"


def _request(capability: smp.IoCapability, key_size: int = 16) -> smp.SMP_Pairing_Request_Command:
    return smp.SMP_Pairing_Request_Command(
        io_capability=capability,
        oob_data_flag=0,
        auth_req=smp.AuthReq.BONDING | smp.AuthReq.SC | smp.AuthReq.MITM,
        maximum_encryption_key_size=key_size,
        initiator_key_distribution=smp.KeyDistribution(0),
        responder_key_distribution=smp.KeyDistribution(0),
    )


_KEY = EccKey.generate()
_PUBLIC_KEY = smp.SMP_Pairing_Public_Key_Command(public_key_x=_KEY.x[::-1], public_key_y=_KEY.y[::-1])
_CONFIRM = smp.SMP_Pairing_Confirm_Command(confirm_value=bytes(16))
_RANDOM = smp.SMP_Pairing_Random_Command(random_value=bytes(16))
_CHECK = smp.SMP_Pairing_DHKey_Check_Command(dhkey_check=bytes(16))


@pytest.mark.parametrize("scenario", [COMPARISON, NONE], ids=["comparison", "none"])
@pytest.mark.parametrize(
    ("commands", "key_size"),
    [
        ([], 7),
        ([_RANDOM], 16),
        ([_CHECK], 16),
        ([_PUBLIC_KEY, _CONFIRM], 16),
        ([_PUBLIC_KEY, _CHECK], 16),
        ([_PUBLIC_KEY, _RANDOM, _RANDOM], 16),
        ([_PUBLIC_KEY, _RANDOM, _CHECK], 16),
    ],
    ids=["short key", "random first", "check first", "commits", "skips", "two randoms", "wrong check"],
)
async def test_commands_out_of_place_end_the_attempt(
    commands: list[smp.SMP_Command], key_size: int, scenario: Scenario, tmp_path: Path
) -> None:
    async with bench(tmp_path, scenario=scenario) as there, host_on_air(there.air) as host:
        await host.connect(there.roller.address)
        assert host.connection is not None
        heard: asyncio.Queue[bytes] = asyncio.Queue()
        host.device.l2cap_channel_manager.fixed_channels[smp.SMP_CID] = lambda _handle, pdu: heard.put_nowait(pdu)
        for command in (_request(smp.IoCapability.DISPLAY_YES_NO, key_size), *commands):
            host.connection.send_l2cap_pdu(smp.SMP_CID, bytes(command))
        async with asyncio.timeout(5):
            while (await heard.get())[0] != smp.CommandCode.PAIRING_FAILED:
                pass
        assert there.roller.bonds.addresses == []
        with pytest.raises(InputError):
            there.roller.confirm()


@pytest.mark.parametrize("capability", [IoCapability.KEYBOARD_INPUT_ONLY, YES_NO, IoCapability.NO_OUTPUT_NO_INPUT])
async def test_a_roller_without_a_display_says_so_and_takes_just_works(
    capability: IoCapability, tmp_path: Path
) -> None:
    keys = MemoryKeyStore()
    async with bench(tmp_path, scenario=NONE) as there, host_on_air(there.air, keys) as host:
        heard, _ = await advertised(host, there.roller.address)
        assert heard.flags == AdvertisingFlag.NO_DISPLAY | AdvertisingFlag.PAIRING_WINDOW_OPEN
        await host.connect(there.roller.address)
        with pytest.raises(att.ATT_Error) as caught:
            await host.find(gatt.FEATURE).read_value()
        assert caught.value.error_code == att.ErrorCode.INSUFFICIENT_AUTHENTICATION
        await host.pair(no_passkey, capability=capability)
        feature = decode_feature(await host.find(gatt.FEATURE).read_value())
        assert Capability.DISPLAY not in feature.capabilities
        assert there.display == []
        ((_, bond),) = await there.roller.bonds.get_all()
        assert bond.ltk is not None
        assert not bond.ltk.authenticated
    async with bench(tmp_path, scenario=NONE) as there, host_on_air(there.air, keys) as host:
        await host.connect(there.roller.address)
        await host.encrypt()
        assert (await Console(host).status()).state is State.IDLE


async def test_without_a_display_the_window_still_has_to_be_open(tmp_path: Path) -> None:
    async with bench(tmp_path, scenario=NONE) as there:
        async with host_on_air(there.air) as host:
            await host.connect(there.roller.address)
            await host.pair(no_passkey)
        async with host_on_air(there.air, address="C4:11:22:33:44:66") as other:
            await other.connect(there.roller.address)
            assert await refusal(other.pair(no_passkey)) == smp.ErrorCode.PAIRING_NOT_SUPPORTED
            assert await refusal(other.pair(no_passkey, sc=False)) == smp.ErrorCode.AUTHENTICATION_REQUIREMENTS
            there.roller.press_button(LONG_PRESS_S)
            await other.pair(no_passkey)
            assert (await Console(other).status()).state is State.IDLE


async def test_a_bond_that_nobody_vouched_for_is_none_for_a_roller_with_a_display(tmp_path: Path) -> None:
    keys = MemoryKeyStore()
    async with bench(tmp_path, scenario=NONE) as there, host_on_air(there.air, keys) as host:
        await host.connect(there.roller.address)
        await host.pair(no_passkey)
    async with bench(tmp_path) as there, host_on_air(there.air, keys) as host:
        assert there.roller.bonds.addresses == []
        assert there.display, "a roller without bonds opens its window"
        await host.connect(there.roller.address)
        with pytest.raises(core.ProtocolError):
            await host.encrypt()

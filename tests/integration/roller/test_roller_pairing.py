"""The passkey is the only way to a bond, and a bond lasts until it is removed."""

from __future__ import annotations

import asyncio
import stat
from typing import TYPE_CHECKING

import pytest
from bumble import att, hci, smp
from bumble.keys import MemoryKeyStore

from glowsim.peripheral.advertising import admission
from glowsim.peripheral.advertising.advertisement import advertising_data
from glowsim.peripheral.pairing.screen import FULL, PAIRED, Screen, Shows
from glowsim.roller.roller import LONG_PRESS_S
from glowtool.model.state import State
from glowtool.protocol import gatt
from glowtool.protocol.advertising import AdvertisingFlag
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.vocabulary import Result
from support.air.advertised import advertised
from support.air.radio import IoCapability, RadioHost, host_on_air, refusal
from support.air.rollers import Bench, Console, bench, bonded_console

if TYPE_CHECKING:
    from pathlib import Path


async def _assert_no_access(there: Bench, host: RadioHost) -> None:
    with pytest.raises(att.ATT_Error) as caught:
        await host.find(gatt.FEATURE).read_value()
    assert caught.value.error_code == att.ErrorCode.INSUFFICIENT_AUTHENTICATION
    assert there.roller.peripheral is not None
    assert not there.roller.peripheral.bonded


async def test_the_right_passkey_makes_a_bond_that_survives_the_roller_being_switched_off(tmp_path: Path) -> None:
    keys = MemoryKeyStore()
    async with bench(tmp_path) as there, bonded_console(there, keys) as console:
        assert (await console.status()).state is State.IDLE
        assert there.display[-1] == "paired"
        address = there.roller.address
    assert stat.S_IMODE((tmp_path / "flash.bin").stat().st_mode) == 0o600
    async with bench(tmp_path, seed=None) as there, host_on_air(there.air, keys) as host:
        assert there.roller.address == address
        assert there.display == [], "a bonded roller opens no window by itself"
        await host.connect(address)
        await host.encrypt()
        assert (await Console(host).status()).state is State.IDLE


async def test_a_wrong_passkey_gets_no_access_and_another_passkey_is_shown(tmp_path: Path) -> None:
    async with bench(tmp_path) as there, host_on_air(there.air) as host:
        await host.connect(there.roller.address)
        first = there.display.passkey
        assert await refusal(host.pair(there.display.wrong)) == smp.ErrorCode.CONFIRM_VALUE_FAILED
        assert there.display.passkey != first
        await _assert_no_access(there, host)
        assert await refusal(host.pair(lambda: first)) == smp.ErrorCode.CONFIRM_VALUE_FAILED
        await host.pair(lambda: there.display.passkey)
        assert (await Console(host).status()).state is State.IDLE


async def test_three_wrong_passkeys_close_the_window_until_it_is_opened_again(tmp_path: Path) -> None:
    async with bench(tmp_path) as there, host_on_air(there.air) as host:
        await host.connect(there.roller.address)
        for _ in range(3):
            assert await refusal(host.pair(there.display.wrong)) == smp.ErrorCode.CONFIRM_VALUE_FAILED
        assert there.display[-1] == "pairing closed"
        last = there.display.passkey
        assert await refusal(host.pair(lambda: last)) == smp.ErrorCode.PAIRING_NOT_SUPPORTED
        await _assert_no_access(there, host)
        there.roller.press_button(LONG_PRESS_S)
        await host.pair(lambda: there.display.passkey)
        assert (await Console(host).status()).state is State.IDLE


async def test_a_bonded_roller_pairs_again_only_after_a_long_press(tmp_path: Path) -> None:
    async with bench(tmp_path) as there:
        async with bonded_console(there):
            pass
        async with host_on_air(there.air, address="C4:11:22:33:44:66") as other:
            await other.connect(there.roller.address)
            there.roller.press_button(0.2)
            assert await refusal(other.pair(lambda: there.display.passkey)) == smp.ErrorCode.PAIRING_NOT_SUPPORTED
            there.roller.press_button(LONG_PRESS_S)
            await other.pair(lambda: there.display.passkey)


@pytest.mark.parametrize(
    ("wish", "reason"),
    [
        ({"capability": IoCapability.NO_OUTPUT_NO_INPUT}, smp.ErrorCode.AUTHENTICATION_REQUIREMENTS),
        ({"capability": IoCapability.DISPLAY_OUTPUT_AND_YES_NO_INPUT}, smp.ErrorCode.AUTHENTICATION_REQUIREMENTS),
        ({"sc": False}, smp.ErrorCode.AUTHENTICATION_REQUIREMENTS),
        ({"bonding": False}, smp.ErrorCode.AUTHENTICATION_REQUIREMENTS),
    ],
    ids=["just works", "numeric comparison", "legacy", "no bond"],
)
async def test_every_weaker_way_to_pair_is_refused(
    wish: dict[str, object], reason: smp.ErrorCode, tmp_path: Path
) -> None:
    async with bench(tmp_path) as there, host_on_air(there.air) as host:
        await host.connect(there.roller.address)
        refused = await refusal(host.pair(lambda: there.display.passkey, **wish))  # type: ignore[arg-type]  # a table
        assert refused == reason
        await _assert_no_access(there, host)
        assert len(there.display) == 1, "a refused request is no attempt"


def _request(oob_data_flag: int = 0, key_size: int = 16) -> smp.SMP_Pairing_Request_Command:
    return smp.SMP_Pairing_Request_Command(
        io_capability=smp.IoCapability.KEYBOARD_ONLY,
        oob_data_flag=oob_data_flag,
        auth_req=smp.AuthReq.BONDING | smp.AuthReq.SC | smp.AuthReq.MITM,
        maximum_encryption_key_size=key_size,
        initiator_key_distribution=smp.KeyDistribution(0),
        responder_key_distribution=smp.KeyDistribution(0),
    )


@pytest.mark.parametrize(
    "commands",
    [
        [_request(oob_data_flag=1)],
        [_request(key_size=7)],
        [smp.SMP_Pairing_Public_Key_Command(public_key_x=bytes(32), public_key_y=bytes(32))],
        [smp.SMP_Pairing_DHKey_Check_Command(dhkey_check=bytes(16))],
        [smp.SMP_Pairing_Random_Command(random_value=bytes(16))],
        [smp.SMP_Identity_Information_Command(identity_resolving_key=bytes(16))],
        [_request(), smp.SMP_Pairing_DHKey_Check_Command(dhkey_check=bytes(16))],
        [_request(), _request()],
    ],
    ids=["out of band", "short key", "key first", "check first", "random first", "keys first", "skips", "repeats"],
)
async def test_commands_out_of_place_end_the_attempt(commands: list[smp.SMP_Command], tmp_path: Path) -> None:
    async with bench(tmp_path) as there, host_on_air(there.air) as host:
        await host.connect(there.roller.address)
        assert host.connection is not None
        heard: asyncio.Queue[bytes] = asyncio.Queue()
        host.device.l2cap_channel_manager.fixed_channels[smp.SMP_CID] = lambda _handle, pdu: heard.put_nowait(pdu)
        for command in commands:
            host.connection.send_l2cap_pdu(smp.SMP_CID, bytes(command))
        async with asyncio.timeout(5):
            while (await heard.get())[0] != smp.CommandCode.PAIRING_FAILED:
                pass
        await _assert_no_access(there, host)
        assert await _encrypt_with(host, bytes(16)) == hci.HCI_ErrorCode.PIN_OR_KEY_MISSING_ERROR


async def _encrypt_with(host: RadioHost, key: bytes) -> int:
    """Try to encrypt the link with a key of one's own choice, and return why that failed."""
    assert host.connection is not None
    failed: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    host.connection.on("connection_encryption_failure", failed.set_result)
    await host.device.host.send_async_command(
        hci.HCI_LE_Enable_Encryption_Command(
            connection_handle=host.connection.handle,
            random_number=bytes(8),
            encrypted_diversifier=0,
            long_term_key=key,
        )
    )
    async with asyncio.timeout(5):
        return await failed


async def test_a_host_that_leaves_in_the_middle_has_used_up_its_attempt(tmp_path: Path) -> None:
    async with bench(tmp_path) as there:
        first = there.display.passkey
        async with host_on_air(there.air) as host:
            await host.connect(there.roller.address)
            assert host.connection is not None
            heard: asyncio.Queue[bytes] = asyncio.Queue()
            host.device.l2cap_channel_manager.fixed_channels[smp.SMP_CID] = lambda _handle, pdu: heard.put_nowait(pdu)
            host.connection.send_l2cap_pdu(smp.SMP_CID, bytes(_request()))
            async with asyncio.timeout(5):
                assert (await heard.get())[0] == smp.CommandCode.PAIRING_RESPONSE
            assert there.display.passkey == first
        await there.display.next_line()
        assert there.display.passkey != first


async def test_eight_bonds_are_kept_and_a_ninth_host_is_refused(tmp_path: Path) -> None:
    async with bench(tmp_path) as there:
        for number in range(8):
            there.roller.press_button(LONG_PRESS_S)
            async with bonded_console(there, address=f"C4:11:22:33:55:{number:02X}"):
                pass
        there.roller.press_button(LONG_PRESS_S)
        async with host_on_air(there.air, address="C4:11:22:33:66:00") as ninth:
            await ninth.connect(there.roller.address)
            refused = await refusal(ninth.pair(lambda: there.display.passkey))
            assert refused == smp.ErrorCode.PAIRING_NOT_SUPPORTED
            assert there.display[-1] == str(FULL)
        async with host_on_air(there.air, address="C4:11:22:33:66:00") as ninth:
            assert AdvertisingFlag.BONDS_FULL in (await advertised(ninth, there.roller.address))[0].flags
        async with bonded_console(there, address="C4:11:22:33:55:00") as again:
            assert (await again.status()).state is State.IDLE
            assert there.display[-3:] == [str(FULL), str(Screen(Shows.PASSKEY, there.display.passkey)), str(PAIRED)]
            assert len(there.roller.bonds.addresses) == 8
            assert (await again.ask(Opcode.FORGET_HOST)).head.result is Result.SUCCESS
        async with host_on_air(there.air, address="C4:11:22:33:66:00") as ninth:
            assert AdvertisingFlag.BONDS_FULL not in (await advertised(ninth, there.roller.address))[0].flags
            there.roller.press_button(LONG_PRESS_S)
            await ninth.connect(there.roller.address)
            await ninth.pair(lambda: there.display.passkey)


async def test_a_connection_that_does_not_become_trusted_is_dropped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admission, "PAIRING_S", 0.3)
    async with bench(tmp_path) as there, host_on_air(there.air) as host:
        await host.connect(there.roller.address)
        async with asyncio.timeout(5):
            assert await host.gone == hci.HCI_ErrorCode.AUTHENTICATION_FAILURE_ERROR


async def test_only_one_host_at_a_time_and_advertising_tells_what_is_so(tmp_path: Path) -> None:
    async with bench(tmp_path) as there, host_on_air(there.air, address="C4:11:22:33:44:77") as watcher:
        before, name = await advertised(watcher, there.roller.address)
        assert name == there.roller.name
        assert AdvertisingFlag.PAIRING_WINDOW_OPEN in before.flags
        assert AdvertisingFlag.BONDED not in before.flags
        async with bonded_console(there):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.5):
                    await watcher.device.connect(hci.Address(there.roller.address))
        after, _ = await advertised(watcher, there.roller.address)
        assert AdvertisingFlag.PAIRING_WINDOW_OPEN not in after.flags
        assert AdvertisingFlag.BONDED in after.flags
        assert len(advertising_data(after)) == 31


async def test_of_two_hosts_that_answer_one_advertisement_one_is_connected(tmp_path: Path) -> None:
    async with (
        bench(tmp_path) as there,
        host_on_air(there.air, address="C4:11:22:33:44:88") as one,
        host_on_air(there.air, address="C4:11:22:33:44:99") as two,
    ):
        gone: asyncio.Queue[int] = asyncio.Queue()
        for host in (one, two):
            host.device.on("connection", lambda connection: connection.on("disconnection", gone.put_nowait))
        async with asyncio.timeout(5):
            await asyncio.gather(*(host.device.connect(hci.Address(there.roller.address)) for host in (one, two)))
            assert await gone.get() == hci.HCI_ErrorCode.CONNECTION_FAILED_TO_BE_ESTABLISHED_ERROR
        assert len(one.device.connections) + len(two.device.connections) == 1

"""A peer that would pair weakly, unasked or without knowing the passkey gets no bond."""

from __future__ import annotations

import pytest
from bumble import smp
from bumble.pairing import PairingDelegate

from glowtool.errors import PairingError, WeakPairingError
from glowtool.link.pairing import PairingAnswers
from glowtool.link.scan import find_device
from support.air.pairing_bench import Bench, passkey
from support.air.people import never
from support.air.tiny_peripheral import PERIPHERAL_ADDRESS

IoCapability = PairingDelegate.IoCapability


@pytest.mark.parametrize(
    ("capability", "secure_connections", "error", "why"),
    [
        (IoCapability.DISPLAY_OUTPUT_ONLY, False, PairingError, "cannot do LE Secure Connections"),
        (IoCapability.DISPLAY_OUTPUT_AND_YES_NO_INPUT, False, PairingError, "cannot do LE Secure Connections"),
        (IoCapability.NO_OUTPUT_NO_INPUT, True, WeakPairingError, "announces one"),
        (IoCapability.KEYBOARD_INPUT_ONLY, True, PairingError, "no display"),
    ],
    ids=["legacy passkey", "legacy just works", "just works", "passkey the wrong way round"],
)
async def test_weaker_pairing_is_refused(
    bench: Bench, capability: IoCapability, secure_connections: bool, error: type[PairingError], why: str
) -> None:
    bench.peripheral.secure_connections = secure_connections
    bench.peripheral.io_capability = capability

    async with bench.adapter() as adapter, bench.connected(adapter) as client:
        with pytest.raises(error, match=why):
            await client.pair(passkey=passkey(1))
        assert not await adapter.bonded(PERIPHERAL_ADDRESS)


async def test_a_peer_cannot_go_on_before_the_digits_are_compared(bench: Bench) -> None:
    """The peer proves that it has the key, and asks for encryption, while the person still reads."""
    bench.peripheral.io_capability = IoCapability.DISPLAY_OUTPUT_AND_YES_NO_INPUT
    bench.peripheral.device.smp_session_proxy = ChecksTooEarly

    async def still_reading(_number: int) -> bool:
        return bool(await never())

    async with bench.adapter() as adapter:
        device = await find_device(adapter, PERIPHERAL_ADDRESS, 5)
        with pytest.raises(PairingError, match="breaks the order"):
            await adapter.pair(device, PairingAnswers(never, still_reading), timeout_s=5)
        assert not await adapter.bonded(PERIPHERAL_ADDRESS)


async def test_a_peer_that_begins_to_pair_by_itself_is_refused(bench: Bench) -> None:
    async with bench.adapter() as adapter, bench.connected(adapter):
        with pytest.raises(Exception, match="PAIRING_NOT_SUPPORTED"):
            await bench.peripheral.connections[0].pair()
        assert not await adapter.bonded(PERIPHERAL_ADDRESS)


class ClaimsOutOfBandData(smp.Session):
    def send_pairing_response_command(self) -> None:
        self.oob_data_flag = 1
        super().send_pairing_response_command()


class CommitsTwice(smp.Session):
    def send_command(self, command: smp.SMP_Command) -> None:
        super().send_command(command)
        if isinstance(command, smp.SMP_Pairing_Confirm_Command):
            super().send_command(command)


class ReflectsOurKey(smp.Session):
    def send_public_key_command(self) -> None:
        self.send_command(
            smp.SMP_Pairing_Public_Key_Command(public_key_x=self.peer_public_key_x, public_key_y=self.peer_public_key_y)
        )


class ChecksTooEarly(smp.Session):
    def prompt_user_for_numeric_comparison(self, *_question: object) -> None:
        self.send_pairing_dhkey_check_command()


class OffersAShortKey(smp.Session):
    def send_pairing_response_command(self) -> None:
        self.maximum_encryption_key_size = 7
        super().send_pairing_response_command()


@pytest.mark.parametrize(
    ("session", "why"),
    [
        (ClaimsOutOfBandData, "out-of-band"),
        (CommitsTwice, "breaks the order"),
        (ReflectsOurKey, "our own key"),
        (OffersAShortKey, "short key"),
    ],
)
async def test_a_peer_that_talks_its_way_around_the_passkey(bench: Bench, session: type[smp.Session], why: str) -> None:
    bench.peripheral.device.smp_session_proxy = session

    async with bench.adapter() as adapter, bench.connected(adapter) as client:
        with pytest.raises(PairingError, match=why):
            await client.pair(passkey=passkey(bench.peripheral.passkey))
        assert not await adapter.bonded(PERIPHERAL_ADDRESS)

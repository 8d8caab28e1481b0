"""An examination finds what there is to see of a roller, and asks nothing of it but telemetry."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from bleak.exc import BleakError, BleakGATTProtocolErrorCode

from glowtool.drivers.gr1.examination import SUBSCRIPTIONS, examine
from glowtool.errors import LinkError, NotPairedError
from glowtool.model.state import State
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.gatt import TELEMETRY
from glowtool.safety.gate import Gate
from support.host.scripted_client import ScriptedClient, ScriptedRoller
from support.host.virtual_time import in_virtual_time

if TYPE_CHECKING:
    from glowtool.link.client import LostCallback, NotifyCallback

#: A clock that is two seconds ahead of the scripted roller's.
AHEAD_US = 1_700_000_002_000_000


@in_virtual_time
async def test_a_massage_that_goes_on_is_not_touched() -> None:
    scripted = ScriptedRoller()
    scripted.status = replace(scripted.status, state=State.RUNNING, step=0, amplitude_permille=300)

    found = await examine(scripted.client_for, Gate(), lambda: AHEAD_US)

    assert scripted.opcodes == [Opcode.TELEMETRY_START, Opcode.TELEMETRY_STOP]
    assert scripted.status.amplitude_permille == 300
    assert not scripted.clients[-1].is_connected
    assert (found.mtu, found.subscribed, found.refusal) == (247, SUBSCRIPTIONS, None)
    assert found.clock_ahead_s == pytest.approx(-2.0)


@in_virtual_time
async def test_a_clock_that_was_never_set_is_no_difference() -> None:
    scripted = ScriptedRoller()
    scripted.status = replace(scripted.status, unix_ms=0)

    assert (await examine(scripted.client_for, Gate(), lambda: AHEAD_US)).clock_ahead_s is None


@in_virtual_time
async def test_a_subscription_that_is_refused_is_found_with_what_was_held() -> None:
    class Crowded(ScriptedClient):
        async def start_notify(self, char_specifier: str, callback: NotifyCallback, /) -> None:
            if char_specifier == TELEMETRY.uuid:
                raise BleakError("no more notifications")
            await super().start_notify(char_specifier, callback)

    scripted = ScriptedRoller()

    def crowded(lost: LostCallback) -> ScriptedClient:
        return Crowded(scripted, lost)

    found = await examine(crowded, Gate())

    assert found.subscribed == SUBSCRIPTIONS[:2]
    assert isinstance(found.refusal, LinkError)


@in_virtual_time
async def test_without_a_bond_nothing_is_asked() -> None:
    scripted = ScriptedRoller(att_error=BleakGATTProtocolErrorCode.INSUFFICIENT_AUTHENTICATION)

    with pytest.raises(NotPairedError):
        await examine(scripted.client_for, Gate())

    assert scripted.requests == []
    assert not scripted.clients[-1].is_connected


@in_virtual_time
async def test_a_roller_that_does_not_answer_is_given_up_and_let_go() -> None:
    scripted = ScriptedRoller(silent={Opcode.TELEMETRY_START})

    found = await examine(scripted.client_for, Gate())

    assert isinstance(found.refusal, LinkError)
    assert not scripted.clients[-1].is_connected

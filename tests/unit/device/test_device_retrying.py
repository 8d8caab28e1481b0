"""Attempts to connect are bounded, each one is told, and none hangs or leaves anything behind."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING

import pytest
from bleak.exc import BleakError

from glowtool.device.attempts import Attempt, FailedAttempt, NextAttempt
from glowtool.device.retrying import ATTEMPT_TIMEOUT_S, persist
from glowtool.drivers.gr1.connection import GATT_TIMEOUT_S
from glowtool.drivers.gr1.roller import Roller
from glowtool.errors import ConnectFailedError, ConnectionLostError, LinkError, NotPairedError
from glowtool.link.backoff import CONNECTING, ONCE, Backoff
from glowtool.model.program import NO_STEP
from glowtool.model.state import Interlock, State
from glowtool.protocol.gatt import BATTERY_LEVEL, FEATURE
from glowtool.safety.gate import Gate
from support.host.scripted_client import ScriptedClient, ScriptedRoller
from support.host.virtual_time import in_virtual_time

if TYPE_CHECKING:
    from glowtool.link.client import LostCallback

CHANCE = random.Random(1)  # noqa: S311 - no secret


class Awkward(ScriptedClient):
    """A client that does one thing wrong: `fails` to connect, or hangs at one characteristic."""

    hangs_at: str | None = None
    deaf = False
    drops_at: str | None = None
    lost_because = "it went out of reach"

    async def connect(self) -> None:
        if self.deaf:
            raise BleakError("not heard")
        await super().connect()

    async def read_gatt_char(self, char_specifier: str, /) -> bytearray:
        if char_specifier == self.hangs_at:
            await asyncio.Event().wait()
        if char_specifier == self.drops_at:
            asyncio.get_running_loop().call_later(0.5, self.drop)
            await asyncio.Event().wait()
        return await super().read_gatt_char(char_specifier)


class Moody(ScriptedRoller):
    """A roller whose first clients are awkward."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.moods: list[dict[str, object]] = []

    def client_for(self, lost: LostCallback) -> Awkward:
        client = Awkward(self, lost)
        for name, value in (self.moods.pop(0) if self.moods else {}).items():
            setattr(client, name, value)
        self.clients.append(client)
        return client


@in_virtual_time
async def test_the_third_attempt_succeeds_and_each_failure_is_told() -> None:
    roller, told = Moody(), list[Attempt]()
    roller.moods = [{"deaf": True}, {"drops_at": FEATURE.uuid}]
    async with Roller.open(roller.client_for, Gate(), patience=CONNECTING, tell=told.append) as opened:
        assert opened.battery_percent == 80
        assert [(type(attempt), attempt.number) for attempt in told] == [
            (FailedAttempt, 1),
            (NextAttempt, 2),
            (FailedAttempt, 2),
            (NextAttempt, 3),
        ]
        assert str(told[0]).startswith("attempt 1 of 4 failed: the roller did not answer (not heard); again in 0.")
        assert "the connection to the roller was lost: it went out of reach; again in" in str(told[2])
        assert str(told[3]).startswith("attempt 3 of 4: connecting, for at most 2")
    assert not any(client.is_connected for client in roller.clients)


@in_virtual_time
async def test_what_was_told_last_is_true_at_every_moment() -> None:
    told, begun, failed, seen = list[str](), 0, 0, {"trying": 0, "pausing": 0}

    async def attempt() -> None:
        nonlocal begun, failed
        begun += 1
        await asyncio.sleep(3)
        failed += 1
        raise ConnectFailedError("not heard", advice="bring it near")

    work = asyncio.create_task(persist(attempt, CONNECTING, CHANCE, lambda what: told.append(str(what))))
    while not work.done():
        await asyncio.sleep(0.07)
        if begun == failed:
            seen["pausing"] += 1
            assert told[-1].startswith(f"attempt {begun} of {CONNECTING.attempts} failed: not heard; ")
        elif begun > 1:
            seen["trying"] += 1
            assert told[-1].startswith(f"attempt {begun} of {CONNECTING.attempts}: connecting, for at most ")
    assert isinstance(work.exception(), ConnectFailedError)
    assert min(seen.values()) > 1


@in_virtual_time
async def test_it_gives_up_when_the_attempts_are_used_up() -> None:
    roller, told = Moody(), list[Attempt]()
    roller.moods = [{"deaf": True}] * 9
    with pytest.raises(ConnectFailedError):
        async with Roller.open(roller.client_for, Gate(), patience=CONNECTING, tell=told.append):
            pass
    assert len(roller.clients) == CONNECTING.attempts
    assert str(told[-1]).endswith("giving up")


@in_virtual_time
async def test_what_does_not_pass_by_itself_is_not_tried_again() -> None:
    from bleak.exc import BleakGATTProtocolErrorCode

    roller = Moody(att_error=BleakGATTProtocolErrorCode.INSUFFICIENT_AUTHENTICATION)
    with pytest.raises(NotPairedError):
        async with Roller.open(roller.client_for, Gate(), patience=CONNECTING):
            pass
    assert len(roller.clients) == 1
    assert not roller.clients[0].is_connected


@in_virtual_time
async def test_an_operation_that_hangs_is_given_up_in_time() -> None:
    roller, clock = Moody(), asyncio.get_running_loop().time
    roller.moods = [{"hangs_at": BATTERY_LEVEL.uuid}]
    began_s = clock()
    with pytest.raises(LinkError, match="Battery Level: no answer in time"):
        async with Roller.open(roller.client_for, Gate()):
            pass
    assert clock() - began_s == pytest.approx(GATT_TIMEOUT_S, abs=1)


@in_virtual_time
async def test_an_operation_that_hangs_ends_with_the_connection() -> None:
    roller, clock = Moody(), asyncio.get_running_loop().time
    roller.moods = [{"drops_at": BATTERY_LEVEL.uuid}]
    began_s = clock()
    with pytest.raises(ConnectionLostError, match="out of reach"):
        async with Roller.open(roller.client_for, Gate()):
            pass
    assert clock() - began_s < 1


@in_virtual_time
async def test_a_cancelled_attempt_leaves_no_connection_open() -> None:
    roller = Moody()
    roller.moods = [{"hangs_at": BATTERY_LEVEL.uuid}]

    async def use() -> None:
        async with Roller.open(roller.client_for, Gate(), patience=CONNECTING):
            pass

    using = asyncio.create_task(use())
    await asyncio.sleep(1)
    assert roller.clients[0].is_connected
    using.cancel()
    with pytest.raises(asyncio.CancelledError):
        await using
    assert not roller.clients[0].is_connected


@in_virtual_time
async def test_no_attempt_outlives_its_time_and_all_of_them_keep_to_the_budget() -> None:
    clock = asyncio.get_running_loop().time

    async def never() -> None:
        await asyncio.Event().wait()

    for backoff, longest_s in ((ONCE, ATTEMPT_TIMEOUT_S), (Backoff(8, 40), 41.0), (Backoff(2, 90), 60.0)):
        began_s = clock()
        with pytest.raises(ConnectFailedError, match="was not ready within"):
            await persist(never, backoff, CHANCE)
        assert clock() - began_s <= longest_s


@in_virtual_time
async def test_a_reconnected_roller_says_what_it_was_doing_before_it_was_stopped() -> None:
    paused = {"state": State.PAUSED, "step": 1, "step_elapsed_ms": 2500, "interlocks": Interlock.LINK_LOSS}
    roller = Moody()
    async with Roller.open(roller.client_for, Gate()) as opened:
        assert opened.found.step == NO_STEP
        roller.change(**paused)
        roller.lose()
        assert opened.lost_because == "it went out of reach"
        await opened.connect()
        assert (opened.found.state, opened.found.step, opened.found.step_elapsed_ms) == (State.PAUSED, 1, 2500)
        assert opened.status.state is State.READY
        assert opened.lost_because is None

"""The gate judges every order before a driver hears of it, also for a driver that checks nothing itself."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from glowtool.device.gated_driver import GatedDriver
from glowtool.errors import CommandRefusedError, LinkError, SafetyError
from glowtool.model.ceilings import CeilingId
from glowtool.model.face import Zone
from glowtool.model.program import Program
from glowtool.model.state import DeviceLimits
from glowtool.safety import Gate, PersonalMax
from support.host.foreign_driver import ForeignDriver
from support.host.masseur import STEP
from support.host.statuses import answer
from support.host.virtual_time import in_virtual_time

if TYPE_CHECKING:
    from glowtool.model.answer import Answer

FINE: Final = Program((replace(STEP, duration_s=100.0), replace(STEP, zone=Zone.CHEEK_RIGHT, duration_s=10.0)))
TOO_LONG: Final = Program((replace(STEP, duration_s=301.0),))
ON_THE_MOUTH: Final = Program((replace(STEP, zone=Zone.MOUTH),))


class Obedient(ForeignDriver):
    """Does whatever it is told, and notes it; `failing` is what becomes of the next orders, where it is set."""

    failing: Exception | None = None

    def _do(self, order: str) -> Answer:
        self.done.append(order)
        if self.failing is not None:
            raise self.failing
        return answer(self.status)

    async def connect(self) -> None:
        self._do("connect")

    async def upload(self, program: Program) -> None:
        self._do(f"upload {len(program)}")

    async def start(self) -> Answer:
        return self._do("start")

    async def pause(self) -> Answer:
        return self._do("pause")

    async def resume(self) -> Answer:
        return self._do("resume")

    async def skip(self) -> Answer:
        return self._do("skip")

    async def extend(self, extra_ms: int) -> Answer:
        return self._do(f"extend {extra_ms}")

    async def trim(self, vibration_percent: int, current_percent: int) -> Answer:
        return self._do(f"trim {vibration_percent} {current_percent}")

    async def signal(self) -> None:
        self._do("signal")

    async def keep_alive(self) -> None:
        self._do("keep alive")


def behind_a_gate(personal: PersonalMax | None = None) -> tuple[GatedDriver, Obedient]:
    driver = Obedient()
    return GatedDriver(driver, Gate(personal=personal)), driver


@pytest.mark.parametrize(
    ("program", "why"), [(TOO_LONG, "at most 300 s"), (ON_THE_MOUTH, "mouth"), (Program(), "number of steps is 0")]
)
@in_virtual_time
async def test_a_program_that_breaks_a_limit_never_reaches_a_driver(program: Program, why: str) -> None:
    gated, driver = behind_a_gate()
    with pytest.raises(SafetyError, match=why):
        gated.admit(program)
    with pytest.raises(SafetyError, match=why):
        await gated.upload(program)
    assert driver.done == []


@in_virtual_time
async def test_a_person_s_own_maximum_holds_for_any_driver() -> None:
    gated, driver = behind_a_gate(PersonalMax(step_s=99))
    with pytest.raises(SafetyError, match="at most 99 s"):
        await gated.upload(FINE)
    assert driver.done == []


@in_virtual_time
async def test_nothing_starts_that_was_not_judged_or_did_not_arrive() -> None:
    gated, driver = behind_a_gate()
    for order in (gated.start, gated.resume):
        with pytest.raises(SafetyError, match="has not checked"):
            await order()
    await gated.upload(FINE)
    await gated.start()
    await gated.resume()
    driver.failing = LinkError("it did not arrive")
    with pytest.raises(LinkError):
        await gated.upload(Program((STEP,)))
    driver.failing = None
    with pytest.raises(SafetyError, match="has not checked"):
        await gated.start()
    assert driver.done == ["upload 2", "start", "resume", "upload 1"]


@in_virtual_time
async def test_a_device_that_could_not_be_connected_to_again_is_not_started() -> None:
    gated, driver = behind_a_gate()
    await gated.upload(FINE)
    driver.failing = LinkError("it did not come back")
    with pytest.raises(LinkError):
        await gated.connect()
    driver.failing = None
    for order in (gated.start, gated.resume):
        with pytest.raises(SafetyError, match="has not checked"):
            await order()


@in_virtual_time
async def test_a_program_whose_device_was_connected_to_anew_during_the_upload_is_not_started(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gated, driver = behind_a_gate()

    async def connected_anew(_program: Program) -> None:
        await gated.connect()

    monkeypatch.setattr(driver, "upload", connected_anew)
    await gated.upload(FINE)
    with pytest.raises(SafetyError, match="has not checked"):
        await gated.start()


@in_virtual_time
async def test_a_program_that_arrives_while_the_device_is_connected_to_anew_is_not_started(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gated, driver = behind_a_gate()
    connecting: list[asyncio.Task[None]] = []

    async def for_ever() -> None:
        await asyncio.Event().wait()

    async def beside_a_connection(_program: Program) -> None:
        connecting.append(asyncio.create_task(gated.connect()))
        await asyncio.sleep(0)

    monkeypatch.setattr(driver, "connect", for_ever)
    monkeypatch.setattr(driver, "upload", beside_a_connection)
    await gated.upload(FINE)
    with pytest.raises(SafetyError, match="has not checked"):
        await gated.start()
    connecting[0].cancel()


@in_virtual_time
async def test_a_refused_program_leaves_the_one_before() -> None:
    gated, _ = behind_a_gate()
    await gated.upload(FINE)
    with pytest.raises(SafetyError):
        await gated.upload(TOO_LONG)
    await gated.start()


@in_virtual_time
async def test_what_the_device_says_is_learned_at_every_connection() -> None:
    gated, driver = behind_a_gate()
    await gated.upload(FINE)
    driver.limits = DeviceLimits(driver.limits.capabilities, {CeilingId.STEP_DURATION: 50.0})
    await gated.connect()
    with pytest.raises(SafetyError, match="has not checked"):
        await gated.start()
    with pytest.raises(SafetyError, match="at most 50 s"):
        await gated.upload(FINE)


@in_virtual_time
async def test_what_the_device_lacks_is_refused_before_it_hears_of_it() -> None:
    driver = Obedient()
    driver.limits = DeviceLimits(driver.limits.capabilities & ~driver.limits.capabilities)
    with pytest.raises(SafetyError, match="has no vibration"):
        GatedDriver(driver, Gate()).admit(FINE)


@in_virtual_time
async def test_a_step_is_lengthened_up_to_its_ceiling_with_all_that_was_added_before() -> None:
    gated, driver = behind_a_gate()
    await gated.upload(FINE)
    await gated.start()
    driver._say(step=0)
    await gated.extend(150_000)
    driver.failing = CommandRefusedError("not now")
    with pytest.raises(CommandRefusedError):
        await gated.extend(50_000)
    driver.failing = LinkError("no answer")
    with pytest.raises(LinkError):
        await gated.extend(30_000)
    driver.failing = None
    with pytest.raises(SafetyError, match=r"the step would last 300\.001 s"):
        await gated.extend(20_001)
    driver._say(step=1)
    await gated.extend(20_001)
    assert [order for order in driver.done if order.startswith("extend")] == [
        "extend 150000", "extend 50000", "extend 30000", "extend 20001",
    ]  # fmt: skip


@in_virtual_time
async def test_a_trim_only_lowers() -> None:
    gated, driver = behind_a_gate()
    with pytest.raises(SafetyError, match="a trim only lowers"):
        await gated.trim(101, 0)
    await gated.trim(100, 0)
    assert driver.done == ["trim 100 0"]


@in_virtual_time
async def test_stops_pauses_and_signs_of_life_are_asked_of_nobody() -> None:
    gated, driver = behind_a_gate()
    posted = gated.post_stop()
    await gated.pause()
    await gated.skip()
    await gated.keep_alive()
    await gated.stop()
    await gated.emergency_stop()
    await gated.signal()
    await posted
    assert sorted(driver.done) == ["keep alive", "pause", "signal", "skip", "stop", "stop", "stop"]

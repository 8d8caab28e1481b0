"""In every state the firmware treats every command and event as the protocol's tables say."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from glowsim.firmware.core import SOME_HOST
from glowsim.firmware.flash.layout import Kind
from glowsim.physics.types import TICK_US
from glowtool.model.state import Interlock, State
from glowtool.protocol.ceilings import REARM_GRACE_MS
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import (
    ProgramBegin,
    ProgramData,
    SetTime,
    SettingGet,
    SettingSet,
)
from glowtool.protocol.commands.states import Event, after, after_event, refusal
from glowtool.protocol.program import encode_program, program_crc
from glowtool.protocol.records import (
    RecordAt,
    RecordDelete,
    RecordHashGet,
    RecordRead,
    record_crc,
)
from glowtool.protocol.vocabulary import Result, Setting
from glowtool.protocol.wire import decode
from support.device.borders import good
from support.device.firmware_bench import AIR, SKIN, Bench, bench_in, step

if TYPE_CHECKING:
    from collections.abc import Callable

    from glowtool.protocol.wire import Message

PROGRAM = encode_program((step(),))
RECORD = b"as it lies in the flash"

#: Operands of the commands that do not succeed with any good ones.
OPERANDS: dict[Opcode, Message] = {
    Opcode.PROGRAM_BEGIN: ProgramBegin(1, len(PROGRAM), program_crc(PROGRAM)),
    Opcode.PROGRAM_DATA: ProgramData(0),
    Opcode.RECORD_INFO: RecordAt(0),
    Opcode.RECORD_READ: RecordRead(1, 0),
    Opcode.RECORD_HASH: RecordHashGet(1),
    Opcode.RECORD_DELETE: RecordDelete(1, record_crc(RECORD)),
}


def operands_of(opcode: Opcode) -> Message:
    """Return operands with which a command succeeds where it is legal."""
    return OPERANDS.get(opcode) or decode(opcode.command.operands, good(opcode))


def _prepare(bench: Bench, opcode: Opcode) -> None:
    """Bring about what a command needs beside the right state."""
    if opcode in {Opcode.PROGRAM_DATA, Opcode.PROGRAM_COMMIT} and bench.state in {State.IDLE, State.READY}:
        bench.result(Opcode.PROGRAM_BEGIN, OPERANDS[Opcode.PROGRAM_BEGIN])
    if opcode is Opcode.PROGRAM_COMMIT and bench.state in {State.IDLE, State.READY}:
        bench.result(Opcode.PROGRAM_DATA, ProgramData(0), PROGRAM)
    bench.memory.records.put(Kind.MASSAGE, 1, RECORD)
    if opcode is Opcode.TARE:
        bench.sensed = replace(AIR, cells_raw=(3, 4, 5, 6), charging=bench.sensed.charging)
        bench.run(1.1)
    if opcode is Opcode.REARM:
        bench.run(REARM_GRACE_MS / 1000, heartbeat=True)


@pytest.mark.parametrize("state", State, ids=lambda state: state.name)
@pytest.mark.parametrize("opcode", Opcode, ids=lambda opcode: opcode.name)
def test_a_command_does_in_each_state_what_the_table_says(state: State, opcode: Opcode) -> None:
    bench = bench_in(state)
    _prepare(bench, opcode)
    before = bench.firmware.drive
    response = bench.send(opcode, operands_of(opcode), PROGRAM if opcode is Opcode.PROGRAM_DATA else b"")
    refused = refusal(state, opcode)
    assert response.head.result is (Result.SUCCESS if refused is None else refused)
    assert response.head.state is bench.state
    if refused is None:
        assert bench.state is after(state, opcode)
    else:
        assert bench.state is state
        assert bench.firmware.drive == before
    if bench.state is not State.RUNNING:
        assert response.head.outputs.zero
        assert bench.tick().quiet


def _silent(bench: Bench) -> None:
    bench.run(1.0, heartbeat=False)


def _sense(**changes: object) -> Callable[[Bench], None]:
    def feel(bench: Bench) -> None:
        bench.sensed = replace(bench.sensed, **changes)  # type: ignore[arg-type]  # names and types are Sensed's own
        bench.run(2.1)

    return feel


def _end(bench: Bench) -> None:
    if bench.state in {State.RUNNING, State.PAUSED}:
        bench.send(Opcode.SKIP)
        bench.send(Opcode.SKIP)
    bench.tick()


def _press_for_the_stored(bench: Bench) -> None:
    bench.memory.records.put(Kind.PROGRAM, 0, PROGRAM)
    if bench.state not in {State.RUNNING, State.PAUSED}:  # there, a press is the other event
        bench.firmware.on_link(bench.now_us, up=False, authenticated=False)
        bench.firmware.press_button(bench.now_us, 0.1)


PROVOKE: dict[Event, Callable[[Bench], None]] = {
    Event.POWER_ON: lambda bench: bench.firmware.power_on(bench.now_us),
    Event.PROGRAM_END: _end,
    Event.BUTTON: lambda bench: bench.firmware.press_button(bench.now_us, 0.1),
    Event.BUTTON_START: _press_for_the_stored,
    Event.WATCHDOG: _silent,
    Event.LINK_LOSS: lambda bench: bench.firmware.on_link(bench.now_us, up=False, authenticated=False),
    Event.BATTERY_EMPTY: _sense(battery_percent=4),
    Event.CHARGER_ON: _sense(charging=True),
    Event.CHARGER_OFF: _sense(charging=False),
    Event.FAULT_FOUND: _sense(head_temp_raw=(-400, 300)),
    Event.HOST_FORGOTTEN: lambda bench: bench.firmware.forget_host(SOME_HOST),
}


@pytest.mark.parametrize("state", State, ids=lambda state: state.name)
@pytest.mark.parametrize("event", Event, ids=lambda event: event.name)
def test_an_event_does_in_each_state_what_the_table_says(state: State, event: Event) -> None:
    bench = bench_in(state)
    PROVOKE[event](bench)
    assert bench.state is after_event(state, event)
    if bench.state is not State.RUNNING:
        assert bench.firmware.drive.quiet


def test_a_change_of_state_by_an_event_puts_outputs_to_zero_at_once() -> None:
    bench = bench_in(State.RUNNING)
    assert not bench.drive.quiet
    bench.firmware.press_button(bench.now_us, 3.0)
    assert bench.firmware.drive.quiet


@pytest.mark.parametrize("event", [Event.WATCHDOG, Event.LINK_LOSS])
def test_a_lost_host_holds_the_interlock_until_a_resume_and_the_last_level_never_comes_back(event: Event) -> None:
    flag = Interlock[event.name]
    bench = bench_in(State.RUNNING)
    PROVOKE[event](bench)
    bench.firmware.on_link(bench.now_us, up=True, authenticated=True)
    bench.run(3.0)
    assert bench.state is State.PAUSED
    assert bench.drive.quiet
    assert flag in bench.firmware.status(bench.now_us).interlocks
    assert bench.result(Opcode.RESUME) is Result.SUCCESS
    assert flag not in bench.firmware.status(bench.now_us).interlocks
    assert bench.tick().amplitude <= 0.005 / 4 + 1e-9


@pytest.mark.parametrize("tick_first", [False, True], ids=["link first", "tick first"])
@pytest.mark.parametrize(
    ("silent_ms", "flag"),
    [(895, Interlock.LINK_LOSS), (900, Interlock.WATCHDOG), (905, Interlock.WATCHDOG)],
)
def test_of_a_silent_host_and_a_lost_link_the_one_that_is_due_first_names_the_interlock(
    silent_ms: int, flag: Interlock, tick_first: bool
) -> None:
    """The firmware hears of the loss between two ticks: whether that is before or after the tick changes nothing."""
    bench = bench_in(State.RUNNING)
    assert bench.result(Opcode.HEARTBEAT) is Result.SUCCESS
    heard_us, counters = bench.now_us, bench.firmware._core.retained.counters
    silences, losses = counters.host_silences, counters.link_losses
    while bench.now_us + TICK_US < heard_us + silent_ms * 1000:
        bench.tick()
    if tick_first:
        bench.tick()
    bench.firmware.on_link(heard_us + silent_ms * 1000, up=False, authenticated=False)
    bench.tick()

    assert bench.state is State.PAUSED
    assert bench.firmware.status(bench.now_us).interlocks == flag
    counted = counters.host_silences - silences, counters.link_losses - losses
    assert counted == ((1, 0) if flag is Interlock.WATCHDOG else (0, 1))


def test_a_charger_drops_the_program() -> None:
    bench = bench_in(State.READY)
    bench.sensed = replace(SKIN, charging=True)
    bench.tick()
    bench.sensed = SKIN
    bench.tick()
    assert bench.state is State.IDLE
    assert bench.firmware.status(bench.now_us).steps == 0


def test_power_on_forgets_program_and_clock_but_not_settings() -> None:
    bench = bench_in(State.RUNNING)
    bench.result(Opcode.STOP)
    assert bench.result(Opcode.SETTING_SET, SettingSet(Setting.PEAK_UA_MAX, 150)) is Result.SUCCESS
    bench.result(Opcode.SET_TIME, SetTime(1_790_000_000_000))
    bench.firmware.power_on(0)
    bench.now_us = 0
    bench.firmware.on_link(0, up=True, authenticated=True)
    status = bench.firmware.status(0)
    assert (status.state, status.steps, status.unix_ms) == (State.IDLE, 0, 0)
    payload = bench.send(Opcode.SETTING_GET, SettingGet(Setting.PEAK_UA_MAX)).payload
    assert getattr(payload, "value", None) == 150

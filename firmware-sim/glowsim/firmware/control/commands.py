"""The control point: one small function for each opcode, in a table; legality is the protocol's own table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowsim.firmware.control import ownership, storage_commands
from glowsim.firmware.control.call import DONE, Answer, Call
from glowsim.firmware.core import NOTHING_HELD
from glowsim.firmware.interlocks.supply import EMPTY_PERCENT
from glowsim.firmware.program.executor import Executor, TrimLevel
from glowsim.firmware.program.upload import Upload
from glowsim.firmware.sensors.sampler import Sampler, plan
from glowsim.firmware.sensors.self_test import failed_parts
from glowsim.firmware.start_rules import start_refusal
from glowtool.model.program import MAX_STEPS
from glowtool.model.state import Fault, Interlock, State
from glowtool.protocol.ceilings import REARM_GRACE_MS
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import (
    Extend,
    ProgramBegin,
    ProgramData,
    SetTime,
    SettingGet,
    SettingSet,
    TelemetryStart,
    Trim,
)
from glowtool.protocol.commands.payloads import SelfTestReport, SettingValue, TelemetryEnded, TelemetryGranted
from glowtool.protocol.commands.states import Event, after, refusal
from glowtool.protocol.vocabulary import Result, Setting

if TYPE_CHECKING:
    from collections.abc import Callable

    from glowsim.firmware.core import Core
    from glowtool.protocol.commands.codec import Request

#: How long the roller buzzes and blinks to identify itself.
IDENTIFY_US: Final = 3_000_000

#: How long it beeps for `SIGNAL`.
SIGNAL_US: Final = 300_000


def execute(core: Core, now_us: int, request: Request, mtu: int) -> Answer:
    """Carry out a command if state and host allow it, and go to the state that the protocol's table names."""
    refused = refusal(core.state, request.opcode) or ownership.refusal(core, request.opcode)
    if refused is not None:
        return Answer(refused)
    before = core.state
    answer = HANDLERS[request.opcode](Call(core, now_us, request, mtu))
    if answer.result is Result.SUCCESS:
        target = after(before, request.opcode)
        core.enter(target, Interlock.EMERGENCY if target is State.LATCHED else NOTHING_HELD)
        ownership.heed(core, request.opcode)
    if answer.event is not None:
        core.happen(answer.event)
    return answer


def _nothing(_: Call) -> Answer:
    return DONE


def _program_begin(call: Call) -> Answer:
    begin, keyframes = call.operands(ProgramBegin), call.core.model.keyframes
    if begin.steps > MAX_STEPS and not keyframes:
        return Answer(Result.OUT_OF_RANGE)
    call.core.upload = Upload(begin, keyframes=keyframes)
    return DONE


def _program_data(call: Call) -> Answer:
    if call.core.upload is None:
        return Answer(Result.NO_PROGRAM)
    return Answer(call.core.upload.put(call.operands(ProgramData).offset, call.request.tail))


def _program_commit(call: Call) -> Answer:
    upload, call.core.upload = call.core.upload, None
    if upload is None:
        return Answer(Result.NO_PROGRAM)
    program = upload.finish()
    if isinstance(program, Result):
        return Answer(program)
    if call.core.retained.settings.forbid(program) or call.core.model.forbids(program):
        return Answer(Result.OVER_CEILING)
    call.core.program, call.core.program_of = program, call.core.host
    return DONE


def _start(call: Call) -> Answer:
    core = call.core
    if core.program is None:
        return Answer(Result.NO_PROGRAM)
    refused = start_refusal(core, core.program)
    if refused is not None:
        return Answer(refused)
    core.upload = None
    core.run, core.owner = Executor(core.program), core.host
    return DONE


def _resume(call: Call) -> Answer:
    if call.core.readings.battery_percent < EMPTY_PERCENT:
        return Answer(Result.BATTERY_LOW)
    return DONE


def _skip(call: Call) -> Answer:
    if call.executor().last:
        return Answer(event=Event.PROGRAM_END)
    if call.core.retained.dwell.overrun_of(call.executor().to_come()[1:]) is not None:
        return Answer(Result.OVER_CEILING)
    call.core.silence()
    call.executor().skip()
    return DONE


def _extend(call: Call) -> Answer:
    extra_ms = call.operands(Extend).extra_ms
    if call.core.retained.dwell.overrun_of(call.executor().to_come(extra_ms)) is not None:
        return Answer(Result.OVER_CEILING)
    return DONE if call.executor().extend(extra_ms) else Answer(Result.OVER_CEILING)


def _trim(call: Call) -> Answer:
    trim = call.operands(Trim)
    call.executor().trim = TrimLevel(trim.vibration_percent / 100, trim.current_percent / 100)
    return DONE


def _emergency_stop(call: Call) -> Answer:
    core = call.core
    # Before the flash, because a write takes time and the power may fail during it.
    core.silence()
    core.latched_us = call.now_us
    _keep_latch(core, latched=True)
    return DONE


def _rearm(call: Call) -> Answer:
    if call.now_us - call.core.latched_us < REARM_GRACE_MS * 1000:
        return Answer(Result.GRACE)
    _keep_latch(call.core, latched=False)
    return Answer(event=call.core.outranking())


def _keep_latch(core: Core, *, latched: bool) -> None:
    """Keep an emergency stop, or its end, in the flash; what is answered `SUCCESS` survives a loss of power."""
    if core.retained.latched is not latched:
        core.retained.latched = latched
        core.save()


def _set_time(call: Call) -> Answer:
    call.core.clock.put(call.now_us, call.operands(SetTime).unix_ms)
    return DONE


def _tare(call: Call) -> Answer:
    zero = call.core.air.zero(call.now_us)
    if zero is None:
        return Answer(Result.OUT_OF_RANGE)
    call.core.retained.tare = zero
    call.core.save()
    return DONE


def _self_test(call: Call) -> Answer:
    core = call.core
    failed = failed_parts(core.sensed, core.watch, flash_good=core.memory.records.verify())
    failed |= Fault.SENSOR if core.tare_discarded else Fault(0)
    return Answer(payload=SelfTestReport(core.faults | failed))


def _identify(call: Call) -> Answer:
    call.core.identify_until_us = call.now_us + IDENTIFY_US
    return DONE


def _signal(call: Call) -> Answer:
    call.core.signal_until_us = call.now_us + SIGNAL_US
    return DONE


def _forget_host(call: Call) -> Answer:
    call.core.forgets_host = True
    return DONE


def _setting_get(call: Call) -> Answer:
    setting = Setting(call.operands(SettingGet).setting)
    return Answer(payload=SettingValue(call.core.retained.settings[setting]))


def _setting_set(call: Call) -> Answer:
    asked = call.operands(SettingSet)
    setting = Setting(asked.setting)
    call.core.retained.settings.put(setting, asked.value)
    call.core.save()
    return Answer(payload=SettingValue(call.core.retained.settings[setting]))


def _telemetry_start(call: Call) -> Answer:
    asked = call.operands(TelemetryStart)
    stream = plan(asked.rate_hz, asked.channel_mask, call.mtu, call.core.model.channels)
    if not stream.per_frame:
        return Answer(Result.MTU_TOO_SMALL)
    call.core.sampler = Sampler(stream)
    return Answer(payload=TelemetryGranted(stream.per_frame, stream.bytes_per_second))


def _telemetry_stop(call: Call) -> Answer:
    return Answer(payload=TelemetryEnded(call.core.end_stream()))


HANDLERS: Final[dict[Opcode, Callable[[Call], Answer]]] = {
    Opcode.PROGRAM_BEGIN: _program_begin,
    Opcode.PROGRAM_DATA: _program_data,
    Opcode.PROGRAM_COMMIT: _program_commit,
    Opcode.START: _start,
    Opcode.PAUSE: _nothing,
    Opcode.RESUME: _resume,
    Opcode.SKIP: _skip,
    Opcode.EXTEND: _extend,
    Opcode.TRIM: _trim,
    Opcode.STOP: _nothing,
    Opcode.EMERGENCY_STOP: _emergency_stop,
    Opcode.REARM: _rearm,
    Opcode.HEARTBEAT: _nothing,
    Opcode.SET_TIME: _set_time,
    Opcode.TARE: _tare,
    Opcode.SELF_TEST: _self_test,
    Opcode.IDENTIFY: _identify,
    Opcode.FORGET_HOST: _forget_host,
    Opcode.SIGNAL: _signal,
    Opcode.SETTING_GET: _setting_get,
    Opcode.SETTING_SET: _setting_set,
    Opcode.TELEMETRY_START: _telemetry_start,
    Opcode.TELEMETRY_STOP: _telemetry_stop,
    **storage_commands.HANDLERS,
}

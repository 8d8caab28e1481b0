"""Rollers that do not do as they are told, each in one way: a true firmware with altered words or deeds."""

from __future__ import annotations

import enum
from dataclasses import replace
from typing import TYPE_CHECKING

from glowsim.firmware.program.executor import Executor
from glowtool.model.state import State
from glowtool.protocol.commands.codec import Response, decode_response, encode_response
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.vocabulary import Result

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from glowsim.firmware.firmware import Firmware
    from glowsim.roller.roller import Roller as VirtualRoller
    from glowtool.protocol.commands.codec import ResponseHead
    from glowtool.protocol.status import Status


class Lie(enum.StrEnum):
    """The way in which a roller is untrue."""

    TOO_LONG = "a program that never ends"
    SLOW = "steps that last ten times as long"
    STUCK_STEP = "a step that never advances, and says so"
    FAST = "steps that last a fifth of their time"
    SKIPS = "steps left out, without a soft start"
    LOUD = "more vibration than sent"
    STRONG = "more current than sent"
    FREQUENCY = "another frequency of the current"
    PITCH = "another frequency of the vibration"
    JOLT = "outputs that are there at once"
    STEPS = "another number of steps"
    BACKWARDS = "a time in the step that runs backwards"
    CLOCK_BACK = "a device clock that runs backwards"
    BACK_A_STEP = "a step that begins again"
    SEQUENCE = "answers under another number"
    OPCODE = "answers to another command"
    STATE = "answers that say paused"
    SILENT_OUTPUTS = "answers that always say zero outputs"
    ON_IN_PAUSE = "outputs while it says paused"
    START = "a START that succeeds and leads nowhere"


def _words(change: Callable[[Status], Status]) -> Callable[[Firmware], None]:
    def tell(firmware: Firmware) -> None:
        true = firmware.status
        firmware.status = lambda now_us: change(true(now_us))  # type: ignore[method-assign]  # it lies

    return tell


def _answers(change: Callable[[ResponseHead], ResponseHead]) -> Callable[[Firmware], None]:
    def tell(firmware: Firmware) -> None:
        true = firmware.on_control

        def lie(now_us: int, data: bytes, mtu: int) -> bytes:
            response = decode_response(true(now_us, data, mtu))
            return encode_response(Response(change(response.head), response.payload, response.tail))

        firmware.on_control = lie  # type: ignore[method-assign]  # it lies

    return tell


def _while_running(**fields: object) -> Callable[[Status], Status]:
    def change(status: Status) -> Status:
        return replace(status, **fields) if status.state is State.RUNNING else status  # type: ignore[arg-type]

    return change


def _backwards(status: Status) -> Status:
    """Let the time in the step jump back by a second after two."""
    if status.state is State.RUNNING and status.step_elapsed_ms > 2000:
        return replace(status, step_elapsed_ms=status.step_elapsed_ms - 1900)
    return status


def _clock_back(status: Status) -> Status:
    if status.state is State.RUNNING and status.step_elapsed_ms > 2000:
        return replace(status, device_time_us=status.device_time_us - 1_900_000)
    return status


def _heartbeats(**fields: object) -> Callable[[ResponseHead], ResponseHead]:
    def change(head: ResponseHead) -> ResponseHead:
        return replace(head, **fields) if head.opcode == Opcode.HEARTBEAT else head  # type: ignore[arg-type]

    return change


_WORDS = {
    Lie.LOUD: _words(_while_running(amplitude_permille=900)),
    Lie.STRONG: _words(_while_running(peak_ua=390, current_dhz=100)),
    Lie.FREQUENCY: _words(lambda status: replace(status, current_dhz=status.current_dhz * 2)),
    Lie.PITCH: _words(lambda status: replace(status, vibration_dhz=status.vibration_dhz // 2)),
    Lie.JOLT: _words(_while_running(amplitude_permille=400)),
    Lie.STEPS: _words(_while_running(steps=7)),
    Lie.BACKWARDS: _words(_backwards),
    Lie.CLOCK_BACK: _words(_clock_back),
    Lie.BACK_A_STEP: _words(lambda status: replace(status, step=0) if status.step == 1 else status),
    Lie.ON_IN_PAUSE: _words(_while_running(state=State.PAUSED)),
    Lie.SEQUENCE: _answers(lambda head: replace(head, sequence=(head.sequence + 100) % 256)),
    Lie.OPCODE: _answers(_heartbeats(opcode=int(Opcode.TRIM))),
    Lie.STATE: _answers(_heartbeats(state=State.PAUSED, amplitude_permille=0, peak_ua=0)),
    Lie.SILENT_OUTPUTS: _answers(_heartbeats(amplitude_permille=0, peak_ua=0)),
    Lie.START: _answers(
        lambda head: replace(head, result=Result.SUCCESS, state=State.READY) if head.opcode == Opcode.START else head
    ),
}


def corrupt(lie: Lie, roller: VirtualRoller, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a roller lie from now on."""
    firmware = roller.machine._firmware
    if lie in _WORDS:
        _WORDS[lie](firmware)
        return
    advance = Executor.advance

    def never_over(run: Executor, dt_us: int) -> bool:
        if not (run.last and run.step_elapsed_us + dt_us >= run._step_us):
            advance(run, dt_us)
        return False

    def stuck(run: Executor, dt_us: int) -> bool:
        run.step_elapsed_us += dt_us
        run.massage_elapsed_us += dt_us
        return False

    def skips(run: Executor, dt_us: int) -> bool:
        if not run.last and run.step_elapsed_us > 3_000_000:
            run._enter_next(0)
        return advance(run, dt_us)

    deeds = {
        Lie.TOO_LONG: never_over,
        Lie.SLOW: lambda run, dt_us: advance(run, dt_us // 10),
        Lie.FAST: lambda run, dt_us: advance(run, dt_us * 5),
        Lie.STUCK_STEP: stuck,
        Lie.SKIPS: skips,
    }
    monkeypatch.setattr(Executor, "advance", deeds[lie])

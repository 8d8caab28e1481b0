"""One module turns what the roller says into people's units and the words of the model."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glowtool.drivers.gr1.commands.answers import REASONS, answer_in, heard_in
from glowtool.drivers.gr1.incoming.status import is_cut, status_in
from glowtool.model.answer import Answer, Reason
from glowtool.model.output import Levels
from glowtool.model.program import NO_STEP
from glowtool.model.state import Fault, Interlock, State
from glowtool.model.status import Status
from glowtool.protocol.commands.codec import RESPONSE_MARKER, ResponseHead
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.status import WIRE_NO_STEP
from glowtool.protocol.vocabulary import Result
from glowtool.protocol.wire import encode
from support.host.scripted_client import IDLE_STATUS
from support.host.statuses import IDLE

RUNNING = replace(
    IDLE_STATUS,
    state=State.RUNNING,
    step=3,
    steps=7,
    interlocks=Interlock.SOFT_START,
    faults=Fault.FLASH,
    amplitude_permille=305,
    vibration_dhz=756,
    peak_ua=120,
    current_dhz=105,
    step_elapsed_ms=2500,
    massage_elapsed_ms=9500,
    vibration_percent=90,
    current_percent=40,
)


def head(opcode: int = Opcode.START, result: Result = Result.SUCCESS, step: int = 3) -> ResponseHead:
    return ResponseHead(
        RESPONSE_MARKER, opcode, 7, result, State.RUNNING, step, Interlock.SOFT_START, 305, 756, 120, 105
    )


def test_a_status_is_in_people_s_units() -> None:
    assert status_in(encode(RUNNING)) == Status(
        State.RUNNING, 3, 7, 80, Interlock.SOFT_START, Fault.FLASH, Levels(0.305, 75.6, 120, 10.5), 2500, 9500, 90, 40,
        5_000_000, 1_700_000_000_000,
    )  # fmt: skip
    assert status_in(encode(IDLE_STATUS)) == IDLE
    assert is_cut(encode(RUNNING)[:20])
    assert not is_cut(encode(RUNNING))


@given(st.integers(0, 1000), st.integers(0, 0xFFFF), st.integers(0, 0xFFFF))
def test_outputs_are_zero_in_both_units_or_in_none(permille: int, peak_ua: int, dhz: int) -> None:
    said = replace(RUNNING, amplitude_permille=permille, peak_ua=peak_ua, vibration_dhz=dhz, current_dhz=dhz)
    levels = status_in(encode(said)).levels
    assert levels.zero == said.outputs.zero
    assert (round(levels.amplitude * 1000), levels.peak_ua, round(levels.vibration_hz * 10)) == (permille, peak_ua, dhz)


def test_an_answer_says_what_was_done_and_what_is_now() -> None:
    levels = Levels(0.305, 75.6, 120, 10.5)
    assert answer_in(head()) == Answer(
        to_start=True,
        refusal=None,
        state=State.RUNNING,
        step=3,
        interlocks=Interlock.SOFT_START,
        levels=levels,
    )
    assert answer_in(head(step=WIRE_NO_STEP)).step == NO_STEP
    assert not answer_in(head(Opcode.RESUME)).to_start
    assert not answer_in(head(0x77)).to_start


@pytest.mark.parametrize("number", range(1, 256))
def test_every_result_but_success_is_a_refusal(number: int) -> None:
    result = Result(number)
    assert answer_in(head(result=result)).refusal is REASONS.get(result, Reason.UNKNOWN)


@pytest.mark.parametrize(
    ("opcode", "asked", "names"),
    [
        (Opcode.START, Opcode.START, ("START", "START")),
        (Opcode.TARE, Opcode.START, ("TARE", "START")),
        (0x77, None, ("0x77", None)),
    ],
)
def test_an_answer_keeps_its_number_and_the_names_of_the_protocol(
    opcode: int, asked: Opcode | None, names: tuple[str, str | None]
) -> None:
    heard = heard_in(head(opcode), asked)
    assert (heard.number, heard.named, heard.asked) == (7, *names)

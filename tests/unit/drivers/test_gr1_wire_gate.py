"""The gate at the wire judges the program in the bytes, understands requests, and lets stops pass."""

import zlib
from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glowtool.drivers.gr1.commands.wire_gate import WireGate
from glowtool.errors import SafetyError
from glowtool.model.ceilings import CeilingId
from glowtool.model.face import Zone
from glowtool.model.state import Capability, State
from glowtool.protocol.commands.codec import Request
from glowtool.protocol.commands.command import Command, Effect
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import Extend, NoOperands, ProgramBegin, ProgramData, SettingSet, Trim
from glowtool.protocol.program import STEP_SIZE, StepRecord, step_of
from glowtool.protocol.status import Feature
from glowtool.protocol.vocabulary import Setting
from glowtool.safety import Gate, PersonalMax, Severity, lint_program
from support.device.programs import any_programs, raw_program, valid_programs
from support.device.steps import RECORD

STEP = RECORD

OTHER = replace(STEP, zone=Zone.CHEEK_RIGHT)

ALWAYS = (Opcode.STOP, Opcode.EMERGENCY_STOP, Opcode.PAUSE, Opcode.HEARTBEAT)


def wire_gate(personal: PersonalMax | None = None) -> WireGate:
    return WireGate(Gate(personal=personal))


def plain(opcode: Opcode) -> Request:
    return Request(opcode, 0, NoOperands())


def extend(extra_ms: int) -> Request:
    return Request(Opcode.EXTEND, 0, Extend(extra_ms))


def pieces(data: bytes, size: int, *, crc32: int | None = None) -> list[Request]:
    begin = ProgramBegin(len(data) // STEP_SIZE, len(data), zlib.crc32(data) if crc32 is None else crc32)
    middle = [
        Request(Opcode.PROGRAM_DATA, 0, ProgramData(at), data[at : at + size]) for at in range(0, len(data), size)
    ]
    return [Request(Opcode.PROGRAM_BEGIN, 0, begin), *middle, plain(Opcode.PROGRAM_COMMIT)]


def send(gate: WireGate, requests: list[Request]) -> None:
    for request in requests:
        gate.check(request)


def upload(gate: WireGate, steps: list[StepRecord], size: int = 100) -> None:
    send(gate, pieces(raw_program(steps), size))


def passes(gate: WireGate, request: Request, *, step: int | None = None) -> bool:
    try:
        gate.check(request, step=step)
    except SafetyError:
        return False
    return True


@given(valid_programs() | any_programs(), st.integers(1, 200))
def test_the_gate_commits_exactly_what_the_lint_accepts(steps: list[StepRecord], size: int) -> None:
    gate = wire_gate()
    refused = any(item.severity is Severity.REFUSE for item in lint_program(map(step_of, steps)))
    try:
        upload(gate, steps, size)
    except SafetyError:
        assert refused
        assert not passes(gate, plain(Opcode.START))
    else:
        assert not refused
        gate.check(plain(Opcode.START))


@given(st.permutations(range(1, 4)))
def test_pieces_may_come_in_any_order(order: list[int]) -> None:
    gate = wire_gate()
    requests = pieces(raw_program([STEP] * 3), STEP_SIZE)
    for number in (0, *order, 4):
        gate.check(requests[number])
    gate.check(plain(Opcode.START))


@pytest.mark.parametrize("missing", [0, 1, 2])
def test_an_upload_with_a_hole_is_not_committed(missing: int) -> None:
    requests = pieces(raw_program([STEP] * 2), STEP_SIZE)
    del requests[missing]
    with pytest.raises(SafetyError, match="upload"):
        send(wire_gate(), requests)


def test_a_hole_where_a_zero_belongs_is_still_a_hole() -> None:
    data = raw_program([STEP])
    requests = pieces(data, 1)
    del requests[1 + data.index(0)]  # the CRC over a buffer of zeros is the right one
    with pytest.raises(SafetyError, match="not complete"):
        send(wire_gate(), requests)


def test_an_upload_with_another_crc_is_not_committed() -> None:
    begin, *pieces_in_order, commit = pieces(raw_program([STEP]), 10, crc32=1)
    gate = wire_gate()
    send(gate, [begin, *pieces_in_order])
    with pytest.raises(SafetyError, match="CRC"):
        gate.check(commit)


def test_a_piece_beyond_the_announced_length_is_refused() -> None:
    begin, piece, _commit = pieces(raw_program([STEP]), 100)
    gate = wire_gate()
    gate.check(begin)
    with pytest.raises(SafetyError, match=f"ends at byte {STEP_SIZE + 1}"):
        gate.check(replace(piece, tail=piece.tail + b"!"))


def test_a_broken_upload_leaves_the_program_that_passed_before() -> None:
    gate = wire_gate()
    upload(gate, [STEP])
    with pytest.raises(SafetyError):
        upload(gate, [replace(STEP, zone=Zone.MOUTH)])
    gate.check(plain(Opcode.START))


def test_start_and_resume_want_a_program_that_this_gate_has_seen() -> None:
    for opcode in (Opcode.START, Opcode.RESUME, Opcode.PROGRAM_STORE):
        with pytest.raises(SafetyError, match="has not checked"):
            wire_gate().check(plain(opcode))


def test_a_refused_commit_makes_start_illegal_again() -> None:
    gate = wire_gate()
    upload(gate, [STEP])
    gate.failed(plain(Opcode.PROGRAM_COMMIT))
    assert not passes(gate, plain(Opcode.START))


def test_a_new_connection_lowers_ceilings_and_forgets_the_program() -> None:
    gate = Gate()
    upload(WireGate(gate), [STEP])
    able = Capability.VIBRATION | Capability.MICROCURRENT
    gate.learn(Feature(1, 0, able, (200,), {CeilingId.PEAK_CURRENT: 70}).limits)
    assert not passes(WireGate(gate), plain(Opcode.START))
    with pytest.raises(SafetyError, match="at most 70 µA"):
        upload(WireGate(gate), [STEP])


def test_an_upload_does_not_go_on_over_another_connection() -> None:
    begin, *pieces_in_order, commit = pieces(raw_program([STEP]), 10)
    gate = Gate()
    send(WireGate(gate), [begin, *pieces_in_order])
    with pytest.raises(SafetyError, match="not complete"):
        WireGate(gate).check(commit)


def test_a_personal_maximum_holds_for_uploads_and_settings() -> None:
    gate = wire_gate(personal=PersonalMax(peak_ua=70))
    with pytest.raises(SafetyError, match="at most 70 µA"):
        upload(gate, [STEP])
    assert not passes(gate, Request(Opcode.SETTING_SET, 0, SettingSet(Setting.PEAK_UA_MAX, 71)))
    gate.check(Request(Opcode.SETTING_SET, 0, SettingSet(Setting.PEAK_UA_MAX, 70)))


def test_a_personal_maximum_between_two_steps_of_a_setting_is_not_rounded_up() -> None:
    gate = wire_gate(personal=PersonalMax(amplitude=0.7006))
    assert passes(gate, Request(Opcode.SETTING_SET, 0, SettingSet(Setting.AMPLITUDE_PERMILLE_MAX, 700)))
    assert not passes(gate, Request(Opcode.SETTING_SET, 0, SettingSet(Setting.AMPLITUDE_PERMILLE_MAX, 701)))


@pytest.mark.parametrize(
    ("setting", "value", "allowed"),
    [
        (Setting.WATCHDOG_MS, 1000, True),
        (Setting.WATCHDOG_MS, 250, True),
        (Setting.WATCHDOG_MS, 1001, False),
        (Setting.WATCHDOG_MS, 249, False),
        (Setting.PEAK_UA_MAX, 400, True),
        (Setting.PEAK_UA_MAX, 401, False),
        (Setting.PEAK_UA_MAX, -1, False),
        (Setting.AMPLITUDE_PERMILLE_MAX, 1000, True),
        (Setting.AMPLITUDE_PERMILLE_MAX, 1001, False),
        (99, 0, False),
    ],
)
def test_settings_only_lower(setting: int, value: int, *, allowed: bool) -> None:
    assert passes(wire_gate(), Request(Opcode.SETTING_SET, 0, SettingSet(setting, value))) == allowed


@pytest.mark.parametrize(("percent", "allowed"), [(0, True), (100, True), (101, False)])
def test_a_trim_only_lowers(percent: int, *, allowed: bool) -> None:
    assert passes(wire_gate(), Request(Opcode.TRIM, 0, Trim(percent, 50))) == allowed
    assert passes(wire_gate(), Request(Opcode.TRIM, 0, Trim(50, percent))) == allowed


def test_a_step_is_lengthened_up_to_its_ceiling_and_no_further() -> None:
    gate = wire_gate()
    upload(gate, [STEP, replace(OTHER, duration_ms=200_000)])
    gate.check(plain(Opcode.START))
    gate.check(extend(240_000), step=0)
    with pytest.raises(SafetyError, match=r"the step would last 300\.001 s"):
        gate.check(extend(1), step=0)
    gate.check(extend(100_000), step=1)
    gate.check(plain(Opcode.START))
    gate.check(extend(240_000), step=0)


def test_an_extension_that_the_roller_refused_does_not_count() -> None:
    gate = wire_gate()
    upload(gate, [STEP])
    gate.check(extend(240_000), step=0)
    gate.failed(extend(240_000), step=0, answered=True)
    gate.check(extend(240_000), step=0)


def test_an_extension_without_an_answer_stays_counted() -> None:
    gate = wire_gate()
    upload(gate, [STEP])
    gate.check(extend(240_000), step=0)
    gate.failed(extend(240_000), step=0)
    assert not passes(gate, extend(1), step=0)


#: For each command that the gate judges, a request that a gate which has seen nothing refuses.
JUDGED = {
    Opcode.PROGRAM_BEGIN: Request(Opcode.PROGRAM_BEGIN, 0, ProgramBegin(1, STEP_SIZE + 1, 0)),
    Opcode.PROGRAM_DATA: Request(Opcode.PROGRAM_DATA, 0, ProgramData(0), b"x"),
    Opcode.PROGRAM_COMMIT: plain(Opcode.PROGRAM_COMMIT),
    Opcode.PROGRAM_STORE: plain(Opcode.PROGRAM_STORE),
    Opcode.START: plain(Opcode.START),
    Opcode.RESUME: plain(Opcode.RESUME),
    Opcode.EXTEND: extend(1),
    Opcode.TRIM: Request(Opcode.TRIM, 0, Trim(101, 101)),
    Opcode.SETTING_SET: Request(Opcode.SETTING_SET, 0, SettingSet(Setting.PEAK_UA_MAX, 401)),
}


@pytest.mark.parametrize("opcode", Opcode, ids=lambda opcode: opcode.name)
def test_each_command_is_judged_or_harmless(opcode: Opcode) -> None:
    assert passes(wire_gate(), JUDGED.get(opcode, plain(opcode))) == (opcode not in JUDGED)
    # What cuts a step short is noted, and passes.
    assert (opcode.command.effect in {Effect.HARMLESS, Effect.CUTS}) == (opcode not in JUDGED)
    if State.RUNNING in opcode.command.after.values():
        assert opcode in JUDGED, "it starts outputs"


def test_a_command_is_not_made_without_saying_what_a_gate_has_to_judge() -> None:
    with pytest.raises(TypeError, match="effect"):
        Command(0x70, "pulse the motor", frozenset(State))  # type: ignore[call-arg]


def test_a_command_with_an_effect_that_the_gate_does_not_know_is_not_sent() -> None:
    invented = SimpleNamespace(name="PULSE", command=SimpleNamespace(effect="pulses the motor"))
    with pytest.raises(SafetyError, match=r"PULSE was not sent: .* cannot judge what it does .'pulses the motor'"):
        wire_gate().check(Request(cast("Opcode", invented), 0, NoOperands()))


@given(any_programs(), st.sampled_from(ALWAYS))
def test_stops_pauses_and_heartbeats_always_pass(steps: list[StepRecord], opcode: Opcode) -> None:
    gate = wire_gate()
    for request in pieces(raw_program(steps), 50):
        gate.check(plain(opcode))
        passes(gate, request)
    gate.check(plain(opcode))


def test_wrong_operands_are_refused_with_a_clear_word() -> None:
    for opcode in (Opcode.TRIM, Opcode.EXTEND, Opcode.SETTING_SET, Opcode.PROGRAM_BEGIN, Opcode.PROGRAM_DATA):
        with pytest.raises(SafetyError, match=f"{opcode.name} takes {opcode.command.operands.__name__}"):
            wire_gate().check(plain(opcode))

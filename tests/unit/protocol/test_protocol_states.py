"""The state table: complete, and true to its two laws."""

from glowtool.model.state import State
from glowtool.protocol import gatt
from glowtool.protocol.control import OPERANDS, Opcode
from glowtool.protocol.meanings import COMMANDS
from glowtool.protocol.states import AFTER, LEGAL, after, refusal
from glowtool.protocol.vocabulary import Result


def test_every_state_and_every_command_is_in_the_tables() -> None:
    assert set(LEGAL) == set(State)
    assert set(OPERANDS) == set(COMMANDS) == set(Opcode)


def test_a_change_of_state_is_only_declared_for_a_legal_command() -> None:
    assert all(opcode in LEGAL[state] for state, opcode in AFTER)


def test_emergency_stop_is_legal_everywhere_and_latches() -> None:
    assert all(after(state, Opcode.EMERGENCY_STOP) is State.LATCHED for state in State)
    assert all(Opcode.EMERGENCY_STOP in LEGAL[state] for state in State)


def test_stop_is_legal_everywhere_but_in_the_latch_and_never_leads_to_running() -> None:
    assert {state for state in State if Opcode.STOP not in LEGAL[state]} == {State.LATCHED}
    assert all(after(state, Opcode.STOP) is not State.RUNNING for state in State)


def test_only_start_and_resume_lead_to_running() -> None:
    assert {opcode for (_, opcode), target in AFTER.items() if target is State.RUNNING} == {Opcode.START, Opcode.RESUME}


def test_a_latched_roller_does_nothing_but_rearm_and_talk() -> None:
    dangerous = {Opcode.START, Opcode.RESUME, Opcode.SKIP, Opcode.TRIM, Opcode.EXTEND, Opcode.PROGRAM_COMMIT}
    assert not dangerous & LEGAL[State.LATCHED]
    assert {state for state in State if Opcode.REARM in LEGAL[state]} == {State.LATCHED}


def test_a_locked_roller_says_that_it_is_locked() -> None:
    assert refusal(State.LOCKED, Opcode.START) is Result.LOCKED
    assert refusal(State.IDLE, Opcode.START) is Result.WRONG_STATE
    assert refusal(State.READY, Opcode.START) is None


def test_only_identity_is_open_and_uuids_are_unique() -> None:
    characteristics = [item for service in gatt.SERVICES for item in service.characteristics]
    open_ones = {item.uuid for item in characteristics if item.access is gatt.Access.OPEN}
    identity = next(service for service in gatt.SERVICES if service.name == "Device Information")
    assert open_ones == {item.uuid for item in identity.characteristics}
    assert len({item.uuid for item in characteristics}) == len(characteristics)


def test_vendor_data_never_stands_under_an_assigned_uuid() -> None:
    uuids = [gatt.ROLLER_SERVICE.uuid, *(item.uuid for item in gatt.ROLLER_SERVICE.characteristics)]
    assert not [uuid for uuid in uuids if uuid.startswith("0000")]

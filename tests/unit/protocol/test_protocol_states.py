"""The table of commands and states is complete and keeps its two laws."""

from dataclasses import FrozenInstanceError

import pytest

from glowtool.model.state import Capability, State
from glowtool.protocol import gatt
from glowtool.protocol.commands.command import Giver
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.states import after, refusal
from glowtool.protocol.vocabulary import Result
from glowtool.protocol.wire import PROTOCOL_VERSION, V1_0, layout

#: State and command, and the state that a success leads to, where it is another one.
AFTER = {(state, opcode): target for opcode in Opcode for state, target in opcode.command.after.items()}


def test_every_command_has_a_row_of_its_own() -> None:
    assert [opcode.command.code for opcode in Opcode] == sorted(set(Opcode))
    assert len({opcode.command.means for opcode in Opcode}) == len(Opcode)
    assert {opcode.command.legal for opcode in Opcode} >= {frozenset(State)}
    with pytest.raises(FrozenInstanceError):
        Opcode.STOP.command.stops = False  # type: ignore[misc]  # what the test is about


@pytest.mark.parametrize("opcode", Opcode, ids=lambda opcode: opcode.name)
def test_a_row_hangs_together(opcode: Opcode) -> None:
    row = opcode.command
    assert row.legal
    assert row.since <= PROTOCOL_VERSION
    assert Result.SUCCESS not in row.refused
    assert not (row.stops and row.overtaken), "nothing drops a stop"
    assert not row.stops or (row.giver, row.since, row.wants) == (Giver.ANY, V1_0, Capability(0))
    assert row.takes_over or row.giver is not Giver.MASSAGE
    assert row.overtaken or State.RUNNING not in row.after.values(), "what a stop is to end does not come after it"
    assert all(item.wire.since <= row.since for item in layout(row.operands))


def test_a_change_of_state_is_only_declared_for_a_legal_command() -> None:
    assert all(state in opcode.command.legal for state, opcode in AFTER)


def test_emergency_stop_is_legal_everywhere_and_latches() -> None:
    assert all(after(state, Opcode.EMERGENCY_STOP) is State.LATCHED for state in State)
    assert Opcode.EMERGENCY_STOP.command.legal == set(State)


def test_stop_is_legal_everywhere_but_in_the_latch_and_never_leads_to_running() -> None:
    assert set(State) - Opcode.STOP.command.legal == {State.LATCHED}
    assert all(after(state, Opcode.STOP) is not State.RUNNING for state in State)


def test_only_start_and_resume_lead_to_running() -> None:
    assert {opcode for (_, opcode), target in AFTER.items() if target is State.RUNNING} == {Opcode.START, Opcode.RESUME}


def test_a_latched_roller_does_nothing_but_rearm_and_talk() -> None:
    dangerous = {Opcode.START, Opcode.RESUME, Opcode.SKIP, Opcode.TRIM, Opcode.EXTEND, Opcode.PROGRAM_COMMIT}
    assert not [opcode for opcode in dangerous if State.LATCHED in opcode.command.legal]
    assert Opcode.REARM.command.legal == {State.LATCHED}


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

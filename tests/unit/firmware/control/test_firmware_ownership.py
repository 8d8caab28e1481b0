"""A massage belongs to the host that began it, also while another host, the button or the bonds change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from glowtool.drivers.gr1.commands.refusals import refused
from glowtool.model.ending import MassageEnd
from glowtool.model.state import Interlock, State
from glowtool.protocol.commands.command import Giver
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import Extend, NoOperands, ProgramBegin, ProgramData, Trim
from glowtool.protocol.commands.ownership import NEEDS_ITS_PROGRAM, STEERS, STOPS, TAKES_OVER
from glowtool.protocol.program import encode_program, program_crc
from glowtool.protocol.vocabulary import Result
from support.device.firmware_bench import Bench, step
from support.device.roller_life import alone, massages, press

if TYPE_CHECKING:
    from glowtool.protocol.wire import Message

ANNA, BEN = "C4:00:00:00:00:0A", "C4:00:00:00:00:0B"
OPERANDS: dict[Opcode, Message] = {Opcode.EXTEND: Extend(1000), Opcode.TRIM: Trim(50, 50)}

#: What a host can say without more than these operands.
SPOKEN = frozenset(opcode for opcode in Opcode if opcode in OPERANDS or opcode.command.operands is NoOperands)


def come(bench: Bench, host: str) -> None:
    """Let a host connect, after the one before has gone."""
    alone(bench)
    bench.firmware.on_link(bench.now_us, up=True, authenticated=False)
    bench.firmware.on_link(bench.now_us, up=True, authenticated=True, host=host)


def in_state(bench: Bench, state: State) -> bool:
    """Whether the roller is in a state; a property that a type checker has seen once may change all the same."""
    return bench.state is state


def lost_by_anna() -> Bench:
    """Return a roller whose massage Anna has begun, and whose link she has lost."""
    bench = Bench()
    come(bench, ANNA)
    bench.start(step(20_000), step(20_000))
    bench.run(2.0)
    alone(bench)
    assert bench.state is State.PAUSED
    return bench


@pytest.mark.parametrize("opcode", sorted(STEERS), ids=lambda opcode: opcode.name)
def test_another_host_stops_and_does_not_steer(opcode: Opcode) -> None:
    bench = lost_by_anna()
    come(bench, BEN)
    before = bench.firmware.status(bench.now_us)
    assert bench.result(opcode, OPERANDS.get(opcode)) is Result.NOT_FROM_THIS_HOST
    assert bench.firmware.status(bench.now_us) == before, "refused, and nothing has changed"
    assert all(drive.quiet for drive in bench.run(1.0))
    assert bench.result(Opcode.STOP) is Result.SUCCESS
    assert bench.state is State.READY


def test_the_host_that_began_it_comes_back_and_goes_on_whoever_was_there_meanwhile() -> None:
    bench = lost_by_anna()
    come(bench, BEN)
    assert bench.result(Opcode.HEARTBEAT) is Result.SUCCESS
    assert bench.result(Opcode.RESUME) is Result.NOT_FROM_THIS_HOST
    come(bench, ANNA)
    assert bench.result(Opcode.RESUME) is Result.SUCCESS
    assert not bench.run(1.0)[-1].quiet


@pytest.mark.parametrize("opcode", sorted(STOPS), ids=lambda opcode: opcode.name)
def test_every_stop_of_any_bonded_host_is_carried_out_and_takes_nothing_over(opcode: Opcode) -> None:
    bench = Bench()
    press_stored(bench)
    come(bench, ANNA)
    assert bench.result(Opcode.TRIM, Trim(50, 50)) is Result.SUCCESS, "it is Anna's from now on"
    bench.run(1.0)
    # As if the link were another host's without a loss in between: not even then does the massage change hands.
    bench.firmware._core.host = BEN
    assert bench.result(opcode) is Result.SUCCESS
    assert bench.firmware.drive.quiet
    if opcode is Opcode.PAUSE:
        assert bench.result(Opcode.RESUME) is Result.NOT_FROM_THIS_HOST


def test_only_the_host_of_a_massage_keeps_it_alive() -> None:
    bench = Bench()
    come(bench, ANNA)
    bench.start(step(20_000))
    bench.run(1.0)
    bench.firmware._core.host = BEN
    bench.run(1.1)
    assert bench.state is State.PAUSED
    assert Interlock.WATCHDOG in bench.firmware.status(bench.now_us).interlocks


def press_stored(bench: Bench) -> None:
    """Let Anna keep a program, and a person without a host start it."""
    come(bench, ANNA)
    bench.load(step(20_000), step(20_000))
    assert bench.result(Opcode.PROGRAM_STORE) is Result.SUCCESS
    alone(bench)
    assert press(bench) is State.RUNNING
    bench.run(0.5, heartbeat=False)


@pytest.mark.parametrize("opcode", sorted(TAKES_OVER - {Opcode.RESUME}), ids=lambda opcode: opcode.name)
def test_a_massage_of_the_button_is_the_first_host_s_that_steers_it(opcode: Opcode) -> None:
    bench = Bench()
    press_stored(bench)
    come(bench, ANNA)
    assert bench.result(Opcode.HEARTBEAT) is Result.SUCCESS, "to look on takes nothing over"
    come(bench, BEN)
    assert in_state(bench, State.RUNNING)
    assert bench.result(opcode, OPERANDS.get(opcode)) is Result.SUCCESS
    come(bench, ANNA)
    assert in_state(bench, State.PAUSED)
    assert bench.result(Opcode.RESUME) is Result.NOT_FROM_THIS_HOST
    come(bench, BEN)
    assert bench.result(Opcode.RESUME) is Result.SUCCESS
    assert press(bench) is State.READY, "the button stops whatever runs"


@pytest.mark.parametrize("opcode", sorted(NEEDS_ITS_PROGRAM), ids=lambda opcode: opcode.name)
def test_a_program_is_started_and_stored_by_the_host_that_has_loaded_it(opcode: Opcode) -> None:
    bench = Bench()
    come(bench, ANNA)
    bench.load(step())
    come(bench, BEN)
    assert bench.result(opcode) is Result.NOT_FROM_THIS_HOST
    assert bench.tick().quiet
    bench.load(step(peak_ua=0))
    come(bench, ANNA)
    assert bench.result(opcode) is Result.NOT_FROM_THIS_HOST, "it is Ben's by now"
    come(bench, BEN)
    assert bench.result(opcode) is Result.SUCCESS


def test_uploads_of_two_hosts_do_not_mix() -> None:
    bench = Bench()
    data = encode_program((step(), step()))
    begin = ProgramBegin(2, len(data), program_crc(data))
    come(bench, ANNA)
    assert bench.result(Opcode.PROGRAM_BEGIN, begin) is Result.SUCCESS
    assert bench.result(Opcode.PROGRAM_DATA, ProgramData(0), data[:24]) is Result.SUCCESS
    come(bench, BEN)
    assert bench.result(Opcode.PROGRAM_DATA, ProgramData(24), data[24:]) is Result.NO_PROGRAM
    assert bench.result(Opcode.PROGRAM_COMMIT) is Result.NO_PROGRAM
    assert bench.state is State.IDLE


def test_what_the_button_has_started_may_be_started_by_any_host_once_it_is_over() -> None:
    bench = Bench()
    press_stored(bench)
    press(bench)
    come(bench, BEN)
    assert bench.state is State.READY
    assert bench.result(Opcode.START) is Result.SUCCESS
    come(bench, ANNA)
    assert bench.result(Opcode.RESUME) is Result.NOT_FROM_THIS_HOST


def test_another_host_that_looks_on_does_not_keep_the_button_from_starting() -> None:
    bench = Bench()
    press_stored(bench)
    press(bench)
    come(bench, ANNA)
    bench.load(step())
    assert press(bench) is State.READY, "she has just loaded one, and is about to start it"
    come(bench, BEN)
    assert press(bench) is State.RUNNING


@pytest.mark.parametrize("running", [False, True], ids=["ready", "running"])
def test_what_belongs_to_a_host_ends_with_its_bond(running: bool) -> None:
    bench = Bench()
    come(bench, ANNA)
    bench.load(step(20_000))
    if running:
        bench.result(Opcode.START)
        bench.run(2.0)
    bench.firmware.forget_host(BEN)
    assert in_state(bench, State.RUNNING if running else State.READY)
    bench.firmware.forget_host(ANNA)
    assert bench.firmware.drive.quiet
    assert bench.state is State.IDLE
    assert bench.tick().quiet
    come(bench, ANNA)
    assert bench.result(Opcode.RESUME) is Result.WRONG_STATE


def test_a_massage_that_the_button_began_ends_with_the_bond_of_the_host_that_took_it_over_and_is_recorded() -> None:
    bench = Bench()
    press_stored(bench)
    come(bench, BEN)
    bench.result(Opcode.TRIM, Trim(50, 50))
    bench.firmware.forget_host(BEN)
    assert bench.state is State.IDLE
    (massage,) = massages(bench)
    assert massage.head.end is MassageEnd.HOST


@pytest.mark.parametrize("opcode", sorted(SPOKEN - STOPS), ids=lambda opcode: opcode.name)
def test_a_host_that_is_there_without_its_bond_is_refused_everything_but_a_stop(opcode: Opcode) -> None:
    bench = Bench()
    come(bench, ANNA)
    bench.start(step(20_000))
    bench.run(2.0)
    bench.firmware.forget_host(ANNA)
    assert bench.result(opcode, OPERANDS.get(opcode)) is Result.NOT_FROM_THIS_HOST
    assert bench.state is State.IDLE
    assert bench.tick().quiet


@pytest.mark.parametrize("opcode", sorted(STOPS), ids=lambda opcode: opcode.name)
def test_a_host_that_is_there_without_its_bond_still_stops_what_the_button_began(opcode: Opcode) -> None:
    bench = Bench()
    press_stored(bench)
    come(bench, BEN)
    bench.firmware.forget_host(BEN)
    assert in_state(bench, State.RUNNING), "it is not Ben's"
    assert bench.result(Opcode.TRIM, Trim(100, 100)) is Result.NOT_FROM_THIS_HOST
    assert bench.result(opcode) is Result.SUCCESS
    assert bench.firmware.drive.quiet
    assert bench.result(Opcode.RESUME) is not Result.SUCCESS


def test_a_host_that_has_paired_anew_over_its_link_has_its_rights_again() -> None:
    bench = Bench()
    come(bench, ANNA)
    bench.firmware.forget_host(ANNA)
    assert bench.result(Opcode.HEARTBEAT) is Result.NOT_FROM_THIS_HOST
    bench.firmware.on_link(bench.now_us, up=True, authenticated=True, host=ANNA)
    bench.start(step(20_000))
    assert not bench.run(1.0)[-1].quiet


def test_a_bond_that_goes_takes_no_rights_of_another_host_that_is_there() -> None:
    bench = Bench()
    come(bench, BEN)
    bench.firmware.forget_host(ANNA)
    bench.start(step(20_000))
    bench.firmware.forget_host(ANNA)
    assert not bench.run(1.0)[-1].quiet


def test_the_person_at_the_other_host_is_told_what_to_do() -> None:
    bench = lost_by_anna()
    come(bench, BEN)
    resume = str(refused(Opcode.RESUME, bench.send(Opcode.RESUME).head))
    assert "another computer or phone began" in resume
    assert "`glowtool stop`" in resume
    bench.result(Opcode.STOP)
    start = str(refused(Opcode.START, bench.send(Opcode.START).head))
    assert "another computer or phone loaded" in start
    assert "`glowtool run`" in start


def test_every_command_is_some_host_s() -> None:
    assert {opcode.command.giver for opcode in Opcode} == set(Giver)
    assert not STOPS & (STEERS | NEEDS_ITS_PROGRAM), "any bonded host stops"

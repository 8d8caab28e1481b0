"""A massage by the button keeps its owner while a host looks on, steers it or loses its link."""

from __future__ import annotations

import pytest

from glowtool.model.ending import MassageEnd
from glowtool.model.state import Interlock, State
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.records import Diagnostic, DiagnosticGet
from glowtool.protocol.vocabulary import Result
from support.device.firmware_bench import step
from support.device.roller_life import alone, massages, press, with_host
from support.device.stored import STEERS, diagnostic, steered, stored


def test_a_host_that_has_loaded_a_program_is_not_overtaken_by_the_button() -> None:
    bench = stored(host=True)
    assert press(bench) is State.READY
    bench.firmware.power_on(0)
    bench.now_us = 0
    with_host(bench)
    bench.tick()
    assert press(bench) is State.RUNNING  # with an idle host it may start, and the host sees it
    assert bench.send(Opcode.STOP).head.state is State.READY


def test_the_link_of_a_host_that_only_looked_on_may_end_without_stopping_it() -> None:
    bench = stored()
    press(bench)
    bench.run(0.5, heartbeat=False)
    with_host(bench)
    bench.run(0.5, heartbeat=False)
    alone(bench)
    bench.tick()
    assert bench.state is State.RUNNING


def test_a_host_that_starts_the_same_program_is_watched_again() -> None:
    bench = stored(step(8000))
    press(bench)
    bench.run(0.5, heartbeat=False)
    press(bench)
    bench.tick()
    with_host(bench)
    assert bench.result(Opcode.START) is Result.SUCCESS
    bench.run(1.1, heartbeat=False)
    assert bench.state is State.PAUSED
    assert diagnostic(bench, Diagnostic.HOST_SILENCES) == 1


@pytest.mark.parametrize("way", STEERS)
def test_a_host_that_steers_a_massage_of_the_button_answers_for_it(way: str) -> None:
    bench = steered(way)
    assert not bench.run(3.0)[-1].quiet, "a host that is heard keeps it going"
    assert bench.run(1.0, heartbeat=False)[-1].quiet
    assert bench.state is State.PAUSED
    assert Interlock.WATCHDOG in bench.firmware.status(bench.now_us).interlocks
    assert diagnostic(bench, Diagnostic.HOST_SILENCES) == 1
    assert bench.result(Opcode.RESUME) is Result.SUCCESS
    bench.run(0.5)
    assert not bench.drive.quiet


@pytest.mark.parametrize("way", STEERS)
def test_the_link_of_a_host_that_steers_pauses_it_when_it_is_lost_and_the_button_still_ends_it(way: str) -> None:
    bench = steered(way)
    bench.run(0.5)
    alone(bench)
    assert bench.firmware.drive.quiet
    bench.run(2.0, heartbeat=False)
    assert bench.state is State.PAUSED
    assert press(bench) is State.READY
    assert massages(bench)[0].head.end is MassageEnd.BUTTON
    press(bench)
    bench.run(2.0, heartbeat=False)
    assert not bench.drive.quiet, "what the button begins anew needs no host"


@pytest.mark.parametrize("opcode", [Opcode.HEARTBEAT, Opcode.RESUME, Opcode.DIAGNOSTICS])
def test_a_host_that_looks_on_or_is_refused_takes_no_command(opcode: Opcode) -> None:
    bench = stored(step(20_000))
    press(bench)
    with_host(bench)
    bench.send(opcode, DiagnosticGet(Diagnostic.FAULTS) if opcode is Opcode.DIAGNOSTICS else None)
    bench.run(2.0, heartbeat=False)
    alone(bench)
    bench.run(1.0, heartbeat=False)
    assert bench.state is State.RUNNING

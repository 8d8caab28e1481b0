"""A roller with a program stored, and hosts that steer what its button began."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import Extend, Trim
from glowtool.protocol.records import Diagnostic, DiagnosticGet, DiagnosticValue
from glowtool.protocol.vocabulary import Result
from support.device.firmware_bench import Bench, step
from support.device.roller_life import SHORT, alone, press, with_host

if TYPE_CHECKING:
    from glowsim.firmware.retained.memory import Memory
    from glowtool.protocol.wire import Message


def stored(*steps: object, memory: Memory | None = None, host: bool = False) -> Bench:
    """Return a roller with a stored program, alone unless a host stays."""
    bench = Bench(memory=memory)
    bench.load(*(steps or SHORT))  # type: ignore[arg-type]  # steps of the bench
    assert bench.result(Opcode.PROGRAM_STORE) is Result.SUCCESS
    if not host:
        alone(bench)
    return bench


def diagnostic(bench: Bench, item: Diagnostic) -> int:
    payload = bench.send(Opcode.DIAGNOSTICS, DiagnosticGet(item)).payload
    assert isinstance(payload, DiagnosticValue)
    return payload.value


STEERS: dict[str, tuple[tuple[Opcode, Message | None], ...]] = {
    "pause and resume": ((Opcode.PAUSE, None), (Opcode.RESUME, None)),
    "skip": ((Opcode.SKIP, None),),
    "extend": ((Opcode.EXTEND, Extend(1000)),),
    "trim": ((Opcode.TRIM, Trim(50, 50)),),
}


def steered(way: str) -> Bench:
    """Return a roller whose massage the button began, and whose host has steered it."""
    bench = stored(step(20_000), step(20_000))
    press(bench)
    bench.run(0.5, heartbeat=False)
    with_host(bench)
    for opcode, operands in STEERS[way]:
        assert bench.result(opcode, operands) is Result.SUCCESS
    return bench

"""A random massage over the whole radio stack in virtual time: host, HCI, impaired air, GATT, firmware, body, judge."""

from __future__ import annotations

import asyncio
import random
import struct
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final
from unittest.mock import patch

from chaos.judge import Judge
from chaos.massage import Outcome
from chaos.programs import draw_program
from chaos.wire import ViolationError
from glowsim.air.conditions import LinkConditions
from glowsim.scenario import Scenario
from glowtool.protocol.control import Extend, NoOperands, Opcode, ProgramBegin, ProgramData, Trim
from glowtool.protocol.program import STEP_SIZE, program_crc
from glowtool.protocol.vocabulary import Interlock, State
from support.rollers import bench, bonded_console
from support.virtual_time import in_virtual_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from glowsim.physics.types import Drive, Sensed
    from glowsim.roller import Roller
    from glowtool.protocol.wire import Message
    from support.rollers import Bench, Console

_PIECE: Final = 180
_ACTS: Final = (
    Opcode.PAUSE, Opcode.RESUME, Opcode.SKIP, Opcode.STOP, Opcode.START, Opcode.EMERGENCY_STOP, Opcode.EXTEND,
    Opcode.TRIM, Opcode.TRIM,
)  # fmt: skip


class Watch:
    """Sits between the machine and its firmware, and keeps the first violation instead of stopping the radio."""

    def __init__(self, roller: Roller) -> None:
        self.roller = roller
        self.judge = Judge()
        self.violation = ""
        self.commands = 0
        self.seen = Interlock(0)
        firmware = roller.machine._firmware
        self._tick, self._control, self._link = firmware.tick, firmware.on_control, firmware.on_link
        # Until the first massage the host pairs, and none of what is judged is on.
        self.judge.wire.linked = False

    @contextmanager
    def judging(self) -> Iterator[None]:
        """Judge for the time of the block."""
        firmware = self.roller.machine._firmware
        with (
            patch.object(firmware, "tick", self._judge_tick),
            patch.object(firmware, "on_control", self._judge_control),
            patch.object(firmware, "on_link", self._judge_link),
        ):
            yield

    def _judge_tick(self, now_us: int, sensed: Sensed) -> Drive:
        drive = self._tick(now_us, sensed)
        self._keep(
            lambda: self.judge.look(now_us, self.roller.machine._firmware.state, sensed, self.roller.delivered, drive)
        )
        return drive

    def _judge_control(self, now_us: int, data: bytes, mtu: int) -> bytes:
        answer = self._control(now_us, data, mtu)
        self.commands += 1
        self.seen |= Interlock(struct.unpack_from("<6xH", answer)[0])
        self._keep(lambda: self.judge.wire.answered(now_us, data, answer))
        return answer

    def _judge_link(self, now_us: int, *, up: bool, authenticated: bool) -> None:
        self.judge.wire.linked = up and authenticated
        self._link(now_us, up=up, authenticated=authenticated)

    def _keep(self, judged: Callable[[], object]) -> None:
        try:
            judged()
        except ViolationError as violation:
            self.violation = self.violation or str(violation)


def run_full_massage(seed: int, number: int) -> Outcome:
    """Run the massage `number` of `seed` over the radio; the same two always give the same massage."""
    with tempfile.TemporaryDirectory() as folder:
        return in_virtual_time(_massage)(Path(folder), random.Random(f"radio/{seed}/{number}"), number)  # noqa: S311 - reproducible, not secret


async def _massage(folder: Path, chance: random.Random, number: int) -> Outcome:
    async with bench(folder, scenario=_scenario(chance), seed=chance.randrange(2**31)) as there:
        watch = Watch(there.roller)
        with watch.judging():
            async with bonded_console(there) as console:
                there.air.set_conditions(_conditions(chance))
                ending = await _driven(there, console, chance)
                # Whatever became of the link: the roller is watched until its watchdog must have acted.
                await asyncio.sleep(1.5)
                there.air.set_conditions(LinkConditions())
    judge = watch.judge
    ending = "violation" if watch.violation else ending if judge.wire.starts else "never started"
    return Outcome(number, ending, judge.ticks, watch.commands, watch.seen, judge.figures(), watch.violation)


async def _driven(there: Bench, console: Console, chance: random.Random) -> str:
    """Drive a massage until its time is over or its link is gone; return how it ended."""
    clock = asyncio.get_running_loop().time
    until_s, breaks_s = clock() + chance.uniform(10, 25), clock() + chance.choice((8.0, 14.0, 1e9, 1e9))
    state = State.IDLE
    try:
        while clock() < until_s:
            if clock() > breaks_s:
                there.air.set_conditions(chance.choice(_GONE))
            for opcode, operands, tail in _next(state, chance):
                state = (await console.ask(opcode, operands, tail)).head.state
            await asyncio.sleep(chance.choice((0.05, 0.2, 0.2, 0.3, 1.5 if chance.random() < 0.1 else 0.2)))
    except asyncio.CancelledError:
        # bumble cancels the request that waits on a link that is gone; somebody who cancels this task is another case.
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        return "link lost"
    except Exception as error:  # noqa: BLE001 - a host that fails, in whatever way, is part of what is judged
        return "link lost" if console.host.gone.done() else f"host failed: {type(error).__name__}"
    return f"{state.name.lower()} at the end"


_Command = tuple[Opcode, "Message | None", bytes]


def _next(state: State, chance: random.Random) -> list[_Command]:
    """Return what a host does next that mostly brings the massage on."""
    if chance.random() < 0.1:
        opcode = chance.choice(_ACTS)
        operands: dict[Opcode, Message] = {
            Opcode.TRIM: Trim(chance.randrange(101), chance.randrange(101)),
            Opcode.EXTEND: Extend(chance.randrange(1, 300_000)),
        }
        return [(opcode, operands.get(opcode), b"")]
    if state is State.IDLE:
        return _upload(draw_program(chance))
    going_on = {State.READY: Opcode.START, State.PAUSED: Opcode.RESUME, State.LATCHED: Opcode.REARM}
    return [(going_on.get(state, Opcode.HEARTBEAT), NoOperands(), b"")]


def _upload(data: bytes) -> list[_Command]:
    return [
        (Opcode.PROGRAM_BEGIN, ProgramBegin(len(data) // STEP_SIZE, len(data), program_crc(data)), b""),
        *((Opcode.PROGRAM_DATA, ProgramData(at), data[at : at + _PIECE]) for at in range(0, len(data), _PIECE)),
        (Opcode.PROGRAM_COMMIT, None, b""),
    ]


#: In which ways a link goes away: nothing passes any more, or the roller is carried off.
_GONE: Final = (LinkConditions(loss=1.0, supervision_s=4.0), LinkConditions(distance_m=5000.0, supervision_s=1.0))


def _conditions(chance: random.Random) -> LinkConditions:
    return LinkConditions(
        interval_s=chance.choice((None, 0.0075, 0.03, 0.05)),
        loss=chance.choice((0.0, 0.02, 0.2, 0.5)),
        delay_s=chance.choice((0.0, 0.0, 0.05, 0.3)),
        jitter_s=chance.choice((0.0, 0.02, 0.2)),
        supervision_s=4.0,
    )


def _scenario(chance: random.Random) -> Scenario:
    return Scenario.model_validate(
        {
            "ambient_c": chance.choice((20.0, 23.0, 42.5)),
            "hand": {
                "target_kpa": chance.choice((0.5, 3.5, 5.0, 9.5, 13.0)),
                "symmetry": chance.choice((0.5, chance.uniform(0.1, 0.9))),
                "tremor_kpa": chance.uniform(0.0, 2.0),
                "stroke_s": chance.uniform(0.5, 4.0),
                "lift_s": chance.choice((0.02, 0.3)),
                "lift_every": chance.choice((0, 1, 3)),
            },
            "skin": {"moisture": chance.uniform(0.0, 1.0)},
        }
    )

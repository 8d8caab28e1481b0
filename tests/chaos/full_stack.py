"""A random massage over the whole radio stack in virtual time, with an impaired air and the judge."""

from __future__ import annotations

import asyncio
import random
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bumble.att import ATT_Error

from chaos.massage import Outcome
from chaos.programs import draw_program
from chaos.watch import Watch
from glowsim.air.conditions import LinkConditions
from glowsim.faults.kind import Choice, Kind, Part
from glowsim.faults.kinds import KINDS
from glowsim.physics.hand.personas import PERSONAS
from glowsim.scene.scenario import Scenario
from glowtool.model.state import State
from glowtool.protocol import gatt
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import Extend, NoOperands, ProgramBegin, ProgramData, Trim
from glowtool.protocol.commands.ownership import STOPS
from glowtool.protocol.program import STEP_SIZE, program_crc
from support.air.rollers import Console, bench, bonded_console
from support.host.virtual_time import in_virtual_time

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from glowtool.protocol.wire import Message
    from support.air.radio import RadioHost
    from support.air.rollers import Bench

_PIECE: Final = 180
_ACTS: Final = (
    Opcode.PAUSE, Opcode.RESUME, Opcode.SKIP, Opcode.STOP, Opcode.START, Opcode.EMERGENCY_STOP, Opcode.EXTEND,
    Opcode.TRIM, Opcode.TRIM,
)  # fmt: skip


def run_full_massage(seed: int, number: int) -> Outcome:
    """Run the massage `number` of `seed` over the radio; the same two always give the same massage."""
    with tempfile.TemporaryDirectory() as folder:
        return in_virtual_time(_massage)(Path(folder), random.Random(f"radio/{seed}/{number}"), number)  # noqa: S311 - reproducible, not secret


async def _massage(folder: Path, chance: random.Random, number: int) -> Outcome:
    persona, scenario = _scenario(chance)
    met = {"over the radio", f"hand: {persona}"}
    async with bench(folder, scenario=scenario, seed=chance.randrange(2**31)) as there:
        watch = Watch(there.roller)
        with watch.judging():
            async with bonded_console(there) as console:
                conditions = _conditions(chance)
                met |= _impairments(conditions)
                there.air.set_conditions(conditions)
                ending = await Drive(there, console, chance, met, watch).until_over()
                # Whatever became of the link: the roller is watched until its watchdog must have acted.
                await asyncio.sleep(1.5)
                there.air.set_conditions(LinkConditions())
    judge = watch.judge
    ending = "violation" if watch.violation else ending if judge.wire.starts else "never started"
    return Outcome(
        number, ending, judge.ticks, watch.commands, watch.seen, frozenset(met), judge.figures(), watch.violation
    )


class Drive:
    """A host that drives a massage over an air on which things happen, and comes back when its link is lost."""

    def __init__(self, there: Bench, console: Console, chance: random.Random, met: set[str], watch: Watch) -> None:
        self._there, self._console, self._chance, self._met, self._watch = there, console, chance, met, watch
        self._clock = asyncio.get_running_loop().time
        began_s = self._clock()
        self._conditions, self._gone = there.air.conditions(there.roller.address), False
        self._until_s = began_s + chance.uniform(12, 40)
        self._breaks_s = began_s + chance.choice((8.0, 14.0, 1e9, 1e9))
        faults = _kinds(chance)
        self._faults = sorted(((began_s + chance.uniform(1, 20), kind) for kind in faults), key=lambda due: due[0])
        self._state = State.IDLE

    async def until_over(self) -> str:
        """Drive until the time is over or the roller is not reached any more; return how it ended."""
        chance = self._chance
        while self._clock() < self._until_s:
            if await _went_well(self._work()):
                break
            self._met.add("link: lost")
            if (self._gone and chance.random() < 0.3) or not await self._come_back():
                return "link lost"
        return f"{self._state.name.lower()} at the end"

    async def _work(self) -> None:
        chance = self._chance
        while self._clock() < self._until_s:
            self._strike()
            if self._state is State.RUNNING and chance.random() < 0.02:
                await self._stop_unsubscribed(chance.choice(tuple(STOPS)))
            for opcode, operands, tail in _next(self._state, chance):
                self._state = (await self._console.ask(opcode, operands, tail)).head.state
            await asyncio.sleep(chance.choice((0.05, 0.2, 0.2, 0.3, 1.5 if chance.random() < 0.1 else 0.2)))

    async def _stop_unsubscribed(self, opcode: Opcode) -> None:
        """Take the subscription back, stop all the same, see whether it stops, and subscribe again."""
        self._met.add(f"subscription: none, at a {opcode.name}")
        point = self._console.host.find(gatt.CONTROL_POINT)
        await point.unsubscribe()
        try:
            await point.write_value(bytes((opcode, 0)), with_response=True)
        except ATT_Error as error:
            self._watch.owes_a_stop(f"{opcode.name} without a subscription: {error}")
        await asyncio.sleep(0.1)
        self._watch.owes_a_stop(f"{opcode.name} without a subscription")
        await self._console.open()
        self._state = (await self._console.ask(Opcode.HEARTBEAT)).head.state

    def _strike(self) -> None:
        """Let happen what is due: faults of the roller, and a link that goes away."""
        chance = self._chance
        while self._faults and self._clock() >= self._faults[0][0]:
            _, kind = self._faults.pop(0)
            self._met.add(f"fault: {kind.name}")
            for_s = None if kind.moment else chance.uniform(0.2, 8.0)
            self._there.roller.faults.start(kind.name, for_s=for_s, **_values(kind, chance))
        if self._clock() > self._breaks_s:
            self._met.add("link: gone")
            self._gone, self._breaks_s = True, 1e9
            self._there.air.set_conditions(chance.choice(_GONE))

    async def _come_back(self) -> bool:
        """Connect again, with the keys; return whether it worked within some attempts."""
        host = self._console.host
        if self._gone:
            self._gone = False
            self._there.air.set_conditions(self._conditions)
        for _ in range(4):
            if not host.gone.done():
                await _went_well(host.disconnect())
            await asyncio.sleep(0.5)
            self._console = Console(host)
            if await _went_well(self._connected(host)):
                self._met.add("link: host came back")
                return True
        return False

    async def _connected(self, host: RadioHost) -> None:
        await host.connect(self._there.roller.address)
        await host.encrypt()
        await self._console.open()
        self._state = (await self._console.ask(Opcode.HEARTBEAT)).head.state


async def _went_well(work: Awaitable[object]) -> bool:
    """Return whether some work of a host came to its end; a host that fails, in whatever way, is part of the trial."""
    try:
        await work
    except asyncio.CancelledError:
        # bumble cancels the request that waits on a link that is gone; somebody who cancels this task is another case.
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        return False
    except Exception:  # noqa: BLE001 - in whatever way
        return False
    return True


def _kinds(chance: random.Random) -> list[Kind]:
    """Draw none to three faults, of the sensors two at most: a third one must be left to see it."""
    drawn = [chance.choice(KINDS) for _ in range(chance.choice((0, 1, 1, 2, 3)))]
    sensors = [kind for kind in drawn if kind.part is Part.SENSOR]
    return [kind for kind in drawn if kind.part is not Part.SENSOR] + sensors[:2]


def _values(kind: Kind, chance: random.Random) -> dict[str, float | str]:
    """Draw the parameters of a fault; it is not away for longer than a massage."""
    return {
        row.name: chance.choice(row.options)
        if isinstance(row, Choice)
        else chance.uniform(row.low, min(row.high, 2.0) if row.name == "off_s" else row.high)
        for row in kind.parameters
    }


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


def _impairments(conditions: LinkConditions) -> set[str]:
    shares = {"loss": conditions.loss, "delay": conditions.delay_s, "jitter": conditions.jitter_s}
    interval = set() if conditions.interval_s is None else {f"link: interval of {1000 * conditions.interval_s:g} ms"}
    return interval | {f"link: {name}" for name, share in shares.items() if share}


def _scenario(chance: random.Random) -> tuple[str, Scenario]:
    """Draw a scenario and the name of its persona: one of those, or a hand like none of them."""
    persona = chance.choice(("any", *PERSONAS))
    scenario = Scenario.model_validate(
        {
            "ambient_c": chance.choice((20.0, 23.0, 42.5)),
            "hand": {"persona": persona}
            if persona != "any"
            else {
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
    return persona, scenario

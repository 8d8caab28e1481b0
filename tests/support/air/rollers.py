"""A virtual roller for tests, and a host that is bonded with it and can talk to its control point."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from itertools import count
from typing import TYPE_CHECKING

from glowsim.air.air import Air
from glowsim.evidence.record import read_delivered
from glowsim.firmware.retained.memory import Memory
from glowsim.peripheral.pairing.bonds import Bonds
from glowsim.roller.flash_file import flash_file
from glowsim.roller.roller import Roller
from glowsim.scene.scenario import Scenario
from glowsim.testing.massages import step
from glowtool.protocol import gatt
from glowtool.protocol.commands import codec
from glowtool.protocol.commands import operands as sent
from glowtool.protocol.commands.codec import Request, Response
from glowtool.protocol.commands.opcode import Opcode
from glowtool.protocol.commands.operands import NoOperands
from glowtool.protocol.program import StepRecord, encode_program, program_crc
from glowtool.protocol.status import Status
from glowtool.protocol.vocabulary import Result
from glowtool.protocol.wire import Message, decode
from support.air.radio import ADDRESS, RadioHost, host_on_air

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt
    from bumble.keys import KeyStore

    from glowsim.peripheral.pairing.screen import Screen


class Display(list[str]):
    """Every line that the roller has shown."""

    def __init__(self) -> None:
        super().__init__()
        self._changed = asyncio.Event()

    def show(self, screen: Screen) -> None:
        self.append(str(screen))
        self._changed.set()

    async def next_line(self) -> str:
        """Return the next line that is shown after this call."""
        self._changed.clear()
        async with asyncio.timeout(5):
            await self._changed.wait()
        return self[-1]

    @property
    def passkey(self) -> int:
        """The passkey shown last."""
        return int(next(line for line in reversed(self) if line.startswith("passkey ")).removeprefix("passkey "))

    def wrong(self) -> int:
        """Return a passkey that is not the one shown."""
        return self.passkey % 999_999 + 1


class Bench:
    """One roller on an air of its own."""

    def __init__(self, air: Air, roller: Roller, display: Display, state_dir: Path) -> None:
        self.air = air
        self.roller = roller
        self.display = display
        self.state_dir = state_dir


@asynccontextmanager
async def bench(
    state_dir: Path,
    *,
    scenario: Scenario | None = None,
    seed: int | None = 1,
    on_link: Callable[[str | None], None] = lambda _address: None,
) -> AsyncIterator[Bench]:
    air, display = Air(), Display()
    async with Roller.open(
        air, state_dir, scenario or Scenario(), seed=seed, display=display.show, on_link=on_link
    ) as roller:
        yield Bench(air, roller, display, state_dir)


async def until(holds: Callable[[], bool], timeout_s: float = 10) -> None:
    """Return once a condition holds; TimeoutError when it does not in time."""
    async with asyncio.timeout(timeout_s):
        while not holds():  # noqa: ASYNC110 - the roller runs in real time and has nothing that could be awaited
            await asyncio.sleep(0.005)


class Console:
    """A trusted host's commands: requests are answered by indications, matched by sequence number."""

    def __init__(self, host: RadioHost) -> None:
        self.host = host
        self._sequence = count(1)
        self._answers: asyncio.Queue[bytes] = asyncio.Queue()
        self.frames: list[bytes] = []
        self.statuses: list[Status] = []

    async def open(self) -> None:
        await self.host.find(gatt.CONTROL_POINT).subscribe(self._answers.put_nowait, prefer_notify=False)
        await self.host.find(gatt.STATUS).subscribe(lambda data: self.statuses.append(decode(Status, data)))
        await self.host.find(gatt.TELEMETRY).subscribe(self.frames.append)

    async def ask(self, opcode: Opcode, operands: Message | None = None, tail: bytes = b"") -> Response:
        request = Request(opcode, next(self._sequence) % 256, operands or NoOperands(), tail)
        async with asyncio.timeout(5):
            await self.host.find(gatt.CONTROL_POINT).write_value(codec.encode_request(request), with_response=True)
            answer = codec.decode_response(await self._answers.get())
        assert (answer.head.opcode, answer.head.sequence) == (request.opcode, request.sequence)
        return answer

    async def load(self, *steps: StepRecord) -> None:
        data = encode_program(steps)
        await self.ask(Opcode.PROGRAM_BEGIN, sent.ProgramBegin(len(steps), len(data), program_crc(data)))
        await self.ask(Opcode.PROGRAM_DATA, sent.ProgramData(0), data)
        await self.ask(Opcode.PROGRAM_COMMIT)

    async def status(self) -> Status:
        return decode(Status, await self.host.find(gatt.STATUS).read_value())


STEP = step(amplitude_permille=600)


async def start(console: Console) -> None:
    """Upload a step with vibration and microcurrent, and start it."""
    await console.load(STEP)
    assert (await console.ask(Opcode.START)).head.result is Result.SUCCESS


async def until_driven(console: Console) -> None:
    """Keep the watchdog content until both outputs are on."""
    async with asyncio.timeout(10):
        while True:
            head = (await console.ask(Opcode.HEARTBEAT)).head
            if head.peak_ua > 0 and head.amplitude_permille > 0:
                return
            await asyncio.sleep(0.1)


def last_driven_unix_us(state_dir: Path) -> int:
    """Return when anything was driven last, from the roller's own record."""
    record: npt.NDArray[np.void] = read_delivered(state_dir)
    driven = record[(record["peak_ua"] > 0) | (record["drive_amplitude"] > 0)]
    assert len(driven), "outputs never came on"
    return int(driven["unix_us"][-1])


def bonded(state_dir: Path) -> list[str]:
    """Return the hosts with which a roller that is switched off is bonded."""
    with flash_file(state_dir / "flash.bin") as chip:
        return Bonds(Memory(chip)).addresses


@asynccontextmanager
async def bonded_console(bench: Bench, keys: KeyStore | None = None, address: str = ADDRESS) -> AsyncIterator[Console]:
    """Yield the console of a host that has just paired with the roller."""
    async with host_on_air(bench.air, keys, address) as host:
        await host.connect(bench.roller.address)
        await host.pair(lambda: bench.display.passkey)
        console = Console(host)
        await console.open()
        yield console

"""The service behind `glowsim serve`: rollers that are switched on, a console for each, and hosts that come and go."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from glowsim.console.output import either, say
from glowtool.errors import GlowtoolError, InputError
from glowtool.kit.system.interrupts import taken

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from glowsim.air.air import Air
    from glowsim.console.console import Console
    from glowsim.roller.roller import Roller


@dataclass(frozen=True, slots=True)
class Service:
    """The rollers to serve, and how to reach them."""

    host: str
    port: int
    state_dir: Path
    scenario: str | None
    seed: int | None
    count: int
    radio: str | None
    truth: Path | None

    async def run(self) -> None:
        """Serve until a signal or `quit` comes."""
        from glowsim.adapter.radio import HciRadio
        from glowsim.air.air import Air
        from glowsim.console.console import Console
        from glowsim.console.terminal import can_live, read_lines
        from glowsim.evidence.defects import report_defects
        from glowsim.roller.rollers import rollers_on
        from glowsim.scene.scenario import load

        report_defects(lambda line: say(f"glowsim: {line}", err=True))
        done = asyncio.Event()
        _on_signals(done.set)
        scene = load(self.scenario)
        for what in scene.needs_air if self.radio is not None else ():
            say(f"{what} of the scenario needs the virtual air; ignored with --radio")
        async with AsyncExitStack() as stack:
            air = Air(self.seed or 1) if self.radio is None else HciRadio(self.radio)
            bound = await stack.enter_async_context(self._listening(air)) if isinstance(air, Air) else None
            rollers = await stack.enter_async_context(
                rollers_on(
                    air,
                    self.state_dir,
                    scene,
                    self.count,
                    self.seed,
                    display=lambda number, screen: say(f"{self._of(number)}{screen}"),
                    on_link=lambda number, address: say(self._of(number) + _about_link(address)),
                    truth=self.truth,
                )
            )
            consoles = [Console(roller, done.set) for roller in rollers]
            for number, roller in enumerate(rollers, 1):
                where = f"on the air by {self.radio}" if bound is None else self._adapter(bound)
                say(f"{self._of(number)}{roller.name} ({roller.address}) is on; {where}")
                for fault in roller.faults.active:
                    say(f"{self._of(number)}fault {fault} is on")
                roller.faults.tell = partial(self._tell, number)
                await self._answer(stack, number, consoles[number - 1])
            if self.count == 1 and can_live():
                await stack.enter_async_context(_living(rollers[0]))
            read_lines(lambda line: _obey(line, consoles), _Hint("type `quit` or press Ctrl-C to switch it off").give)
            await done.wait()
        say("switched off")

    def _listening(self, air: Air) -> AbstractAsyncContextManager[int]:
        from glowsim.adapter.server import serving

        come, gone = (lambda name: say(f"host {name} connected")), (lambda name: say(f"host {name} gone"))
        return serving(air, self.host, self.port, on_come=come, on_gone=gone)

    async def _answer(self, stack: AsyncExitStack, number: int, console: Console) -> None:
        from glowsim.console.control_socket import answering

        folder = self.state_dir if self.count == 1 else self.state_dir / f"roller-{number}"
        try:
            await stack.enter_async_context(answering(folder, console.obey))
        except InputError as error:
            # The roller works without it.
            say(f"glowsim: `glowsim ctl` cannot be used: {error}", err=True)

    def _tell(self, number: int, what: str) -> None:
        say(self._of(number) + what)

    def _of(self, number: int) -> str:
        return "" if self.count == 1 else f"{number}: "

    def _adapter(self, bound: int) -> str:
        return f"glowtool --adapter tcp:{_bracketed(self.host)}:{bound}"


class _Hint:
    """A hint that is given once."""

    def __init__(self, text: str) -> None:
        self._text: str | None = text

    def give(self) -> None:
        if self._text is not None:
            say(self._text)
            self._text = None


def _obey(line: str, consoles: list[Console]) -> None:
    """Give a line to all rollers, or to the one whose number it begins with."""
    first, _, rest = line.strip().partition(" ")
    numbers = range(1, len(consoles) + 1)
    if not first.isdecimal():
        rest = line
    elif int(first) in numbers:
        numbers = range(int(first), int(first) + 1)
    else:
        say(f"there is no roller {first}; allowed: {either(numbers)}", err=True)
        return
    answers = [_answered(consoles[number - 1], rest) for number in numbers]
    if len(answers) > 1 and len(set(answers)) == 1:
        # All give the same answer, as to an unknown word.
        numbers, answers = range(1), answers[:1]
    for number, (said, refused) in zip(numbers, answers, strict=True):
        for each in said.splitlines():
            say(f"{number}: {each}" if len(numbers) > 1 else each, err=refused)


def _answered(console: Console, line: str) -> tuple[str, bool]:
    """Return a roller's answer to a line, and whether it refused it."""
    try:
        return console.obey(line), False
    except GlowtoolError as error:
        return str(error), True


def _living(roller: Roller) -> AbstractAsyncContextManager[None]:
    from glowsim.console.status import live_line
    from glowsim.console.terminal import living_line

    return living_line(lambda columns: live_line(roller, columns), lambda text: say(text, nl=False))


def _on_signals(stop: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    for number in taken():
        try:
            loop.add_signal_handler(number, stop)
        except NotImplementedError:  # a system without Unix signals: Ctrl-C raises KeyboardInterrupt instead
            return


def _about_link(address: str | None) -> str:
    return "disconnected" if address is None else f"connected with {address}"


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host

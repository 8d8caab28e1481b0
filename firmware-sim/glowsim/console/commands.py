"""The command `glowsim`: a virtual roller for other processes, and a look at what it delivered."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, NoReturn

import click

from glowsim.console.output import say, show, unwritten
from glowtool.errors import GlowtoolError, InputError, UsageError
from glowtool.kit.interrupts import STOPPED, taken
from glowtool.kit.named_path import named_path
from glowtool.kit.standard_streams import mend_streams
from glowtool.kit.visible import json_line, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from glowsim.air.air import Air
    from glowsim.console.console import Console
    from glowsim.roller.roller import Roller


_SPEED_HELP: Final = (
    "How many times as fast as real time. Above 1 only hosts whose clocks run as fast stay connected; "
    "an ordinary glowtool is silent for too long then."
)


def run() -> NoReturn:
    """Run the command line; exit statuses are those of glowtool."""
    mend_streams()
    try:
        status = _call()
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(STOPPED)
    except GlowtoolError as error:
        first, *more = error.lines
        for line in (f"glowsim: {first}", *more):
            say(line, err=True)
        sys.exit(error.exit_code)
    except OSError as error:
        sys.exit(unwritten(error))
    sys.exit(status)


def _call() -> int:
    """Do what is asked for; click's own `main` would end with another status where nobody reads on."""
    try:
        with cli.make_context("glowsim", sys.argv[1:]) as context:
            cli.invoke(context)
    except click.exceptions.Exit as ended:
        return ended.exit_code
    return 0


def _named(_: click.Context, parameter: click.Parameter, value: str | None) -> Path | None:
    return None if value is None else named_path(value, parameter.human_readable_name)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="glowtool", prog_name="glowsim")
def cli() -> None:
    """Run a virtual facial massage roller: a Bluetooth LE device without a radio."""


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; of this machine only.")
@click.option("--port", default=9477, show_default=True, type=click.IntRange(0, 65535), help="Port; 0: any free one.")
@click.option("--state-dir", callback=_named, metavar="DIR", help="Where the roller keeps its state.")
@click.option("--scenario", metavar="NAME|FILE", help="Who holds the roller, and how. Default: nominal.")
@click.option("--seed", type=click.IntRange(min=0), help="Reproducible identity, passkeys and readings.")
@click.option("--rollers", default=1, show_default=True, type=click.IntRange(1, 100), help="How many, on one air.")
@click.option("--speed", default=1.0, show_default=True, help=_SPEED_HELP)
@click.option("--truth", callback=_named, metavar="DIR", help="Write there what the hand really did.")
@click.option("--radio", metavar="TRANSPORT", help="A real controller in place of the virtual air, such as usb:0.")
def serve(
    *,
    host: str,
    port: int,
    state_dir: Path | None,
    scenario: str | None,
    seed: int | None,
    rollers: int,
    speed: float,
    radio: str | None,
    truth: Path | None,
) -> None:
    """Switch a virtual roller on, and let hosts connect to it by HCI over TCP.

    What the roller's display shows is printed. Lines on standard input are a person's hands: `button` presses the
    button, `hold` holds it until the pairing window opens, `quit` switches the roller off, `help` lists the rest. Of
    several rollers all obey, or the one whose number stands first: `2 button`. `glowsim ctl` does the same from
    another terminal.
    """
    from glowsim.time.virtual_time import runner

    if radio is not None and (rollers > 1 or speed != 1.0):
        raise click.UsageError("--radio takes one roller, in real time: leave out --rollers and --speed")
    served = _Served(host, port, state_dir or _default_state_dir(), scenario, seed, rollers, radio, truth)
    with runner(speed) as loop:
        if speed > 1.0:
            say(f"glowsim: at --speed {speed:g} only hosts whose clocks run as fast stay connected", err=True)
        loop.run(served.run())


@cli.command(context_settings={"ignore_unknown_options": True})
@click.option("--state-dir", callback=_named, metavar="DIR", help="Where that roller is kept.")
@click.option("--roller", type=click.IntRange(1, 100), help="Which one of several.")
@click.argument("command", nargs=-1, required=True)
def ctl(state_dir: Path | None, roller: int | None, command: tuple[str, ...]) -> None:
    """Have a roller that `glowsim serve` runs in another terminal obey COMMAND; `glowsim ctl help` lists them."""
    import shlex

    from glowsim.console.control_socket import numbers_of, tell

    if command[0].lower() == "help":
        # Those who have no roller yet ask as well.
        from glowsim.console.console import help_on

        click.echo(help_on(command[1:]))
        return
    folder = state_dir or _default_state_dir()
    several = numbers_of(folder)
    if several and roller not in several:
        which = "several rollers are served" if roller is None else f"there is no roller {roller}"
        raise UsageError(f"{which} in {folder}; allowed is --roller with {_either(several)}")
    answer = tell(folder if roller is None else folder / f"roller-{roller}", shlex.join(command))
    for line in answer.splitlines():
        show(line, sys.stdout)


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
def scenarios(*, as_json: bool) -> None:
    """List the scenarios that come with the simulator."""
    from glowsim.scene.scenario import built_in, load

    listed = {name: load(name) for name in built_in()}
    width = max(map(len, listed))
    for name, scenario in listed.items():
        row = {"name": name, "title": scenario.title, "purpose": scenario.purpose}
        line = f"{name:<{width}}  {scenario.title}. For: {scenario.purpose}."
        click.echo(json_line(row) if as_json else visible(line))


@cli.command()
@click.argument("path", callback=_named)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def record(path: Path, *, as_json: bool) -> None:
    """Summarise what electrode and motor really did: the delivered record in PATH, a file or a state directory."""
    from glowsim.evidence.summary import summarise

    summary = summarise(path)
    for line in [json_line(summary.as_json())] if as_json else summary.as_lines():
        show(line, sys.stdout)


@cli.command()
@click.argument("path", callback=_named)
@click.option("--all", "everything", is_flag=True, help="Also what is outdated or deleted.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def flash(path: Path, *, everything: bool, as_json: bool) -> None:
    """List what the flash image in PATH holds, a file or a state directory; of bonds only that they are there."""
    from dataclasses import asdict

    from glowsim.evidence.flash_listing import list_flash

    listing = list_flash(path)
    shown = [record for record in listing.records if everything or record.counts]
    if as_json:
        click.echo(json_line({**asdict(listing), "records": [asdict(record) for record in shown]}))
        return
    for record in shown:
        told = "deleted" if record.deleted else "" if record.counts else "outdated"
        what = f"0x{record.address:05x}  {record.kind:<10}  key {record.key:<5}  #{record.sequence:<6}"
        show(f"{what}  {record.payload_bytes:>4} bytes  {told:<8}  {record.text or ''}".rstrip(), sys.stdout)
    free = f"{listing.sectors_free} of {listing.sectors} sectors free"
    click.echo(f"{free}, {listing.erases} erases, {listing.damaged} records torn or damaged")


@dataclass(frozen=True, slots=True)
class _Served:
    """What to serve, and how."""

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
            read_lines(lambda line: _obey(line, consoles), _Hint("`quit` or Ctrl-C switches it off").give)
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
            say(f"glowsim: no `glowsim ctl`: {error}", err=True)

    def _tell(self, number: int, what: str) -> None:
        say(self._of(number) + what)

    def _of(self, number: int) -> str:
        return "" if self.count == 1 else f"{number}: "

    def _adapter(self, bound: int) -> str:
        return f"glowtool --adapter tcp:{_bracketed(self.host)}:{bound}"


class _Hint:
    """Something that is said once."""

    def __init__(self, text: str) -> None:
        self._text: str | None = text

    def give(self) -> None:
        if self._text is not None:
            say(self._text)
            self._text = None


def _obey(line: str, consoles: list[Console]) -> None:
    """Have all rollers obey a line, or the one whose number stands first."""
    first, _, rest = line.strip().partition(" ")
    numbers = range(1, len(consoles) + 1)
    if not first.isdecimal():
        rest = line
    elif int(first) in numbers:
        numbers = range(int(first), int(first) + 1)
    else:
        say(f"there is no roller {first}; allowed is {_either(numbers)}", err=True)
        return
    answers = [_answered(consoles[number - 1], rest) for number in numbers]
    if len(answers) > 1 and len(set(answers)) == 1:
        # All say the same, as of a word that is not known.
        numbers, answers = range(1), answers[:1]
    for number, (said, refused) in zip(numbers, answers, strict=True):
        for each in said.splitlines():
            say(f"{number}: {each}" if len(numbers) > 1 else each, err=refused)


def _answered(console: Console, line: str) -> tuple[str, bool]:
    """Return what a roller says to a line, and whether it has refused it."""
    try:
        return console.obey(line), False
    except GlowtoolError as error:
        return str(error), True


def _either(numbers: Sequence[int]) -> str:
    return f"{numbers[0]}" if len(numbers) == 1 else f"{numbers[0]} to {numbers[-1]}"


def _living(roller: Roller) -> AbstractAsyncContextManager[None]:
    from glowsim.console.console import live_line
    from glowsim.console.terminal import living_line

    return living_line(lambda columns: live_line(roller, columns), lambda text: say(text, nl=False))


def _on_signals(stop: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    for number in taken():
        try:
            loop.add_signal_handler(number, stop)
        except NotImplementedError:  # a system without Unix signals: Ctrl-C raises KeyboardInterrupt instead
            return


def _default_state_dir() -> Path:
    from platformdirs import user_data_dir

    text = os.environ.get("GLOWTOOL_DATA_DIR") or user_data_dir("glowtool")
    # Not "sim", where the roller of `--adapter sim` lives: that is another one, and may be on at the same time.
    return named_path(text, "the data directory of glowtool") / "served"


def _about_link(address: str | None) -> str:
    return "disconnected" if address is None else f"connected with {address}"


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host

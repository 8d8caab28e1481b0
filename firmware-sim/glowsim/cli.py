"""The command `glowsim`: a virtual roller for other processes, and a look at what it delivered."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import stat
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from glowtool.errors import GlowtoolError

if TYPE_CHECKING:
    from collections.abc import Callable

    from glowsim.roller import Roller

_SHORT_PRESS_S = 0.2
_LONG_PRESS_S = 2.5


def main() -> NoReturn:
    """Run the command line; exit statuses are those of glowtool."""
    try:
        status = cli.main(prog_name="glowsim", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
    except GlowtoolError as error:
        click.echo(f"glowsim: {error}", err=True)
        sys.exit(error.exit_code)
    sys.exit(status if isinstance(status, int) else 0)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Run a virtual facial massage roller: a Bluetooth LE device without a radio."""


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; of this machine only.")
@click.option("--port", default=9477, show_default=True, type=click.IntRange(0, 65535), help="Port; 0: any free one.")
@click.option("--state-dir", type=click.Path(path_type=Path, file_okay=False), help="Where the roller keeps its state.")
@click.option("--scenario", metavar="NAME|FILE", help="Who holds the roller, and how. Default: nominal.")
@click.option("--seed", type=click.IntRange(min=0), help="Reproducible identity, passkeys and readings.")
@click.option("--truth", type=click.Path(path_type=Path, file_okay=False), help="Write there what the hand really did.")
def serve(
    *, host: str, port: int, state_dir: Path | None, scenario: str | None, seed: int | None, truth: Path | None
) -> None:
    """Switch a virtual roller on, and let hosts connect to it by HCI over TCP.

    What the roller's display shows is printed. Lines on standard input are a person's hands: `button` presses the
    button, `hold` holds it until the pairing window opens, `quit` switches the roller off.
    """
    asyncio.run(_serve(host, port, state_dir or _default_state_dir(), scenario=scenario, seed=seed, truth=truth))


@cli.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def record(path: Path, *, as_json: bool) -> None:
    """Summarise what electrode and motor really did: the delivered record in PATH, a file or a state directory."""
    from glowsim.summary import summarise

    summary = summarise(path).as_json()
    if as_json:
        click.echo(json.dumps(summary))
        return
    for name, value in summary.items():
        click.echo(f"{name.replace('_', ' ')}: {'-' if value is None else value}")


async def _serve(
    host: str, port: int, state_dir: Path, *, scenario: str | None, seed: int | None, truth: Path | None
) -> None:
    import logging

    from glowsim.air.link import Air
    from glowsim.roller import Roller
    from glowsim.scenario import load
    from glowsim.server import serving

    # bumble logs every pairing that fails, and a traceback for every packet that a host got wrong.
    logging.getLogger("bumble").setLevel(logging.CRITICAL)
    done = asyncio.Event()
    air = Air()
    scene = load(scenario)
    on_come, on_gone = (lambda name: _say(f"host {name} connected")), (lambda name: _say(f"host {name} gone"))
    async with (
        serving(air, host, port, on_come=on_come, on_gone=on_gone) as bound,
        Roller.open(air, state_dir, scene, seed=seed, display=_say, on_link=_say_link, truth=truth) as roller,
    ):
        _say(f"{roller.name} ({roller.address}) is on; glowtool --adapter tcp:{_bracketed(host)}:{bound}")
        _on_signals(done.set)
        _read_lines(lambda line: _obey(line, roller, done))
        await done.wait()
    _say("switched off")


def _obey(line: str, roller: Roller, done: asyncio.Event) -> None:
    match line.strip().lower():
        case "button":
            roller.press_button(_SHORT_PRESS_S)
        case "hold":
            roller.press_button(_LONG_PRESS_S)
        case "quit":
            done.set()
        case "":
            pass
        case other:
            click.echo(f"{other!r} is not known; known are button, hold, quit", err=True)


def _on_signals(stop: Callable[[], None]) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stop)
        except NotImplementedError:  # a system without Unix signals: Ctrl-C raises KeyboardInterrupt instead
            return


def _read_lines(obey: Callable[[str], None]) -> None:
    """Pass lines of standard input on, if it is a terminal or a pipe. Its end means nothing."""
    try:
        mode = os.fstat(0).st_mode
    except OSError:
        return
    if not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or os.isatty(0)):
        return
    loop = asyncio.get_running_loop()

    def read() -> None:
        # A thread with raw reads: asyncio would make the terminal non-blocking for everybody who shares it, and a
        # buffered reader held by a thread cannot be closed at exit.
        pending = b""
        while chunk := os.read(0, 4096):
            *lines, pending = (pending + chunk).split(b"\n")
            for line in lines:
                if loop.is_closed():
                    return
                loop.call_soon_threadsafe(obey, line.decode("utf-8", "replace"))

    threading.Thread(target=read, name="standard input", daemon=True).start()


def _default_state_dir() -> Path:
    from platformdirs import user_data_dir

    return Path(os.environ.get("GLOWTOOL_DATA_DIR") or user_data_dir("glowtool")) / "sim"


def _say_link(address: str | None) -> None:
    _say("disconnected" if address is None else f"connected with {address}")


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _say(line: str) -> None:
    try:
        click.echo(line)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read along has gone; the roller stays on.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

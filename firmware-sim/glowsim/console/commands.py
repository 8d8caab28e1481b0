"""The command `glowsim`: a virtual roller for other processes, and a report on its delivered output."""

from __future__ import annotations

import os
import sys
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import click

from glowsim.console.output import either, say, show
from glowtool.errors import UsageError
from glowtool.kit.command_line.command_group import HelpfulGroup
from glowtool.kit.storage.named_path import named_path
from glowtool.kit.text.visible import json_line, visible

if TYPE_CHECKING:
    from pathlib import Path


_SPEED_HELP: Final = (
    "How many times as fast as real time. Above 1 only hosts whose clocks run as fast stay connected; "
    "an ordinary glowtool is silent for too long then."
)


def _named(_: click.Context, parameter: click.Parameter, value: str | None) -> Path | None:
    return None if value is None else named_path(value, parameter.human_readable_name)


class _Commands(HelpfulGroup):
    other_words = MappingProxyType(
        {
            "": {
                **dict.fromkeys(("start", "run", "on"), "serve"),
                **dict.fromkeys(("button", "press"), "ctl button"),
                **dict.fromkeys(("stop", "quit", "off"), "ctl quit"),
                **dict.fromkeys(("scenario", "list"), "scenarios"),
                "status": "ctl status",
                "delivered": "record --help",
                "version": "--version",
            }
        }
    )


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
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
    if radio is not None and (rollers > 1 or speed != 1.0):
        raise click.UsageError("--radio takes one roller, in real time: leave out --rollers and --speed")
    from glowsim.console.service import Service
    from glowsim.time.virtual_time import runner

    served = Service(host, port, state_dir or _default_state_dir(), scenario, seed, rollers, radio, truth)
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
        # People without a roller ask as well.
        from glowsim.console.console import help_on

        click.echo(help_on(command[1:]))
        return
    folder = state_dir or _default_state_dir()
    several = numbers_of(folder)
    if several and roller not in several:
        which = "several rollers are served" if roller is None else f"there is no roller {roller}"
        raise UsageError(f"{which} in {folder}; allowed is --roller with {either(several)}")
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


def _default_state_dir() -> Path:
    from platformdirs import user_data_dir

    text = os.environ.get("GLOWTOOL_DATA_DIR") or user_data_dir("glowtool")
    # Not "sim", where the roller of `--adapter sim` lives: that is another one, and may be on at the same time.
    return named_path(text, "the data directory of glowtool") / "served"

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
    "Speed relative to real time. Above 1, only hosts whose clocks run just as fast stay connected; "
    "an ordinary glowtool is then silent for too long."
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


@cli.command(short_help="Switch on a virtual roller that hosts connect to.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Loopback address to listen on.")
@click.option("--port", default=9477, show_default=True, type=click.IntRange(0, 65535), help="Port; 0: any free one.")
@click.option("--state-dir", callback=_named, metavar="DIR", help="Directory for the roller's state.")
@click.option("--scenario", metavar="NAME|FILE", help="Person, skin and faults to simulate. Default: nominal.")
@click.option("--seed", type=click.IntRange(min=0), help="Seed for reproducible identity, passkeys and readings.")
@click.option("--rollers", default=1, show_default=True, type=click.IntRange(1, 100), help="Number of rollers.")
@click.option("--speed", default=1.0, show_default=True, help=_SPEED_HELP)
@click.option("--truth", callback=_named, metavar="DIR", help="Directory for the truth: what the hand really did.")
@click.option("--radio", metavar="TRANSPORT", help="Use a real controller, such as usb:0, instead of the virtual air.")
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
    """Switch on a virtual roller, to which hosts connect by HCI over TCP.

    It prints what the roller's display shows. Type to act as the person who holds the roller: `button` presses the
    button, `hold` holds it until the pairing window opens, `quit` switches the roller off, `help` lists the rest. If
    there are several rollers, all of them obey; `2 button` is for the second one alone. `glowsim ctl` takes the same
    words from another terminal.
    """
    if radio is not None and (rollers > 1 or speed != 1.0):
        raise click.UsageError("--radio works with one roller in real time; leave out --rollers and --speed")
    from glowsim.console.service import Service
    from glowsim.time.virtual_time import runner

    served = Service(host, port, state_dir or _default_state_dir(), scenario, seed, rollers, radio, truth)
    with runner(speed) as loop:
        if speed > 1.0:
            say(f"glowsim: at --speed {speed:g}, only hosts whose clocks run just as fast stay connected", err=True)
        loop.run(served.run())


@cli.command(
    short_help="Give a command to a roller that is being served.", context_settings={"ignore_unknown_options": True}
)
@click.option("--state-dir", callback=_named, metavar="DIR", help="Directory of the roller's state.")
@click.option("--roller", type=click.IntRange(1, 100), help="Number of the roller, if several are served.")
@click.argument("command", nargs=-1, required=True)
def ctl(state_dir: Path | None, roller: int | None, command: tuple[str, ...]) -> None:
    """Give COMMAND to a roller that `glowsim serve` runs in another terminal; `glowsim ctl help` lists the commands."""
    import shlex

    from glowsim.console.control_socket import numbers_of, tell

    if command[0].lower() == "help":
        # It works without a roller, too.
        from glowsim.console.console import help_on

        click.echo(help_on(command[1:]))
        return
    folder = state_dir or _default_state_dir()
    several = numbers_of(folder)
    if several and roller not in several:
        which = "several rollers are served" if roller is None else f"there is no roller {roller}"
        raise UsageError(f"{which} in {folder}; allowed with --roller: {either(several)}")
    answer = tell(folder if roller is None else folder / f"roller-{roller}", shlex.join(command))
    for line in answer.splitlines():
        show(line, sys.stdout)


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line.")
def scenarios(*, as_json: bool) -> None:
    """List the scenarios that come with the simulator."""
    from glowsim.scene.scenario import built_in, load

    listed = {name: load(name) for name in built_in()}
    width = max(map(len, listed))
    for name, scenario in listed.items():
        row = {"name": name, "title": scenario.title, "purpose": scenario.purpose}
        line = f"{name:<{width}}  {scenario.title}. For: {scenario.purpose}."
        click.echo(json_line(row) if as_json else visible(line))


@cli.command(short_help="Summarise what electrodes and motor really did.")
@click.argument("path", callback=_named)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def record(path: Path, *, as_json: bool) -> None:
    """Summarise what the electrodes and the motor really did; PATH is a delivered record or a state directory."""
    from glowsim.evidence.summary import summarise

    summary = summarise(path)
    for line in [json_line(summary.as_json())] if as_json else summary.as_lines():
        show(line, sys.stdout)


@cli.command(short_help="List the records of a flash image.")
@click.argument("path", callback=_named)
@click.option("--all", "everything", is_flag=True, help="Include outdated and deleted records.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def flash(path: Path, *, everything: bool, as_json: bool) -> None:
    """List the records of a flash image, without the keys of bonds; PATH is the image or a state directory."""
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
    # Not "sim", where the roller of `--adapter sim` lives: that is a different roller, and both may be on at once.
    return named_path(text, "the data directory of glowtool") / "served"

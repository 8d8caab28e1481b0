"""`glowtool devices`: the rollers that this computer knows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import click

from glowtool import app
from glowtool.app.logs.fate import Fate
from glowtool.cli.groups import SuggestingGroup
from glowtool.cli.options import Options, pass_options
from glowtool.cli.runtime import run_async
from glowtool.cli.terminal.asking.questions import choose, confirm
from glowtool.cli.terminal.news_words import shown_by
from glowtool.cli.terminal.output import Printer
from glowtool.kit.text.local_time import local_time

if TYPE_CHECKING:
    from glowtool.app.rollers.parting import Parting
    from glowtool.store.rollers.known import KnownRoller


@click.group(cls=SuggestingGroup)
def devices() -> None:
    """List, show, name and forget known rollers, and choose the default one."""


def _object(known: KnownRoller, default: str | None) -> dict[str, object]:
    return {**known.model_dump(mode="json"), "default": known.address == default}


@devices.command("list", short_help="List the known rollers; * marks the default.")
@pass_options
def list_devices(options: Options) -> None:
    """List the known rollers, the last one seen first; * marks the default.

    With --json: {"devices": [{address, name, alias, serial, model, firmware, first_seen_utc, last_seen_utc,
    battery_percent, paired, default}]}.
    """
    output, registry = Printer(options), app.finding.registry(options.place)
    rollers, default = registry.rollers(), registry.default()
    if output.json:
        output.json_object({"devices": [_object(roller, default) for roller in rollers]})
        return
    if not rollers:
        output.note("No roller is known yet; `glowtool pair` pairs one.")
        return
    rows = [_row(roller, default) for roller in rollers]
    output.table(("", "Roller", "Serial", "Address", "Battery", "Last seen"), rows, whole=frozenset({0, 2, 3, 5}))


def _row(roller: KnownRoller, default: str | None) -> tuple[str, ...]:
    battery = "–" if roller.battery_percent is None else f"{roller.battery_percent} %"
    marker = "*" if roller.address == default else " "
    return marker, roller.spoken, roller.serial, roller.address, battery, local_time(roller.last_seen_utc)


@devices.command()
@click.argument("device", required=False)
@pass_options
def show(options: Options, device: str | None) -> None:
    """Show what this computer knows of a roller, as of its last answer.

    DEVICE may be left out when one roller is known, or a default is set. With --json: {address, name, alias, serial,
    model, firmware, first_seen_utc, last_seen_utc, battery_percent, paired, default, in_use}; paired is {method,
    level, since_utc}, or null when it is not known; in_use is {command, pid, since_utc}, or null.
    """
    output, registry = Printer(options), app.finding.registry(options.place)
    known, default = registry.find(device), registry.default()
    holder = app.holding.holder_of(options.place, known)
    if output.json:
        told = holder.to_json() if holder else None
        in_use = told and {name: told[name] for name in ("command", "pid", "since_utc")}
        output.json_object({**_object(known, default), "in_use": in_use})
        return
    for name, value in _facts(known, default):
        output.result(f"{name:<11}{value}")
    if holder is not None:
        output.result(f"{'In use':<11}{holder.spoken(holder.since_utc)}")


def _facts(known: KnownRoller, default: str | None) -> list[tuple[str, str]]:
    unknown = "not known"
    battery = unknown if known.battery_percent is None else f"{known.battery_percent} % then"
    return [
        ("Roller", known.spoken + (", the default" if known.address == default else "")),
        ("Name", known.name),
        ("Address", known.address),
        ("Serial", known.serial or unknown),
        ("Model", known.model or unknown),
        ("Firmware", known.firmware or unknown),
        ("First seen", local_time(known.first_seen_utc) if known.first_seen_utc else unknown),
        ("Last seen", local_time(known.last_seen_utc)),
        ("Battery", battery),
        ("Paired", known.how_paired),
    ]


@devices.command(short_help="Choose the roller that commands use by default.")
@click.argument("device", required=False)
@click.option("--none", "none", is_flag=True, help="Clear the default.")
@pass_options
def use(options: Options, device: str | None, *, none: bool) -> None:
    """Choose the default roller: commands use it when they are given no DEVICE.

    With --json: {address, name, alias}, each null after --none.
    """
    if none == (device is not None):
        raise click.UsageError("name a DEVICE, or say --none")
    output, registry = Printer(options), app.finding.registry(options.place)
    known = None if none else registry.find(device)
    registry.use(known.address if known else None)
    if output.json:
        names = ("address", "name", "alias")
        output.json_object({name: getattr(known, name, None) for name in names})
    output.result(f"{known.spoken} is the default." if known else "No roller is the default.")


@devices.command()
@click.argument("device")
@click.argument("alias", required=False)
@click.option("--none", "none", is_flag=True, help="Remove the alias.")
@pass_options
def rename(options: Options, device: str, alias: str | None, *, none: bool) -> None:
    """Give a roller an alias, a name of your own.

    Every command accepts the ALIAS in place of the roller's name. With --json: {address, name, alias}.
    """
    if none == (alias is not None):
        raise click.UsageError("name an ALIAS, or say --none")
    output, registry = Printer(options), app.finding.registry(options.place)
    known = registry.rename(registry.find(device).address, alias)
    if output.json:
        output.json_object({"address": known.address, "name": known.name, "alias": known.alias})
    output.result(f"{known.name} ({known.address}) is called {known.spoken} now.")


@devices.command(short_help="Forget a roller and drop the bond on both sides.")
@click.argument("device")
@click.option("--here-only", is_flag=True, help="Drop only this computer's side of the bond; needs no adapter.")
@click.option("--logs", "logs", type=click.Choice([fate.value for fate in Fate]), help="What to do with its logs.")
@click.option("--yes", is_flag=True, help="Do not ask; without --logs, keep its logs.")
@pass_options
def forget(options: Options, device: str, *, here_only: bool, logs: str | None, yes: bool) -> None:
    """Forget a roller: drop the bond on both sides, and all other data about the roller.

    Its logs are kept, unlinked (they stay, without its name, address and serial number), or erased. The roller drops
    its side of the bond if it is near and its firmware can; otherwise glowtool says that it keeps it. With --json:
    {address, name, forgotten, bond_here, bond_roller, problems: [text], logs: {choice, changed: [id]}}; bond_here and
    bond_roller are "dropped" or "kept", choice is "keep", "unlink" or "erase".
    """
    output, place = Printer(options), options.place
    known = app.finding.known_roller(place, device)
    found = app.traces.logs_of(place, app.traces.is_of(known))
    if not yes:
        confirm(f"You must pair it again to use it. Forget {known.spoken} ({known.address})?", default=False)
    if logs is not None:
        fate = Fate(logs)
    else:
        fate = Fate.KEEP if yes or not found.spoken else choose(_question(known, found.spoken), Fate)
    done = run_async(options, app.parting.forget(place, known, shown_by(output), here_only=here_only, fate=fate))
    if output.json:
        told = {"choice": fate.value, "changed": list(done.changed_logs)}
        said = {**_bond_object(done.parting), "problems": list(done.problems), "logs": told}
        output.json_object({"address": known.address, "name": known.name, "forgotten": True, **said})
    if fate is not Fate.KEEP:  # of the others, the problems tell
        found = replace(found, sessions=tuple(name for name in found.sessions if name in done.changed_logs))
    sentences = f"{bond_sentence(done.parting)} {_logs_sentence(fate, found.spoken)}".strip()
    output.result(f"{known.spoken} is forgotten. {sentences}")
    for problem in done.problems:
        output.note(problem)


def _bond_object(parting: Parting) -> dict[str, object]:
    words = {True: "dropped", False: "kept"}
    return {"bond_here": words[parting.here], "bond_roller": words[parting.roller]}


def bond_sentence(parting: Parting) -> str:
    """Return the result for the bond, in one sentence."""
    match parting.here, parting.roller:
        case True, True:
            return "The bond is dropped on both sides."
        case True, False:
            return "The bond is dropped here; the roller keeps its side until it is paired again or reset."
        case False, True:
            return "The roller dropped its side of the bond; this computer still keeps its own."
    return "Both sides still keep the bond."


def _question(known: KnownRoller, spoken: str) -> str:
    return f"{spoken} of {known.spoken}: keep, unlink (they stay, but no longer name it), or erase?"


_LOGS_ARE: Final[dict[Fate, str]] = {
    Fate.KEEP: "Kept, and still naming it",
    Fate.UNLINK: "No longer naming it",
    Fate.ERASE: "Erased",
}


def _logs_sentence(fate: Fate, spoken: str) -> str:
    return f"{_LOGS_ARE[fate]}: {spoken}." if spoken else ""

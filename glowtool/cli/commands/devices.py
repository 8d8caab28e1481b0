"""`glowtool devices`: the rollers that this computer knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from glowtool.cli.groups import SuggestingGroup
from glowtool.cli.options import Options, pass_options
from glowtool.cli.runtime import run_async
from glowtool.cli.terminal.output import Output
from glowtool.cli.terminal.questions import choose, confirm

if TYPE_CHECKING:
    from glowtool.store.rollers.registry import DeviceRegistry, KnownRoller


@click.group(cls=SuggestingGroup)
def devices() -> None:
    """List, show, name and forget known rollers, and choose the default one."""


def _registry(options: Options) -> DeviceRegistry:
    from glowtool.store.rollers.registry import DeviceRegistry

    return DeviceRegistry(options.root)


def _document(known: KnownRoller, default: str | None) -> dict[str, object]:
    return {**known.model_dump(mode="json"), "default": known.address == default}


@devices.command("list")
@pass_options
def list_devices(options: Options) -> None:
    """List the rollers that were paired.

    The one seen last comes first, and * marks the default. With --json: {"devices": [{address, name, alias, serial,
    model, firmware, first_seen_utc, last_seen_utc, battery_percent, paired, default}]}.
    """
    output, registry = Output(options), _registry(options)
    rollers, default = registry.rollers(), registry.default()
    if output.json:
        output.document({"devices": [_document(roller, default) for roller in rollers]})
        return
    if not rollers:
        output.note("No roller is known yet; `glowtool pair` makes one known.")
        return
    rows = [_row(roller, default) for roller in rollers]
    output.table(("", "Roller", "Serial", "Address", "Battery", "Last seen"), rows, whole=frozenset({0, 2, 3, 5}))


def _row(roller: KnownRoller, default: str | None) -> tuple[str, ...]:
    from glowtool.kit.local_time import local_time

    battery = "–" if roller.battery_percent is None else f"{roller.battery_percent} %"
    marker = "*" if roller.address == default else " "
    return marker, roller.spoken, roller.serial, roller.address, battery, local_time(roller.last_seen_utc)


@devices.command()
@click.argument("device", required=False)
@pass_options
def show(options: Options, device: str | None) -> None:
    """Show what is known of a roller.

    It is as it was when it last answered. DEVICE may be left out where one is known, or the default is meant. With
    --json: {address, name, alias, serial, model, firmware, first_seen_utc, last_seen_utc, battery_percent, paired,
    default, in_use}; paired is null where it is not known, or {method, level, since_utc}; in_use is null, or {command,
    pid, since_utc}.
    """
    from glowtool.store.rollers.in_use import holder_of

    output, registry = Output(options), _registry(options)
    known, default = registry.find(device), registry.default()
    holder = holder_of(options.root, known.address)
    if output.json:
        told = holder.to_json() if holder else None
        in_use = told and {name: told[name] for name in ("command", "pid", "since_utc")}
        output.document({**_document(known, default), "in_use": in_use})
        return
    for name, value in _facts(known, default):
        output.result(f"{name:<11}{value}")
    if holder is not None:
        output.result(f"{'In use':<11}{holder.spoken(holder.since_utc)}")


def _facts(known: KnownRoller, default: str | None) -> list[tuple[str, str]]:
    from glowtool.kit.local_time import local_time

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


@devices.command()
@click.argument("device", required=False)
@click.option("--none", "none", is_flag=True, help="Have no default any more.")
@pass_options
def use(options: Options, device: str | None, *, none: bool) -> None:
    """Choose the roller that is meant where none is named.

    With --json: {address, name, alias}, each null after --none.
    """
    if none == (device is not None):
        raise click.UsageError("name a DEVICE, or say --none")
    output, registry = Output(options), _registry(options)
    known = None if none else registry.find(device)
    registry.use(known.address if known else None)
    if output.json:
        names = ("address", "name", "alias")
        output.document({name: getattr(known, name, None) for name in names})
    output.result(f"{known.spoken} is the default." if known else "No roller is the default.")


@devices.command()
@click.argument("device")
@click.argument("alias", required=False)
@click.option("--none", "none", is_flag=True, help="Take the alias away.")
@pass_options
def rename(options: Options, device: str, alias: str | None, *, none: bool) -> None:
    """Give a roller a name of your own.

    Every command takes the ALIAS in place of the roller's name. With --json: {address, name, alias}.
    """
    if none == (alias is not None):
        raise click.UsageError("name an ALIAS, or say --none")
    output, registry = Output(options), _registry(options)
    known = registry.rename(registry.find(device).address, alias)
    if output.json:
        output.document({"address": known.address, "name": known.name, "alias": known.alias})
    output.result(f"{known.name} ({known.address}) is called {known.spoken} now.")


@devices.command()
@click.argument("device")
@click.option("--here-only", is_flag=True, help="Do not ask the roller to forget this computer; needs no adapter.")
@click.option("--logs", "logs", type=click.Choice(["keep", "unlink", "erase"]), help="What becomes of its logs.")
@click.option("--yes", is_flag=True, help="Do not ask; without --logs its logs are kept.")
@pass_options
def forget(options: Options, device: str, *, here_only: bool, logs: str | None, yes: bool) -> None:
    """Forget a roller: drop the bond on both sides, and everything else that is kept of it.

    Its logs are kept, unlinked (they stay without name, address and serial number), or erased. The roller drops its
    side if it is near and its firmware can; else it keeps it, which is said. With --json: {address, name, forgotten,
    bond_here, bond_roller, problems: [text], logs: {choice, changed: [id]}}; bond_here and bond_roller are "dropped" or
    "kept", choice is "keep", "unlink" or "erase".
    """
    from glowtool.app.logs.traces import Fate, Outcome, erase_logs, is_of, logs_of, remove_files, unlink_logs
    from glowtool.app.parting import forget_on_both_sides

    output, registry = Output(options), _registry(options)
    known = registry.find(device)
    found = logs_of(options, is_of(known))
    if not yes:
        confirm(f"It must be paired again to be used. Forget {known.spoken} ({known.address})?", default=False)
    fate = Fate(logs or (Fate.KEEP if yes or not found.spoken else choose(_question(known, found.spoken), list(Fate))))
    parting = run_async(options, forget_on_both_sides(options, output, known, here_only=here_only))
    registry.forget(known.address)
    done = Outcome()
    if fate is Fate.ERASE:
        done = erase_logs(options, found)
    elif fate is Fate.UNLINK:
        done = unlink_logs(options, is_of(known))
    problems = (*parting.problems, *done.problems, *remove_files(options, known))
    if output.json:
        told = {"choice": fate.value, "changed": done.changed}
        said = {**parting.document(), "problems": list(problems), "logs": told}
        output.document({"address": known.address, "name": known.name, "forgotten": True, **said})
    output.result(f"{known.spoken} is forgotten. {parting.sentence} {_logs_sentence(fate, found.spoken)}".strip())
    for problem in problems:
        output.note(problem)


def _question(known: KnownRoller, spoken: str) -> str:
    return f"{spoken} of {known.spoken}: keep, unlink (they stay and name it no more), or erase?"


def _logs_sentence(fate: str, spoken: str) -> str:
    if not spoken:
        return ""
    return {"keep": f"Kept, and naming it: {spoken}.", "unlink": f"Naming it no more: {spoken}."}.get(
        fate, f"Erased: {spoken}."
    )

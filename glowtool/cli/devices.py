"""`glowtool devices`: the rollers that this computer knows."""

from __future__ import annotations

import click

from glowtool.cli.asking import confirm
from glowtool.cli.groups import SuggestingGroup
from glowtool.cli.options import Options, pass_options
from glowtool.cli.output import Output
from glowtool.cli.runtime import adapter_for, run_async
from glowtool.cli.streams import printable
from glowtool.errors import GlowtoolError


@click.group(cls=SuggestingGroup)
def devices() -> None:
    """List and forget known rollers."""


@devices.command("list")
@pass_options
def list_devices(options: Options) -> None:
    """List the rollers that were paired.

    With --json: {"devices": [{address, name, alias, serial, last_seen_utc}]}.
    """
    from glowtool.cli.text import local_time
    from glowtool.store.registry import DeviceRegistry

    output = Output(options)
    rollers = DeviceRegistry(options.root).rollers()
    if output.json:
        output.document({"devices": [roller.model_dump(mode="json") for roller in rollers]})
        return
    if not rollers:
        output.note("No roller is known yet; `glowtool pair` makes one known.")
    for roller in rollers:
        alias = f" “{roller.alias}”" if roller.alias else ""
        seen = local_time(roller.last_seen_utc)
        output.result(f"{roller.name}{alias}  {roller.address}  serial {roller.serial}  last seen {seen}")


@devices.command()
@click.argument("device")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_options
def forget(options: Options, device: str, *, yes: bool) -> None:
    """Forget a roller and the bond with it. The roller keeps its side until it is paired anew.

    With --json: {address, name, forgotten}.
    """
    from glowtool.store.registry import DeviceRegistry

    output = Output(options)
    registry = DeviceRegistry(options.root)
    known = registry.find(device)
    if not yes:
        confirm(
            f"It must be paired again to be used. Forget {printable(known.spoken)} ({known.address})?", default=False
        )
    try:
        run_async(options, _drop_bond(options, known.address))
    except GlowtoolError as error:
        output.note(f"The bond could not be dropped ({error}); the roller is forgotten all the same.")
    registry.forget(known.address)
    if output.json:
        output.document({"address": known.address, "name": known.name, "forgotten": True})
    output.result(f"{known.spoken} is forgotten.")


async def _drop_bond(options: Options, address: str) -> None:
    async with adapter_for(options) as adapter:
        await adapter.forget(address)

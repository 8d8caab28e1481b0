"""`glowtool pair`: bond with a roller, once, with the passkey that it shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from glowtool.cli.options import Options, pass_options
from glowtool.cli.output import Output
from glowtool.cli.passkey import asked_passkey, given_passkey, parse_passkey
from glowtool.cli.runtime import adapter_for, run_async
from glowtool.errors import PairingError, PasskeyWrongError

if TYPE_CHECKING:
    from bleak.backends.device import BLEDevice

    from glowtool.cli.scan import Sighting
    from glowtool.device.identity import Identity
    from glowtool.link.adapter import Adapter, PasskeySource
    from glowtool.store.registry import KnownRoller

#: A roller closes its pairing window after as many wrong passkeys; so do we.
ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class _Paired:
    known: KnownRoller
    identity: Identity


@click.command(short_help="Bond with a roller, with the passkey on its display.")
@click.argument("device", required=False)
@click.option("--passkey", metavar="DIGITS", help="The six digits on the display, instead of being asked for them.")
@click.option("--alias", metavar="NAME", help="A name of your own for this roller.")
@pass_options
def pair(options: Options, device: str | None, passkey: str | None, alias: str | None) -> None:
    """Bond with a roller, once. Hold its button for two seconds first; DEVICE is its name or address.

    The passkey is asked for, on the terminal or as a line of standard input.
    With --json: {address, name, alias, serial, model, firmware}.
    """
    output = Output(options)
    source = asked_passkey() if passkey is None else given_passkey(parse_passkey(passkey))
    attempts = ATTEMPTS if passkey is None else 1
    paired = run_async(options, _pair(options, output, device, source=source, attempts=attempts, alias=alias))
    if output.json:
        known, identity = paired.known, paired.identity
        output.document(
            {
                "address": known.address,
                "name": known.name,
                "alias": known.alias,
                "serial": identity.serial,
                "model": identity.model,
                "firmware": identity.firmware,
            }
        )
    output.result(f"Paired with {paired.known.spoken}, serial {paired.identity.serial}.")
    output.note("Next: `glowtool run first-glow`.")


async def _pair(
    options: Options, output: Output, device: str | None, *, source: PasskeySource, attempts: int, alias: str | None
) -> _Paired:
    from glowtool.cli.target import find_to_pair
    from glowtool.store.registry import DeviceRegistry

    registry = DeviceRegistry(options.root)
    async with adapter_for(options) as adapter:
        output.note(f"Looking for a roller on {adapter.name} …")
        sighting = await find_to_pair(adapter, device, registry.rollers())
        output.note(f"Pairing with {sighting.name} ({sighting.device.address}) …")
        await _bond(adapter, sighting.device, source, attempts, output)
        identity = await _identity(adapter, sighting)
    return _Paired(registry.remember(_entry(sighting, identity, alias)), identity)


async def _bond(adapter: Adapter, device: BLEDevice, source: PasskeySource, attempts: int, output: Output) -> None:
    """Pair, with a new attempt after a wrong passkey; the connection of a failed attempt is never used again."""
    from glowtool.device.gatt import connecting

    for attempt in range(1, attempts + 1):
        client = adapter.client(device, use_bond=False)  # a stale bond on one side must not keep a new one away
        try:
            with connecting():
                await client.connect()
            await adapter.pair(client, source)
        except PasskeyWrongError as error:
            if attempts == 1:
                raise
            if attempt == attempts:
                raise PasskeyWrongError(
                    f"{attempts} wrong passkeys: nothing was paired, and no bond is kept on either side; "
                    "hold the roller's button for two seconds and run `glowtool pair` again"
                ) from error
            output.note(f"Wrong passkey, attempt {attempt} of {attempts}; the display shows a new one.")
        else:
            return
        finally:
            await client.disconnect()
    raise PairingError("no attempt was made")


async def _identity(adapter: Adapter, sighting: Sighting) -> Identity:
    """Open the roller over the new bond: the proof that it works, and the roller's identity."""
    from glowtool.cli.rollers import open_roller

    async with open_roller(adapter, sighting.device) as roller:
        return roller.identity


def _entry(sighting: Sighting, identity: Identity, alias: str | None) -> KnownRoller:
    from datetime import UTC, datetime

    from glowtool.store.registry import KnownRoller

    return KnownRoller(
        address=sighting.device.address,
        name=sighting.name or sighting.device.address,
        serial=identity.serial,
        alias=alias,
        last_seen_utc=datetime.now(UTC),
    )

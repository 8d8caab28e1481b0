"""`glowtool scan`: which rollers are near, and which of them can be paired now."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import click

from glowtool.cli.options import Options, pass_options
from glowtool.cli.runtime import adapter_for, run_async
from glowtool.cli.terminal.output import Output
from glowtool.errors import DecodeError, DeviceNotFoundError
from glowtool.protocol.advertising import COMPANY_ID, Advertisement, AdvertisingFlag, local_name
from glowtool.protocol.gatt import ROLLER_SERVICE
from glowtool.protocol.wire import decode

if TYPE_CHECKING:
    from bleak.backends.device import BLEDevice
    from bleak.backends.scanner import AdvertisementData

    from glowtool.cli.scan.display import Display
    from glowtool.store.rollers.registry import KnownRoller

DEFAULT_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Sighting:
    """A roller that was heard: who it is, how strong, and what it says of itself."""

    device: BLEDevice
    name: str | None
    rssi_dbm: int
    advertisement: Advertisement | None

    @property
    def flags(self) -> AdvertisingFlag:
        """What the roller announces about its condition; nothing when it is not understood."""
        return self.advertisement.flags if self.advertisement else AdvertisingFlag(0)

    @property
    def pairing_open(self) -> bool:
        """Whether the roller can be paired now."""
        return AdvertisingFlag.PAIRING_WINDOW_OPEN in self.flags

    @property
    def bonds_full(self) -> bool:
        """Whether the roller has no room for another bond."""
        return AdvertisingFlag.BONDS_FULL in self.flags

    def is_known_as(self, known: KnownRoller) -> bool:
        """Whether it is that roller, by its address or, with another identity, by the end of its serial number."""
        if self.device.address.casefold() == known.address.casefold():
            return True
        said = self.advertisement
        return said is not None and known.serial[-4:].casefold() == f"{said.serial_tail:04x}"

    def document(self, known: KnownRoller | None) -> dict[str, object]:
        """Return the JSON object of a sighting."""
        said = self.advertisement
        return {
            "kind": "roller",
            "address": self.device.address,
            "name": self.name,
            "rssi_dbm": self.rssi_dbm,
            "known": known is not None,
            "alias": known.alias if known else None,
            "pairing_open": self.pairing_open,
            "bonds_full": self.bonds_full,
            "display": AdvertisingFlag.NO_DISPLAY not in self.flags if said else None,
            "battery_percent": said.battery_percent if said else None,
            "protocol_major": said.major if said else None,
        }


@dataclass(frozen=True, slots=True)
class Other:
    """A device that was heard and is no roller."""

    address: str
    name: str | None
    rssi_dbm: int
    services: int

    def document(self) -> dict[str, object]:
        """Return the JSON object of a device that is no roller."""
        return {
            "kind": "other",
            "address": self.address,
            "name": self.name,
            "rssi_dbm": self.rssi_dbm,
            "services": self.services,
        }


def known_as(sighting: Sighting, rollers: tuple[KnownRoller, ...]) -> KnownRoller | None:
    """Return which known roller was heard, the one with that very address first; None when it is a new one."""
    candidates = [known for known in rollers if sighting.is_known_as(known)]
    here = sighting.device.address.casefold()
    return min(candidates, key=lambda known: known.address.casefold() != here, default=None)


def sighting_of(device: BLEDevice, heard: AdvertisementData) -> Sighting | None:
    """Return what an advertisement says, or None when it is no roller's."""
    raw = heard.manufacturer_data.get(COMPANY_ID)
    try:
        said = decode(Advertisement, raw) if raw is not None else None
    except DecodeError:
        said = None  # a newer or a broken roller; it is still one, and shown without its details
    name = heard.local_name or device.name
    # BlueZ loses the services of a device whose discovery was cut off, as by a cancelled pairing, until it is removed.
    named_as_it_says = said is not None and name == local_name(said.serial_tail)
    if ROLLER_SERVICE.uuid not in heard.service_uuids and not named_as_it_says:
        return None
    return Sighting(device, name, heard.rssi, said)


class Seconds(click.FloatRange):
    """A duration in seconds, called so when it is none."""

    name = "number of seconds"


@click.command(short_help="Look for rollers nearby.")
@click.option(
    "--timeout",
    "timeout_s",
    type=Seconds(0.5, 300),
    default=DEFAULT_TIMEOUT_S,
    show_default=True,
    metavar="SECONDS",
    help="How long to listen.",
)
@click.option("--all", "everything", is_flag=True, help="Show every Bluetooth LE device, not only rollers.")
@pass_options
def scan(options: Options, timeout_s: float, *, everything: bool) -> None:
    """Look for rollers nearby and show each as it is heard, and again when something of it changes.

    With --json: one object a line, {kind: "roller", address, name, rssi_dbm, known, alias, pairing_open, bonds_full,
    display, battery_percent, protocol_major}, and with --all {kind: "other", address, name, rssi_dbm, services}.
    """
    from glowtool.cli.scan.display import Display
    from glowtool.store.rollers.registry import DeviceRegistry

    output = Output(options)
    display = Display(output, DeviceRegistry(options.root).rollers(), everything=everything)
    run_async(options, _scan(options, output, display, timeout_s))
    _tell_in_use(options, output)
    if not display.rollers and not (everything and display.others):
        what = "nothing" if everything else "no roller"
        raise DeviceNotFoundError(
            f"{what} was heard within {timeout_s:g} s; switch the roller on, bring it near, "
            "and make sure that no other host is connected to it"
        )
    output.note(display.summary)


def _tell_in_use(options: Options, output: Output) -> None:
    from datetime import UTC, datetime

    from glowtool.store.rollers.in_use import holders

    for holder in holders(options.root):
        who = holder.spoken(datetime.now(UTC))
        output.note(f"{holder.roller or holder.address} is in use by {who}; a roller that is connected is not heard.")


async def _scan(options: Options, output: Output, display: Display, timeout_s: float) -> None:
    from glowtool.link.scan import discover

    clock = asyncio.get_running_loop().time
    async with adapter_for(options) as adapter:
        where = "" if adapter.name == "auto" else f" on {adapter.name}"
        note = partial(output.note, f"Listening{where} for {timeout_s:g} s …")
        async with aclosing(discover(adapter, timeout_s, on_listening=note)) as heard:
            async for device, data in heard:
                found = sighting_of(device, data) or Other(
                    device.address, data.local_name or device.name, data.rssi, len(data.service_uuids)
                )
                display.take(device.address, found, clock())
    display.end()

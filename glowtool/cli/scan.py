"""`glowtool scan`: which rollers are near, and which of them can be paired now."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import click

from glowtool.cli.options import Options, pass_options
from glowtool.cli.output import Output
from glowtool.cli.runtime import adapter_for, run_async
from glowtool.errors import DecodeError, DeviceNotFoundError
from glowtool.protocol.advertising import COMPANY_ID, Advertisement, AdvertisingFlag
from glowtool.protocol.gatt import ROLLER_SERVICE
from glowtool.protocol.wire import decode

if TYPE_CHECKING:
    from bleak.backends.device import BLEDevice
    from bleak.backends.scanner import AdvertisementData

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

    def document(self) -> dict[str, object]:
        """Return the JSON object of a sighting."""
        said = self.advertisement
        return {
            "address": self.device.address,
            "name": self.name,
            "rssi_dbm": self.rssi_dbm,
            "pairing_open": self.pairing_open,
            "battery_percent": said.battery_percent if said else None,
            "protocol_major": said.major if said else None,
        }


def sighting_of(device: BLEDevice, heard: AdvertisementData) -> Sighting | None:
    """Return what an advertisement says, or None when it is no roller's."""
    if ROLLER_SERVICE.uuid not in heard.service_uuids:
        return None
    raw = heard.manufacturer_data.get(COMPANY_ID)
    try:
        said = decode(Advertisement, raw) if raw is not None else None
    except DecodeError:
        said = None  # a newer or a broken roller; it is still one, and shown without its details
    return Sighting(device, heard.local_name or device.name, heard.rssi, said)


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
@pass_options
def scan(options: Options, timeout_s: float) -> None:
    """Look for rollers nearby and show each as it is heard.

    With --json: one object a line, with address, name, rssi_dbm, pairing_open, battery_percent, protocol_major.
    """
    found = run_async(options, _scan(options, Output(options), timeout_s))
    if not found:
        raise DeviceNotFoundError(
            f"no roller was heard within {timeout_s:g} s; switch it on, bring it near, "
            "and make sure that no other host is connected to it"
        )


async def _scan(options: Options, output: Output, timeout_s: float) -> int:
    from glowtool.link.scan import discover

    shown: dict[str, Sighting] = {}
    async with adapter_for(options) as adapter:
        where = "" if adapter.name == "auto" else f" on {adapter.name}"
        note = partial(output.note, f"Listening{where} for {timeout_s:g} s …")
        async with aclosing(discover(adapter, timeout_s, on_listening=note)) as heard:
            async for device, data in heard:
                sighting = sighting_of(device, data)
                if sighting is None or not _is_news(shown.get(device.address), sighting):
                    continue
                shown[device.address] = sighting
                _show(output, sighting)
    return len(shown)


def _is_news(before: Sighting | None, now: Sighting) -> bool:
    """Whether a roller is new, or its name or its pairing window became known or changed."""
    if before is None:
        return now.name is not None
    return (before.name, before.pairing_open) != (now.name, now.pairing_open)


def _show(output: Output, sighting: Sighting) -> None:
    if output.json:
        output.document(sighting.document())
        return
    said = sighting.advertisement
    battery = f"battery {said.battery_percent} %" if said else ""
    pairing = "can be paired now" if sighting.pairing_open else "pairing window closed"
    output.result(f"{sighting.name:<14} {sighting.device.address}  {sighting.rssi_dbm:>4} dBm  {battery:<13} {pairing}")

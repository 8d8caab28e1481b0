"""The inspection of a BlueZ adapter: on D-Bus, on the kernel's management socket, and in /sys."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from glowtool.errors import AdapterUnavailableError
from glowtool.link.bluez.bus import ADAPTER, BlueZError, open_bus
from glowtool.link.bluez.management import read_controller
from glowtool.link.bluez.rfkill import block_of
from glowtool.link.bluez.version import bluez_version
from glowtool.link.radio import Obstacle, RadioFacts, Trouble, core_version

if TYPE_CHECKING:
    from glowtool.link.bluez.bus import Objects, Properties

_KERNEL: Final = Path("/sys/class/bluetooth")
_DENIED: Final = "org.freedesktop.DBus.Error.AccessDenied"


async def inspect(adapter: str | None) -> RadioFacts:
    """Return the facts about the adapter with that name (`hci0`), or BlueZ's default one for None; never raises."""
    facts = RadioFacts(name=adapter or "auto", stack="BlueZ", stack_version=await bluez_version())
    try:
        async with open_bus() as bus:
            objects = await bus.objects()
    except (AdapterUnavailableError, BlueZError) as error:
        facts = replace(facts, trouble=_trouble(error), others=adapters_of_kernel())
    else:
        facts = _seen(facts, adapter, objects)
    facts = replace(facts, block=block_of(None if facts.name == "auto" else facts.name))
    controller = await asyncio.to_thread(read_controller, "hci0" if facts.name == "auto" else facts.name)
    if controller is None:
        return facts
    return replace(
        facts,
        powered=controller.powered if facts.powered is None else facts.powered,
        low_energy=controller.low_energy,
        secure_connections=controller.secure_connections,
        core_version=core_version(controller.core_number),
    )


def adapters_of_kernel(folder: Path = _KERNEL) -> tuple[str, ...]:
    """Return all adapters of the kernel, in use or not, as listed in /sys."""
    return tuple(sorted(path.name for path in folder.glob("hci*") if path.name.removeprefix("hci").isdigit()))


def _seen(facts: RadioFacts, wanted: str | None, objects: Objects) -> RadioFacts:
    adapters = {path.rpartition("/")[2]: each[ADAPTER] for path, each in objects.items() if ADAPTER in each}
    name = wanted if wanted is not None else _default(adapters)
    if name not in adapters:
        subject = f"no Bluetooth adapter {wanted}" if wanted else "no Bluetooth adapter"
        error = AdapterUnavailableError(f"{subject} on this machine", advice="plug one in, or try `--adapter sim`")
        return replace(facts, trouble=Trouble(Obstacle.NO_ADAPTER, error), others=tuple(sorted(adapters)))
    properties = adapters[name]
    return replace(
        facts,
        name=name,
        address=str(properties.get("Address", "")) or None,
        powered=bool(properties.get("Powered", False)),
        low_energy="central" in properties.get("Roles", ["central"]),
        others=tuple(sorted(set(adapters) - {name})),
    )


def _default(adapters: dict[str, Properties]) -> str:
    """Return the adapter that bleak uses by default: the first that is switched on."""
    names = sorted(adapters)
    return next((name for name in names if adapters[name].get("Powered")), names[0] if names else "")


def _trouble(error: AdapterUnavailableError | BlueZError) -> Trouble:
    cause = error.__cause__
    denied = isinstance(cause, BlueZError) and cause.name == _DENIED
    unavailable = (
        error
        if isinstance(error, AdapterUnavailableError)
        else AdapterUnavailableError(error.says, advice=error.advice)
    )
    return Trouble(Obstacle.DENIED if denied else Obstacle.NO_SERVICE, unavailable)

"""`glowtool pair`: bond with a roller, once, with the passkey that it shows."""

from __future__ import annotations

import shlex
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from glowtool.cli.options import Options, pass_options
from glowtool.cli.runtime import adapter_for, run_async
from glowtool.cli.terminal.output import Output
from glowtool.cli.terminal.passkey import answers_of_a_person, asked_passkey, given_passkey, parse_passkey, said_yes
from glowtool.errors import DeviceNotFoundError, InterruptedSessionError, PairingError, PasskeyWrongError
from glowtool.kit.visible import visible
from glowtool.protocol.advertising import AdvertisingFlag

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from glowtool.app.downgrade import Remembered
    from glowtool.cli.scan.command import Sighting
    from glowtool.drivers.gr1.identity import Identity
    from glowtool.link.adapter import Adapter
    from glowtool.link.pairing import PairingMethod, PasskeySource
    from glowtool.store.rollers.registry import DeviceRegistry, KnownRoller, Paired

#: A roller closes its pairing window after as many wrong passkeys; so do we.
ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class _Wish:
    """What the person asked for."""

    device: str | None
    passkey: PasskeySource
    attempts: int
    alias: str | None
    repair: bool
    yes: bool


@dataclass(frozen=True, slots=True)
class _Paired:
    known: KnownRoller
    identity: Identity
    method: PairingMethod | None

    def document(self) -> dict[str, object]:
        return {
            "address": self.known.address,
            "name": self.known.name,
            "alias": self.known.alias,
            "serial": self.identity.serial,
            "model": self.identity.model,
            "firmware": self.identity.firmware,
            "method": None if self.method is None else self.method.value,
        }


@click.command(short_help="Bond with a roller, with the passkey on its display.")
@click.argument("device", required=False)
@click.option("--passkey", metavar="DIGITS", help="The six digits on the display, instead of being asked for them.")
@click.option("--alias", metavar="NAME", help="A name of your own for this roller.")
@click.option("--repair", is_flag=True, help="Replace a bond that one side has lost: remove it here, then pair anew.")
@click.option("--yes", is_flag=True, help="Do not ask before a repair, nor before pairing a roller without a display.")
@pass_options
def pair(
    options: Options, device: str | None, passkey: str | None, alias: str | None, *, repair: bool, yes: bool
) -> None:
    """Bond with a roller, once. Hold its button for two seconds first; DEVICE is its name or address.

    The passkey is asked for, on the terminal or as a line of standard input. A roller that can compare shows six
    digits, and you are asked whether they are the same. A roller that was paired with a check is not paired without
    one, whatever the options say, unless you type its name. With --json: {address, name, alias, serial, model,
    firmware, method}; the method is passkey, comparison or just-works, and null where a kept bond was taken up again.
    """
    from glowtool.store.rollers.registry import DeviceRegistry

    output = Output(options)
    source = asked_passkey() if passkey is None else given_passkey(parse_passkey(passkey))
    wish = _Wish(device, source, ATTEMPTS if passkey is None else 1, alias, repair, yes)
    paired = run_async(options, _pair(options, output, wish))
    if output.json:
        output.document(paired.document())
    output.result(f"Paired with {paired.known.spoken}, serial {paired.identity.serial}.")
    output.note(f"Next: `{_command_to_run(DeviceRegistry(options.root), paired.known)}`.")


def _command_to_run(registry: DeviceRegistry, known: KnownRoller) -> str:
    """Return the command that runs a routine on this roller; it names the roller where another one could be meant."""
    if _means(registry, None, known):
        return "glowtool run first-glow"
    plain = visible(known.spoken) == known.spoken and _means(registry, known.spoken, known)
    return f"glowtool run first-glow {shlex.quote(known.spoken) if plain else known.address}"


def _means(registry: DeviceRegistry, text: str | None, known: KnownRoller) -> bool:
    try:
        return registry.find(text).address == known.address
    except DeviceNotFoundError:
        return False


async def _pair(options: Options, output: Output, wish: _Wish) -> _Paired:
    from glowtool.app.downgrade import Remembered
    from glowtool.app.finding import find_to_pair
    from glowtool.app.hold.holding import holding
    from glowtool.store.rollers.registry import DeviceRegistry

    registry = DeviceRegistry(options.root)
    async with adapter_for(options) as adapter:
        output.note(f"Looking for a roller on {adapter.name} …")
        sighting = await find_to_pair(adapter, wish.device, registry.rollers(), repair=wish.repair)
        registry.check_alias(wish.alias, sighting.is_known_as)
        remembered = await Remembered.of(adapter, registry.rollers(), sighting)
        if wish.repair or not await adapter.bonded(sighting.device.address):
            await remembered.ask_before(sighting)
        async with holding(options, sighting.device.address, "pair"):
            if not wish.repair and await _is_adoptable(adapter, sighting, registry):
                entry, paired = await _adopt(adapter, sighting, wish, output)
            else:
                entry, paired = await _bond_anew(adapter, sighting, wish, output, remembered)
            known = await _remember(adapter, registry, entry, output)
    return replace(paired, known=known)


async def _remember(adapter: Adapter, registry: DeviceRegistry, entry: KnownRoller, output: Output) -> KnownRoller:
    """Make a roller known, and only then forget the bond of an identity that it has no more."""
    former = registry.former(entry)
    known = registry.remember(entry)
    if former is not None:
        await adapter.forget(former.address)  # nobody answers to it any more
        output.note(f"{former.spoken} was known as {former.address}; it has a new identity, and keeps its name.")
    return known


async def _is_adoptable(adapter: Adapter, sighting: Sighting, registry: DeviceRegistry) -> bool:
    """Return whether a bond is kept with a roller that is not known, as when the file of those was moved away."""
    address = await adapter.identity_address(sighting.device)
    return registry.of(address) is None and await adapter.bonded(sighting.device.address)


async def _adopt(adapter: Adapter, sighting: Sighting, wish: _Wish, output: Output) -> tuple[KnownRoller, _Paired]:
    """Take a roller up again whose bond is kept here; raises `BondStaleError` when it is no longer good."""
    from glowtool.link.pairing import SecurityLevel
    from glowtool.store.rollers.registry import Paired

    output.note(f"A bond with {_called(sighting)} is kept here; trying it …")
    level = await adapter.bond_level(sighting.device.address) or SecurityLevel.UNAUTHENTICATED
    entry, identity = await _entry(adapter, sighting, wish.alias, Paired(level=level))
    return entry, _Paired(entry, identity, None)


async def _bond_anew(
    adapter: Adapter, sighting: Sighting, wish: _Wish, output: Output, remembered: Remembered
) -> tuple[KnownRoller, _Paired]:
    """Pair, in the place of a bond that is there; when that fails, or is weaker than what was, the old bond stays.

    A bond without a check stays only once it is known with what it was made: until then it may be with anything.
    """
    from glowtool.link.pairing import SecurityLevel
    from glowtool.store.rollers.registry import Paired

    async with AsyncExitStack() as on_failure:
        if wish.repair:
            on_failure.push_async_callback(await _drop_bond(adapter, sighting, ask=not wish.yes))
        output.note(f"Pairing with {_called(sighting)} …")
        method = await _bond(adapter, sighting, wish, output, accepted=remembered.given_up is not None)
        if method.level is SecurityLevel.AUTHENTICATED:
            on_failure.pop_all()  # the roller has replaced its side
        else:
            on_failure.push_async_callback(adapter.forget, sighting.device.address)
        now = Paired(method=method, level=method.level, since_utc=datetime.now(UTC))
        entry, identity = await _entry(adapter, sighting, wish.alias, now)
        remembered.require_as_strong(entry)
        on_failure.pop_all()
    return entry, _Paired(entry, identity, method)


async def _drop_bond(adapter: Adapter, sighting: Sighting, *, ask: bool) -> Callable[[], Awaitable[None]]:
    """Remove the bond on this side, after one question, and return what puts it back should the pairing fail.

    The roller replaces its own side when it pairs. While it cannot be paired the bond stays: it may still be good.
    """
    from glowtool.link.refusal import is_closed, window_closed

    if not await adapter.bonded(sighting.device.address):
        return _nothing
    if sighting.advertisement and not sighting.pairing_open and await is_closed(adapter, sighting.device):
        raise window_closed(sighting.device.address)
    question = f"The bond with {_called(sighting)} is removed here and made anew. Repair?"
    if ask and not await said_yes(question):
        raise InterruptedSessionError("nothing was done: the answer was no")
    return await adapter.set_aside(sighting.device.address)


def _called(sighting: Sighting) -> str:
    return f"{sighting.name} ({sighting.device.address})" if sighting.name else sighting.device.address


async def _nothing() -> None:
    """Put nothing back."""


async def _bond(
    adapter: Adapter, sighting: Sighting, wish: _Wish, output: Output, *, accepted: bool = False
) -> PairingMethod:
    """Pair, with a new attempt after a wrong passkey; `accepted` says that a weaker way was agreed to already."""
    from glowtool.link.refusal import full

    if adapter.asks_by_itself:
        output.note("Your system asks for the passkey in a window of its own: type the digits on the roller's display.")
    if AdvertisingFlag.BONDS_FULL in sighting.flags and not wish.repair:
        raise full(sighting.device.address)
    has_display = AdvertisingFlag.NO_DISPLAY not in sighting.flags
    answers = answers_of_a_person(wish.passkey, has_display=has_display, consented=accepted or wish.yes)
    for attempt in range(1, wish.attempts + 1):
        try:
            return await adapter.pair(sighting.device, answers)
        except PasskeyWrongError as error:
            if wish.attempts == 1:
                raise
            if attempt == wish.attempts:
                command = "glowtool pair --repair" if wish.repair else "glowtool pair"  # the bond from before is back
                raise PasskeyWrongError(
                    f"{attempt} wrong passkeys: nothing was paired, and nothing was changed; "
                    f"hold the roller's button for two seconds and run `{command} {sighting.device.address}` again"
                ) from error
            output.note(f"Wrong passkey, attempt {attempt} of {wish.attempts}; the display shows a new one.")
    raise PairingError("no attempt was made")


async def _entry(
    adapter: Adapter, sighting: Sighting, alias: str | None, paired: Paired
) -> tuple[KnownRoller, Identity]:
    """Open the roller over the bond: the proof that it works, and what the roller says of itself."""
    from glowtool.app.hold.holding import open_roller
    from glowtool.store.rollers.registry import KnownRoller

    async with open_roller(adapter, sighting.device) as roller:
        identity = roller.identity
        entry = KnownRoller(
            address=await adapter.identity_address(sighting.device),
            name=sighting.name or sighting.device.address,
            serial=identity.serial,
            model=identity.model,
            firmware=identity.firmware,
            alias=alias,
            last_seen_utc=datetime.now(UTC),
            battery_percent=roller.battery_percent,
            paired=paired,
        )
    return entry, identity

"""The parting with a roller: both sides drop their bond, and the result says what could not be done."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from glowtool.app.hold.holding import holding
from glowtool.app.logs.fate import Fate
from glowtool.app.logs.traces import Outcome, erase_logs, is_of, logs_of, remove_files, unlink_logs
from glowtool.app.news import Forgetting, untold
from glowtool.app.rollers.adapters import adapter_of
from glowtool.app.rollers.finding import find_known
from glowtool.app.rollers.opening import open_roller, require_ours
from glowtool.errors import (
    BondStaleError,
    GlowtoolError,
    InterruptedSessionError,
    InUseError,
    NotOfferedError,
    NotPairedError,
)
from glowtool.link.bumble.keys.kept_keys import drop_keys
from glowtool.link.spec import AdapterKind, AdapterSpec
from glowtool.store.erasure.forget import require_closed
from glowtool.store.rollers.registry import DeviceRegistry

if TYPE_CHECKING:
    from glowtool.app.news import Tell
    from glowtool.app.place import Place
    from glowtool.link.adapter import Adapter
    from glowtool.store.rollers.known import KnownRoller


@dataclass(frozen=True, slots=True)
class Parting:
    """Which sides of the bond were dropped, and why one was not."""

    here: bool = False
    roller: bool = False
    problems: tuple[str, ...] = ()

    def but(self, problem: str) -> Parting:
        """Return this result with one more problem."""
        return replace(self, problems=(*self.problems, problem))


@dataclass(frozen=True, slots=True)
class Forgotten:
    """The result of forgetting a roller: for the bond, for its logs, and why something could not be done."""

    parting: Parting
    changed_logs: tuple[str, ...]
    problems: tuple[str, ...]


async def forget(
    place: Place, known: KnownRoller, tell: Tell = untold, *, here_only: bool = False, fate: Fate = Fate.KEEP
) -> Forgotten:
    """Part with a roller and drop all other data about it; `fate` is that of its logs.

    Raises `InUseError` when another glowtool uses it, `StoreError`, also for a log that is being recorded and shall not
    stay as it is. The roller is known until its logs are done, so that it can be named again after an error.
    """
    found = logs_of(place, is_of(known))
    if fate is not Fate.KEEP:
        require_closed(place.logs_dir, is_of(known))
    parting = await part(place, known, tell, here_only=here_only)
    done = Outcome()
    if fate is Fate.ERASE:
        done = erase_logs(place, found)
    elif fate is Fate.UNLINK:
        done = unlink_logs(place, known)
    DeviceRegistry(place.root).forget(known.address)
    problems = (*parting.problems, *done.problems, *remove_files(place, known))
    return Forgotten(parting, tuple(done.changed), problems)


async def part(place: Place, known: KnownRoller, tell: Tell = untold, *, here_only: bool = False) -> Parting:
    """Let both sides drop the bond, the roller first: it ignores hosts that it does not know.

    Raises `InUseError` when another glowtool uses the roller. The result lists everything else that goes wrong.
    """
    parting = Parting()
    async with holding(place, known.address, "devices forget", tell):
        systems_own = AdapterSpec.parse(place.adapter).kind in {AdapterKind.AUTO, AdapterKind.SYSTEM}
        if systems_own or not here_only:  # keys of our own are files, and need no adapter
            try:
                async with adapter_of(place, tell) as adapter:
                    if not here_only:
                        parting = await _there(adapter, known, tell)
                    parting = await _here(adapter, known, parting)
            except (InUseError, InterruptedSessionError):
                raise
            except GlowtoolError as error:
                parting = _without_adapter(parting, error, systems_own=systems_own)
        return _keys_dropped(place, known, parting, systems_own=systems_own)


def _without_adapter(parting: Parting, error: GlowtoolError, *, systems_own: bool) -> Parting:
    if systems_own:
        return parting.but(f"This computer's side of the bond could not be dropped: {error}")
    return parting.but(f"The roller could not be asked to drop its side of the bond: {error}")


def _keys_dropped(place: Place, known: KnownRoller, parting: Parting, *, systems_own: bool) -> Parting:
    """Drop the keys that are kept in files, even if the adapter failed."""
    try:
        drop_keys(place.bonds_dir, known.address)
    except GlowtoolError as error:
        return replace(parting, here=False).but(f"The keys in {place.bonds_dir} could not be dropped: {error}")
    return parting if systems_own else replace(parting, here=True)


async def _there(adapter: Adapter, known: KnownRoller, tell: Tell) -> Parting:
    kept = f"{known.spoken} keeps its side of the bond: "
    try:
        require_ours(known, "devices forget")
        tell(Forgetting(known.spoken))
        heard = await find_known(adapter, known)
        async with open_roller(adapter, heard.device) as roller:
            await roller.forget_host()
    except NotOfferedError:
        return Parting().but(f"{kept}only a GR-1 can be asked to drop it, so drop it on the device itself.")
    except BondStaleError:
        return Parting(roller=True).but(f"{known.spoken} had lost its side of the bond already.")
    except NotPairedError:
        return Parting().but(f"{kept}without a bond here, glowtool cannot ask it.")
    except GlowtoolError as error:
        return Parting().but(f"{kept}{error}.")
    return Parting(roller=True)


async def _here(adapter: Adapter, known: KnownRoller, parting: Parting) -> Parting:
    await adapter.forget(known.address)
    if await adapter.bonded(known.address):
        return parting.but(
            "This computer's side of the bond is the system's own: remove the roller in its Bluetooth settings."
        )
    return replace(parting, here=True)

"""How a roller and this computer forget each other: each side drops its bond, and what could not be done is said."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from glowtool.cli.runtime import adapter_for
from glowtool.errors import BondStaleError, GlowtoolError, InterruptedSessionError, InUseError, NotPairedError
from glowtool.link.spec import AdapterKind, AdapterSpec

if TYPE_CHECKING:
    from glowtool.cli.options import Options
    from glowtool.cli.terminal.output import Output
    from glowtool.link.adapter import Adapter
    from glowtool.store.rollers.registry import KnownRoller

#: The protocol's minor version that brought FORGET_HOST.
_SINCE_MINOR: Final = 2


@dataclass(frozen=True, slots=True)
class Parting:
    """Whose bond was dropped, and why one was not."""

    here: bool = False
    roller: bool = False
    problems: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """What became of the bond, in one sentence."""
        match self.here, self.roller:
            case True, True:
                return "The bond is dropped on both sides."
            case True, False:
                return "The bond is dropped here; the roller keeps its side until it is paired anew or reset."
            case False, True:
                return "The roller dropped its side of the bond; this computer's is still there."
        return "The bond is still there, on both sides."

    def document(self) -> dict[str, object]:
        """Return its part of the JSON object."""
        words = {True: "dropped", False: "kept"}
        return {
            "bond_here": words[self.here],
            "bond_roller": words[self.roller],
            "problems": list(self.problems),
        }

    def but(self, problem: str) -> Parting:
        """Return it with one more problem."""
        return replace(self, problems=(*self.problems, problem))


async def forget_on_both_sides(options: Options, output: Output, known: KnownRoller, *, here_only: bool) -> Parting:
    """Have both sides drop the bond, the roller first: it listens to nobody it does not know.

    `InUseError` when another glowtool uses the roller. Everything else that goes wrong is in what is returned.
    """
    from glowtool.app.hold.holding import holding

    parting = Parting()
    async with holding(options, known.address, "devices forget"):
        systems_own = AdapterSpec.parse(options.adapter).kind in {AdapterKind.AUTO, AdapterKind.SYSTEM}
        if systems_own or not here_only:  # keys of our own are files, and want no adapter
            try:
                async with adapter_for(options) as adapter:
                    if not here_only:
                        output.note(f"Asking {known.spoken} to forget this computer …")
                        parting = await _there(adapter, known)
                    parting = await _here(adapter, known, parting)
            except (InUseError, InterruptedSessionError):
                raise
            except GlowtoolError as error:
                parting = _without_adapter(parting, error, systems_own=systems_own)
        return _keys_dropped(options, known, parting, systems_own=systems_own)


def _without_adapter(parting: Parting, error: GlowtoolError, *, systems_own: bool) -> Parting:
    if systems_own:
        return parting.but(f"This computer's side of the bond could not be dropped: {error}")
    return parting.but(f"The roller could not be asked to drop its side of the bond: {error}")


def _keys_dropped(options: Options, known: KnownRoller, parting: Parting, *, systems_own: bool) -> Parting:
    """Drop the keys that are kept in files, whatever became of the adapter."""
    from glowtool.link.bumble.kept_keys import drop_keys

    try:
        drop_keys(options.bonds_dir, known.address)
    except GlowtoolError as error:
        return replace(parting, here=False).but(f"The keys in {options.bonds_dir} could not be dropped: {error}")
    return parting if systems_own else replace(parting, here=True)


async def _there(adapter: Adapter, known: KnownRoller) -> Parting:
    from glowtool.app.finding import find_known
    from glowtool.app.hold.holding import open_roller

    kept = f"{known.spoken} keeps its side of the bond: "
    try:
        device = await find_known(adapter, known)
        async with open_roller(adapter, device) as roller:
            feature = roller.feature
            if feature.minor < _SINCE_MINOR:
                return Parting().but(
                    f"{kept}it speaks protocol {feature.major}.{feature.minor}, and can forget a host since "
                    f"{feature.major}.{_SINCE_MINOR}."
                )
            await roller.forget_host()
    except BondStaleError:
        return Parting(roller=True).but(f"{known.spoken} had lost its side of the bond already.")
    except NotPairedError:
        return Parting().but(f"{kept}there is no bond here with which it could be asked.")
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

"""The asynchronous part of the check-up: opens the adapter, connects to the roller, turns every error into a fact."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from glowtool.app.checkup.roller import RollerFacts
from glowtool.app.hold.holding import holding
from glowtool.app.news import untold
from glowtool.app.rollers.adapters import adapter_of
from glowtool.app.rollers.finding import find_known, known_roller
from glowtool.app.rollers.opening import examined
from glowtool.errors import AdapterUnavailableError, GlowtoolError, InUseError, NotOfferedError, UsageError
from glowtool.link.radio import Obstacle, RadioFacts, Trouble

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from glowtool.app.news import Tell
    from glowtool.app.place import Place
    from glowtool.link.adapter import Adapter
    from glowtool.store.rollers.known import KnownRoller

#: Every request to an adapter ends by itself; this limit is for a bus that takes a call and never answers.
_LOOK_S: Final = 20.0


@asynccontextmanager
async def adapter_to_examine(
    place: Place, tell: Tell = untold, *, storable: bool
) -> AsyncIterator[tuple[Adapter | None, RadioFacts]]:
    """Open the adapter for the time of the block; yield None when that fails, and let the facts say why.

    When nothing can be stored, the adapter keeps its data in a temporary place.
    """
    async with AsyncExitStack() as stack:
        if not storable:
            place = replace(place, data_dir=Path(stack.enter_context(tempfile.TemporaryDirectory())))
        try:
            adapter = await stack.enter_async_context(adapter_of(place, tell))
        except UsageError:
            raise
        except GlowtoolError as error:
            yield None, RadioFacts(place.adapter, "none", trouble=Trouble(Obstacle.CANNOT_OPEN, error))
            return
        yield adapter, await _radio(adapter)


async def _radio(adapter: Adapter) -> RadioFacts:
    try:
        async with asyncio.timeout(_LOOK_S):
            return await adapter.radio()
    except TimeoutError:
        error = AdapterUnavailableError(
            f"the Bluetooth service did not answer within {_LOOK_S:g} s", advice="restart it"
        )
        return RadioFacts(adapter.name, "none", trouble=Trouble(Obstacle.NO_SERVICE, error))


async def look_at_roller(place: Place, adapter: Adapter | None, wanted: str | None, tell: Tell = untold) -> RollerFacts:
    """Go as far towards the roller as possible, without changing it, and return what was found on the way."""
    try:
        known = known_roller(place, wanted)
    except GlowtoolError as error:
        return RollerFacts(named=wanted is not None, none_because=error)
    facts = RollerFacts(known=known, named=wanted is not None, no_radio=adapter is None)
    try:
        async with holding(place, known.address, "doctor", tell):
            return facts if adapter is None else await _approach(adapter, known, facts)
    except InUseError as error:
        return replace(facts, in_use=error)
    except GlowtoolError as error:
        return replace(facts, error=error)


async def _approach(adapter: Adapter, known: KnownRoller, facts: RollerFacts) -> RollerFacts:
    try:
        facts = replace(facts, bonded=await adapter.bonded(known.address))
        if not facts.bonded:
            return facts
        device = (await find_known(adapter, known)).device
        facts = replace(facts, heard=True)
        return replace(facts, found=await examined(adapter, device, known))
    except NotOfferedError as error:
        return replace(facts, not_offered=error)
    except AdapterUnavailableError as error:
        return replace(facts, no_radio=True, error=error)
    except GlowtoolError as error:
        return replace(facts, error=error)

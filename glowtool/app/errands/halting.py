"""A stop of a device that no glowtool uses: connect, stop, wait for its report that the outputs are zero."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from glowtool.app.hold.holding import holding
from glowtool.app.news import Looking, Zeroed, untold
from glowtool.app.rollers.adapters import adapter_of
from glowtool.app.rollers.finding import find_known
from glowtool.app.rollers.opening import open_device
from glowtool.model.state import State
from glowtool.store.rollers.registry import DeviceRegistry
from glowtool.units import MILLISECONDS_PER_SECOND

if TYPE_CHECKING:
    from glowtool.app.news import Tell
    from glowtool.app.place import Place


async def halt(place: Place, address: str, name: str, tell: Tell = untold) -> Zeroed | None:
    """Connect to a known roller and stop it; return None when it does not report that its outputs are zero.

    Raises `InUseError` when another glowtool uses it by now, and the errors of finding and opening it.
    """
    clock = asyncio.get_running_loop().time
    began_s = clock()
    async with holding(place, address, "stop", tell, stoppable=False) as held, adapter_of(place, tell) as adapter:
        tell(Looking(adapter.name, name, unheld=True))
        known = DeviceRegistry(place.root).find(address)
        heard = await find_known(adapter, known)
        async with open_device(adapter, heard.device, heard.kind, held, tell) as roller:
            answer = await roller.stop()
            stop_ms = (clock() - began_s) * MILLISECONDS_PER_SECOND
            held.zero(stop_ms, confirmed=answer.levels.zero)
            ran = roller.found.state is State.RUNNING
    if not answer.levels.zero:
        return None
    return Zeroed(address, name, stop_ms, ran=ran, latched=answer.state is State.LATCHED)

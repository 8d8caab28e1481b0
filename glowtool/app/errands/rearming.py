"""The end of an emergency stop, which outlasts switching off and on."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.app.ledger.auditing import audit
from glowtool.app.news import untold
from glowtool.app.people.buttons import keep_button_within
from glowtool.app.people.who import bounds_at_hand
from glowtool.app.rollers.opening import opened
from glowtool.device.refusals import RefusedError
from glowtool.drivers.gr1.commands.verbs import REARM_GRACE_S
from glowtool.model.answer import Reason
from glowtool.store.audit.kinds import AuditKind

if TYPE_CHECKING:
    from glowtool.app.news import Tell
    from glowtool.app.place import Place
    from glowtool.drivers.gr1.roller import Roller
    from glowtool.model.state import State
    from glowtool.store.rollers.known import KnownRoller

#: glowtool waits for the grace time, and a little longer because of the radio.
_PATIENCE_S: Final = REARM_GRACE_S + 1.0
_AGAIN_S: Final = 0.25


@dataclass(frozen=True, slots=True)
class Rearmed:
    """Whether there was an emergency stop, and the state after re-arming."""

    was_latched: bool
    state: State


async def rearm(place: Place, known: KnownRoller, tell: Tell = untold) -> Rearmed:
    """Re-arm a roller as soon as the grace time of its emergency stop is over; raises `CommandRefusedError`."""
    async with opened(place, known, "rearm", tell) as roller:
        if not roller.latched:
            return Rearmed(was_latched=False, state=roller.status.state)
        state = await _leave(roller)
        # While latched, the roller does not clear what its button must not start.
        await keep_button_within(place, roller.archive, await asyncio.to_thread(bounds_at_hand, place), tell)
    await asyncio.to_thread(audit, place, AuditKind.REARMED, known=known, tell=tell)
    return Rearmed(was_latched=True, state=state)


async def _leave(roller: Roller) -> State:
    clock = asyncio.get_running_loop().time
    give_up_s = clock() + _PATIENCE_S
    while True:
        try:
            return (await roller.rearm()).state
        except RefusedError as error:
            if error.answer.refusal is not Reason.GRACE or clock() >= give_up_s:
                raise
        await asyncio.sleep(_AGAIN_S)

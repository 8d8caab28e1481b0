"""The button of a roller that somebody uses: what it starts stays within what that person may have, or is cleared."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from glowtool.app.errands.kept import known_program
from glowtool.app.ledger.auditing import audit
from glowtool.app.news import ButtonCleared
from glowtool.drivers.gr1.archive import Archive
from glowtool.drivers.gr1.button import clear_stored, crc_stored_in
from glowtool.errors import CommandRefusedError
from glowtool.safety.bounds import NO_OUTPUT
from glowtool.safety.limits import PersonalMax
from glowtool.store.audit.kinds import AuditKind

if TYPE_CHECKING:
    from glowtool.app.news import Tell
    from glowtool.app.place import Place
    from glowtool.device.archive import Archive as AnyArchive
    from glowtool.store.rollers.programs import KeptProgram


async def keep_button_within(place: Place, archive: AnyArchive | None, bounds: PersonalMax | None, tell: Tell) -> bool:
    """Clear what the button of a connected roller starts when it goes beyond `bounds`; return whether it was cleared.

    The roller tells only which program it is. One that is not known here may ask for all there is. `bounds` None: what
    the person may have cannot be told, since the profile is closed, and may be nothing. A roller that refuses to clear
    it, as after an emergency stop, is told, and hinders nothing.
    """
    full, allowed = PersonalMax(), NO_OUTPUT if bounds is None else bounds
    if not isinstance(archive, Archive) or (allowed.peak_ua, allowed.amplitude) == (full.peak_ua, full.amplitude):
        return False
    try:
        crc = await crc_stored_in(archive)
    except CommandRefusedError:  # this kind of roller keeps no program
        return False
    if crc is None:
        return False
    kept = known_program(place, f"{crc:08x}")
    if kept is not None and _within(kept, allowed):
        return False
    title, current = None if kept is None else kept.title, kept is None or bool(kept.peak_ua)
    try:
        await clear_stored(archive)
    except CommandRefusedError as error:
        tell(ButtonCleared(title, current, closed=bounds is None, error=error))
        return False
    said = {"cleared": f"{crc:08x}", "since": "it goes beyond who uses the roller"}
    await asyncio.to_thread(audit, place, AuditKind.STORED, said, tell=tell)
    tell(ButtonCleared(title, current, closed=bounds is None))
    return True


def _within(kept: KeptProgram, bounds: PersonalMax) -> bool:
    if kept.peak_ua is None or kept.amplitude is None:  # noted by an older glowtool
        return False
    return kept.peak_ua <= bounds.peak_ua and kept.amplitude <= bounds.amplitude

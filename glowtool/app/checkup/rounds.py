"""The whole check-up: one stage after the other gathers facts, and each is reported once it is judged."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from glowtool.app.checkup.computer import COMPUTER_CHECKS, look_at_computer
from glowtool.app.checkup.examinations import adapter_to_examine, look_at_roller
from glowtool.app.checkup.findings import Judged
from glowtool.app.checkup.radio import RADIO_CHECKS
from glowtool.app.checkup.roller import ROLLER_CHECKS
from glowtool.app.checkup.storage import STORAGE_CHECKS, look_at_storage
from glowtool.app.news import Examined, untold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glowtool.app.checkup.findings import Check
    from glowtool.app.news import Tell
    from glowtool.app.place import Place

F = TypeVar("F")


async def examine(place: Place, device: str | None, tell: Tell = untold) -> None:
    """Check this computer, its Bluetooth, the data folder and a known roller; `tell` gets `Examined` of each.

    Nothing is changed: it connects to a roller that is near and reads its data for a second. Raises `UsageError` when
    the place does not name an adapter.
    """
    tell(Examined("This computer", _judged(COMPUTER_CHECKS, await look_at_computer())))
    storage = await look_at_storage(place)
    tell(Examined("Data", _judged(STORAGE_CHECKS, storage)))
    storable = storage.anywhere and storage.writable
    async with adapter_to_examine(place, tell, storable=storable) as (adapter, radio):
        tell(Examined("Bluetooth", _judged(RADIO_CHECKS, radio)))
        usable = adapter if radio.trouble is None else None
        tell(Examined("Roller", _judged(ROLLER_CHECKS, await look_at_roller(place, usable, device, tell))))


def _judged(checks: Sequence[Check[F]], facts: F) -> tuple[Judged, ...]:
    return tuple(Judged(check.key, check.title, check.judge(facts)) for check in checks)

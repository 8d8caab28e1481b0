"""The way back to a device that was lost in the middle of a free recording."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from glowtool.device.retrying import persist
from glowtool.errors import ProtocolError
from glowtool.link.backoff import RECONNECTING
from glowtool.session.do.interlude import frames_sent_by

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from glowtool.device.attempts import Attempt
    from glowtool.session.listening.source import Source


@dataclass(frozen=True, slots=True)
class Back:
    """The device is connected again: how many frames its stream had, None if it does not say, and after how many."""

    frames_sent: int | None
    attempts: int


async def come_back(source: Source, chance: random.Random, tell: Callable[[Attempt], None], *, settle: bool) -> Back:
    """Connect again, within bounds; with `settle` the device is asked how many frames its newest stream had.

    Raises the last error of an attempt, and `ProtocolError` when another device answers in its place.
    """
    serial, attempts = source.identity.serial, 0

    async def attempt() -> int | None:
        nonlocal attempts
        attempts += 1
        await source.connect()
        return await frames_sent_by(source.archive) if settle else None

    frames_sent = await persist(attempt, RECONNECTING, chance, tell)
    if source.identity.serial != serial:
        raise ProtocolError(f"another roller answers in its place: {source.identity.serial}, not {serial}")
    return Back(frames_sent, attempts)

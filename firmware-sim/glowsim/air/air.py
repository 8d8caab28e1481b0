"""The virtual air: the medium, and the controllers that join it."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from glowsim.air.controller import VirtualController
from glowsim.air.medium import Medium

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class Air(Medium):
    """A virtual air for rollers and hosts; `seed` determines everything that happens by chance on it."""

    @asynccontextmanager
    async def attach(self, name: str) -> AsyncIterator[VirtualController]:
        """Yield a new controller on this air; it leaves when the block ends."""
        controller = VirtualController(name, self)
        try:
            yield controller
        finally:
            controller.leave()

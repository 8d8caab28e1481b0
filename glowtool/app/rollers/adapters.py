"""The adapter of a place, opened for a block."""

from __future__ import annotations

import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from glowtool.app.news import Displayed, untold
from glowtool.app.place import make_ready
from glowtool.link.adapters import open_adapter
from glowtool.link.spec import AdapterSpec

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from glowtool.app.news import Tell
    from glowtool.app.place import Place
    from glowtool.link.adapter import Adapter

_LOG = logging.getLogger(__name__)


@asynccontextmanager
async def adapter_of(place: Place, tell: Tell = untold) -> AsyncIterator[Adapter]:
    """Make the place ready, then open its adapter for the time of the block."""
    spec = AdapterSpec.parse(place.adapter)
    make_ready(place, tell)
    async with open_adapter(
        spec, bonds_dir=place.bonds_dir, state_dir=place.state_dir, announce=lambda line: tell(Displayed(line))
    ) as adapter:
        _LOG.info("the adapter %s is open", adapter.name)
        yield adapter

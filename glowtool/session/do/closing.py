"""What is left to be done when a massage broke down: outputs first, then the log, and no further failure."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from glowtool.errors import ConnectionLostError, GlowtoolError, StoreError
from glowtool.session.decide.standstill import Standstill

if TYPE_CHECKING:
    from datetime import datetime

    from glowtool.device.driver import Driver
    from glowtool.model.ending import Ending
    from glowtool.session.do.recorder import Recorder

_LOG = logging.getLogger(__name__)


async def make_zero(roller: Driver) -> Standstill:
    """Stop the roller, if it can be reached; return what is known of its outputs then."""
    try:
        head = await roller.stop()
    except ConnectionLostError as error:
        _LOG.warning("the roller stops by itself: %s", error)
        return Standstill.LINK_GONE
    except GlowtoolError as error:
        _LOG.warning("the roller did not confirm the stop, and stops by itself: %s", error)
        return Standstill.UNKNOWN
    return Standstill.CONFIRMED if head.outputs.zero else Standstill.UNKNOWN


async def close_log(recorder: Recorder, ending: Ending, now_utc: datetime) -> None:
    """Finish the log, if the disk takes it."""
    try:
        await recorder.close()
        await recorder.finish(ending, now_utc)
    except StoreError as error:
        _LOG.warning("the log was not finished: %s", error)

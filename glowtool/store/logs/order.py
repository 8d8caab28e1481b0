"""The order of sessions, independent of the clock: each session gets a number when it begins.

`.order.json` in the folder of the logs holds the folder's random id, the last number, and which session it was. A log
with a number of this folder comes after every log without one; those (from an older glowtool, or from another
computer) follow one another by the time of their end.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from glowtool.errors import LogDamagedError
from glowtool.kit.storage.files import storing, write_atomic
from glowtool.kit.storage.lock import alone
from glowtool.store.bounds import NUMBER_MAX
from glowtool.store.regular import read_regular
from glowtool.store.tables.entries import OrderEntry

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.store.tables.manifest import Manifest

ORDER_NAME: Final = ".order.json"
_LOCK_NAME: Final = ".order.lock"
_MOST_BYTES: Final = 4096
_FIRST: Final = datetime(1, 1, 1, tzinfo=UTC)

#: The sort key of sessions: number, time of the end, name.
Key = tuple[int, datetime, str]


class Order(BaseModel):
    """The known order of the logs in a folder."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    folder: str = Field(pattern="^[0-9a-f]{8,32}$")
    number: int = Field(default=0, ge=0, lt=NUMBER_MAX)
    last: str = ""

    def key(self, name: str, manifest: Manifest | None) -> Key:
        """Return the sort key of the session in the folder `name`; an unreadable one comes first."""
        if manifest is None:
            return 0, _FIRST, name
        place = manifest.order
        number = place.number if place is not None and place.folder == self.folder else 0
        return number, manifest.ended_utc or manifest.started_utc, name


def read_order(logs: Path) -> Order:
    """Return the order of a folder of logs, or a new one if none can be read."""
    try:
        return Order.model_validate_json(read_regular(logs / ORDER_NAME, _MOST_BYTES))
    except (OSError, LogDamagedError, ValidationError):
        return Order(folder=secrets.token_hex(8))


def next_place(logs: Path, session_id: str) -> OrderEntry:
    """Give a new session its number, and store it; raises `StoreError`."""
    with storing(f"number the log in {logs}"), alone(logs / _LOCK_NAME):
        order = read_order(logs)
        order = order.model_copy(update={"number": order.number + 1, "last": session_id})
        _write(logs, order)
    return OrderEntry(folder=order.folder, number=order.number)


def forget_last(logs: Path, name: str) -> None:
    """Remove a session's name from the order, if it is there; raises `StoreError`."""
    with storing(f"remove {name} from the order in {logs}"), alone(logs / _LOCK_NAME):
        order = read_order(logs)
        if order.last == name:
            _write(logs, order.model_copy(update={"last": ""}))


def _write(logs: Path, order: Order) -> None:
    content = order.model_dump_json().encode(errors="replace") + b"\n"
    write_atomic(logs / ORDER_NAME, lambda stream: stream.write(content))

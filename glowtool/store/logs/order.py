"""The order of sessions, independent of the clock: each session gets a number when it begins.

`.order.json` in the folder of the logs holds the folder's random id, the last number, and which session it was. A log
with a number of this folder comes after every log without one; those (from an older glowtool, or from another
computer) follow one another by the time of their end.
"""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from glowtool.errors import LogDamagedError
from glowtool.kit.storage.files import storing, write_atomic
from glowtool.kit.storage.lock import alone
from glowtool.store.bounds import NUMBER_MAX
from glowtool.store.regular import read_regular

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.store.logs.facts import Facts
    from glowtool.store.tables.entries import OrderEntry

ORDER_NAME: Final = ".order.json"
_LOCK_NAME: Final = ".order.lock"
_MOST_BYTES: Final = 4096
_FOLDER: Final = re.compile("[0-9a-f]{8,32}")
_FIRST: Final = datetime(1, 1, 1, tzinfo=UTC)

#: The sort key of sessions: number, time of the end, name.
Key = tuple[int, datetime, str]


@dataclass(frozen=True, slots=True)
class Order:
    """The known order of the logs in a folder."""

    folder: str
    number: int = 0
    last: str = ""

    def key(self, name: str, facts: Facts | None) -> Key:
        """Return the sort key of the session in the folder `name`; an unreadable one comes first."""
        if facts is None:
            return 0, _FIRST, name
        return facts.order_number if facts.order_folder == self.folder else 0, facts.last_utc, name


def read_order(logs: Path) -> Order:
    """Return the order of a folder of logs, or a new one if none can be read."""
    try:
        return _order_in(json.loads(read_regular(logs / ORDER_NAME, _MOST_BYTES)))
    except (OSError, LogDamagedError, ValueError, RecursionError):
        return Order(folder=secrets.token_hex(8))


def _order_in(said: object) -> Order:
    """Return the order in the content of its file; raises `ValueError`."""
    known: dict[str, object] = said if isinstance(said, dict) else {}
    folder, number, last = known.get("folder"), known.get("number", 0), known.get("last", "")
    if not isinstance(folder, str) or not _FOLDER.fullmatch(folder) or not isinstance(last, str):
        raise ValueError("it names no folder")
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number < NUMBER_MAX:
        raise ValueError("it has no number")
    return Order(folder, number, last)


def next_place(logs: Path, session_id: str) -> OrderEntry:
    """Give a new session its number, and store it; raises `StoreError`."""
    from glowtool.store.tables.entries import OrderEntry  # noqa: PLC0415 - lists need no pydantic

    with storing(f"number the log in {logs}"), alone(logs / _LOCK_NAME):
        order = read_order(logs)
        order = replace(order, number=order.number + 1, last=session_id)
        _write(logs, order)
    return OrderEntry(folder=order.folder, number=order.number)


def forget_last(logs: Path, name: str) -> None:
    """Remove a session's name from the order, if it is there; raises `StoreError`."""
    with storing(f"remove {name} from the order in {logs}"), alone(logs / _LOCK_NAME):
        order = read_order(logs)
        if order.last == name:
            _write(logs, replace(order, last=""))


def _write(logs: Path, order: Order) -> None:
    content = json.dumps(asdict(order)).encode() + b"\n"
    write_atomic(logs / ORDER_NAME, lambda stream: stream.write(content))

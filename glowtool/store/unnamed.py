"""The words of events without the roller: why a connection ended is told of "the roller", whichever one it was."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from glowtool.model.event import JsonObject
    from glowtool.store.tables.manifest import DeviceEntry

#: Details of an event that are sentences; the others are numbers, and words of a fixed set.
_SENTENCES: Final = ("because", "reason", "remark")


def without_roller(data: JsonObject, device: DeviceEntry) -> JsonObject:
    """Return an event's details with the roller's address, serial number and name out of their sentences."""
    names = "|".join(re.escape(name) for name in (device.address, device.serial, device.name) if name)
    sentences = {key: said for key in _SENTENCES if isinstance(said := data.get(key), str)}
    if not names or not sentences:
        return data
    whole = rf"(?<![\w.])(?:{names})(?!\w|\.\d)"  # a short one also stands within words and numbers
    told = {key: re.sub(whole, "the roller", said, flags=re.IGNORECASE) for key, said in sentences.items()}
    return {**data, **told}

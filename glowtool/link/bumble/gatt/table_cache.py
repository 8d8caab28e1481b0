"""Tables of attributes of bonded peers, kept with the Database Hash that says whether they are still valid.

Discovery takes about twenty requests, of one or two connection intervals each; the hash takes one.
"""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final, cast

from glowtool.errors import InputError, StoreError
from glowtool.link.bumble.gatt.services import Characteristic, Descriptor, Service
from glowtool.link.bumble.private_file import read_json_object, write_json_object

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.link.bumble.gatt.services import Table

logger = logging.getLogger(__name__)

TABLES_FILE: Final = "tables.json"
_HASH: Final = "hash"
_TABLE: Final = "table"
_SUM: Final = "sha256"


class TableCache:
    """One table for each peer, by the peer's identity address. A damaged or unwritable file counts as none."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / TABLES_FILE

    def get(self, peer: str, database_hash: bytes) -> Table | None:
        """Return the table with that hash, None when it is not known."""
        kept = self._read().get(peer)
        if not isinstance(kept, dict) or kept.get(_HASH) != database_hash.hex():
            return None
        if kept.get(_SUM) != _sum_of(peer, kept):
            logger.debug("%s holds a table of %s that is not what was put there", self.path, peer)
            return None
        try:
            # A file that somebody changed causes one of these errors.
            return tuple(_service(each) for each in cast("list[dict[str, Any]]", kept[_TABLE]))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            logger.debug("%s holds a table of %s that does not decode: %r", self.path, peer, error)
            return None

    def put(self, peer: str, database_hash: bytes, table: Table) -> None:
        """Store a table in place of an older one."""
        kept: dict[str, object] = {_HASH: database_hash.hex(), _TABLE: [asdict(service) for service in table]}
        self._write(self._read() | {peer: kept | {_SUM: _sum_of(peer, kept)}})

    def forget(self, peer: str) -> None:
        """Drop the table of a peer."""
        content = self._read()
        if content.pop(peer, None) is not None:
            self._write(content)

    def _read(self) -> dict[str, object]:
        try:
            return read_json_object(self.path)
        except (InputError, StoreError) as error:
            logger.debug("asking peers again: %s", error)
            return {}

    def _write(self, content: dict[str, object]) -> None:
        try:
            write_json_object(self.path, content)
        except InputError as error:
            logger.debug("tables are not kept: %s", error)


def _sum_of(peer: str, kept: dict[str, Any]) -> str:
    """Return the checksum of a peer's entry: the peer's hash does not show later changes of the file."""
    said = json.dumps([peer, kept.get(_HASH), kept.get(_TABLE)], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(said.encode()).hexdigest()


def _service(kept: dict[str, Any]) -> Service:
    return Service(int(kept["handle"]), str(kept["uuid"]), tuple(map(_characteristic, kept["characteristics"])))


def _characteristic(kept: dict[str, Any]) -> Characteristic:
    descriptors = (Descriptor(int(each["handle"]), str(each["uuid"])) for each in kept["descriptors"])
    return Characteristic(int(kept["handle"]), str(kept["uuid"]), int(kept["properties"]), tuple(descriptors))

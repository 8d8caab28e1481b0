"""The rollers that this data folder knows: identity, alias, and state when last seen."""

from __future__ import annotations

import difflib
import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from glowtool.errors import DeviceNotFoundError, StoreError
from glowtool.kit.storage.damaged_file import entries, put_aside
from glowtool.kit.storage.files import make_folder, storing, write_atomic
from glowtool.kit.storage.lock import alone
from glowtool.kit.storage.privacy import read_private
from glowtool.store.rollers.known import KnownRoller, Paired
from glowtool.store.rollers.names import check_alias_among, matches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from glowtool.link.pairing import SecurityLevel

FILE_NAME: Final = "devices.json"

#: Ten thousand rollers need less.
_MOST_BYTES: Final = 8 * 1024 * 1024

#: Version 3 added how a roller was paired: a glowtool that does not know it must not overwrite it.
FORMAT_VERSION: Final = 3


class RegistryDamagedError(StoreError):
    """The file of the known rollers does not decode."""


class _Content(BaseModel):
    """The content of the file. An unknown field is damage, since a later version has another number.

    Version 1 had no default, and rollers without model, firmware, battery and first time; version 2 lacked how they
    were paired.
    """

    model_config = ConfigDict(extra="forbid")

    format_version: Annotated[int, Field(ge=1, le=FORMAT_VERSION)] = FORMAT_VERSION
    default: str | None = None
    rollers: tuple[KnownRoller, ...]

    def of(self, address: str) -> KnownRoller | None:
        return next((roller for roller in self.rollers if roller.address == address), None)

    def without(self, *addresses: str) -> _Content:
        """Return the content without some rollers, and without a default that is one of them."""
        kept = tuple(roller for roller in self.rollers if roller.address not in addresses)
        return _Content(default=None if self.default in addresses else self.default, rollers=kept)

    def having(self, roller: KnownRoller) -> _Content:
        """Return the content with a roller that replaces the one with its address."""
        others = tuple(known for known in self.rollers if known.address != roller.address)
        return _Content(default=self.default, rollers=(*others, roller))


class DeviceRegistry:
    """The file `devices.json` of a data folder. Every change reads the file again and replaces it as a whole."""

    def __init__(self, data_folder: Path) -> None:
        self.path = data_folder / FILE_NAME

    def rollers(self) -> tuple[KnownRoller, ...]:
        """Return all known rollers, the last one seen first; raises `StoreError` when the file is damaged."""
        return tuple(sorted(self._look().rollers, key=lambda roller: roller.last_seen_utc, reverse=True))

    def default(self) -> str | None:
        """Return the address of the default roller, or None."""
        return self._look().default

    def of(self, address: str) -> KnownRoller | None:
        """Return the known roller of that address."""
        return self._look().of(address)

    def remember(self, roller: KnownRoller) -> KnownRoller:
        """Add a roller that was just paired, or update its entry; return the entry.

        A roller is known by its address and its serial number. With another address it has a new identity, as after a
        factory reset, and replaces its former entry. Alias, first time and being the default are kept. Raises
        `InputError` when another roller has its alias; `check_alias` tells that beforehand.
        """
        with self._alone():
            before = self._read()
            former = self._former(before, roller)
            mine = {roller.address, former.address if former else roller.address}
            check_alias_among(roller.alias, [other for other in before.rollers if other.address not in mine])
            known = before.of(roller.address) or former
            if known is not None:
                kept = {"alias": roller.alias or known.alias, "first_seen_utc": known.first_seen_utc}
                roller = roller.model_copy(update=kept)
            elif roller.first_seen_utc is None:
                roller = roller.model_copy(update={"first_seen_utc": roller.last_seen_utc})
            after = before.having(roller)
            if former is not None:
                default = roller.address if before.default == former.address else before.default
                after = after.without(former.address).model_copy(update={"default": default})
            self._write(after)
        return roller

    def check_alias(self, alias: str | None, is_meant: Callable[[KnownRoller], bool]) -> None:
        """Raise `InputError` when a roller, known or new, cannot have that alias."""
        check_alias_among(alias, [roller for roller in self._look().rollers if not is_meant(roller)])

    def former(self, roller: KnownRoller) -> KnownRoller | None:
        """Return the entry of the same roller (by serial number) under another address."""
        return self._former(self._look(), roller)

    def saw(
        self,
        address: str,
        now_utc: datetime,
        *,
        serial: str,
        model: str,
        firmware: str,
        battery_percent: int,
        level: SecurityLevel | None = None,
    ) -> KnownRoller | None:
        """Note that a known roller answered, and what it said about itself; return None when it is not known.

        `level` is what the bond of that connection proves; it is stored when nothing was known of that before.
        """
        said = {"serial": serial, "model": model, "firmware": firmware, "battery_percent": battery_percent}
        with self._alone():
            content = self._read()
            known = content.of(address)
            if known is None:
                return None
            paired = known.paired or (Paired(level=level) if level else None)
            known = known.model_copy(update={**said, "last_seen_utc": now_utc, "paired": paired})
            self._write(content.having(known))
        return known

    def forget(self, address: str) -> bool:
        """Remove a roller by its address; return False when it was not known."""
        with self._alone():
            content = self._read()
            if content.of(address) is None:
                return False
            self._write(content.without(address))
        return True

    def use(self, address: str | None) -> None:
        """Make a known roller the default; None clears the default."""
        with self._alone():
            content = self._read()
            if address is not None and content.of(address) is None:
                raise _unknown(address)
            self._write(content.model_copy(update={"default": address}))

    def rename(self, address: str, alias: str | None) -> KnownRoller:
        """Give a roller an alias, or remove it; raises `InputError` when another roller has that name."""
        with self._alone():
            content = self._read()
            check_alias_among(alias, [roller for roller in content.rollers if roller.address != address])
            known = content.of(address)
            if known is None:
                raise _unknown(address)
            known = known.model_copy(update={"alias": alias})
            self._write(content.having(known))
        return known

    def find(self, text: str | None = None) -> KnownRoller:
        """Return the roller with that alias, name, serial number or address; without text, the default or only one.

        Raises `DeviceNotFoundError`, which lists the choices.
        """
        rollers = self.rollers()
        if not rollers:
            raise DeviceNotFoundError("no roller is known yet", advice="`glowtool pair` pairs one")
        if text is None:
            chosen = [roller for roller in rollers if roller.address == self.default()]
            found = chosen or list(rollers)
        else:
            found = matches(rollers, text.casefold())
        if len(found) == 1:
            return found[0]
        choice = ", ".join(f"{roller.spoken} ({roller.address})" for roller in found or rollers)
        if found:
            hint = "" if text else "; `glowtool devices use NAME` makes one the default"
            raise DeviceNotFoundError(f"{len(found)} rollers are possible", advice=f"name one of: {choice}{hint}")
        near = difflib.get_close_matches(text or "", [roller.spoken for roller in rollers], n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known rollers: {choice}"
        raise DeviceNotFoundError(f"no known roller is called {text!r}", advice=hint)

    @staticmethod
    def _former(content: _Content, roller: KnownRoller) -> KnownRoller | None:
        others = (known for known in content.rollers if known.address != roller.address)
        return next((known for known in others if known.serial and known.serial == roller.serial), None)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Change the file while no other process does."""
        with storing(f"write {self.path}"):
            make_folder(self.path.parent)
            with alone(self.path.with_suffix(".lock")):
                yield

    def _look(self) -> _Content:
        """Return the content without a lock; set a damaged file aside and keep its intact part.

        `StoreError` reports that once; the next command finds the file whole.
        """
        try:
            return self._read()
        except RegistryDamagedError:
            with self._alone():
                try:
                    return self._read()  # another process may have mended it
                except RegistryDamagedError:
                    raise self._mend() from None

    def _mend(self) -> StoreError:
        rollers, default, lost = _whole_of(self._bytes())
        aside = put_aside(self.path)
        if rollers:
            self._write(_Content(default=default, rollers=rollers))
        return StoreError(
            f"{self.path} was damaged: {', '.join(lost)} could not be read; it is set aside as {aside.name}, and "
            f"{entries(len(rollers), 'other roller')}",
            advice="run `glowtool pair` for each lost roller, whose bond is kept, then repeat this command",
        )

    def _bytes(self) -> bytes:
        try:
            return read_private(self.path, _MOST_BYTES)
        except FileNotFoundError:
            return b""

    def _read(self) -> _Content:
        with storing(f"read {self.path}"):
            text = self._bytes()
            if not text and not self.path.exists():
                return _Content(rollers=())
        try:
            return _Content.model_validate_json(text)
        except ValidationError as error:
            raise self._damaged(error) from error

    def _damaged(self, error: ValidationError) -> StoreError:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the whole file"
        if where == "format_version":
            return StoreError(
                f"{self.path} has format version {first['input']}, but this glowtool reads up to {FORMAT_VERSION}",
                advice="update glowtool",
            )
        return RegistryDamagedError(
            f"{self.path} is damaged at {where}: {first['msg']}",
            advice="`glowtool devices list` keeps its intact part",
        )

    def _write(self, content: _Content) -> None:
        rollers = sorted(content.rollers, key=lambda roller: roller.address)
        content = _Content(default=content.default, rollers=tuple(rollers))
        text = json.dumps(content.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"
        write_atomic(self.path, lambda stream: stream.write(text.encode()))


def _whole_of(text: bytes) -> tuple[tuple[KnownRoller, ...], str | None, list[str]]:
    """Return the intact rollers of a damaged file, the default if it is one of them, and the lost parts."""
    try:
        content = json.loads(text)
        found = content["rollers"] if isinstance(content["rollers"], list) else None
    except (ValueError, KeyError, TypeError, RecursionError):
        content, found = {}, None
    if found is None:
        return (), None, ["all of its content"]
    whole: dict[str, KnownRoller] = {}
    lost: list[str] = []
    for number, entry in enumerate(found, 1):
        try:
            roller = KnownRoller.model_validate(entry)
        except ValidationError:
            name = entry.get("address") or entry.get("name") if isinstance(entry, dict) else None
            lost.append(str(name or f"entry {number}"))
        else:
            whole[roller.address] = roller
    default = content.get("default")
    kept = default if isinstance(default, str) and default in whole else None
    if default is not None and kept is None:
        lost.append("the choice of the default")
    return tuple(whole.values()), kept, lost or ["a part of it"]


def _unknown(address: str) -> DeviceNotFoundError:
    return DeviceNotFoundError(f"no known roller has the address {address}", advice="`glowtool devices list`")

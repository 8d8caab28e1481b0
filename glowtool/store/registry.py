"""The rollers that this data folder knows: address, name, serial number, alias, and when each was last seen."""

from __future__ import annotations

import difflib
import json
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from glowtool.errors import DeviceNotFoundError, InputError, StoreError
from glowtool.store.files import make_folder, storing, write_atomic

if TYPE_CHECKING:
    from pathlib import Path

FILE_NAME: Final = "devices.json"


class KnownRoller(BaseModel):
    """One roller that was paired."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    address: Annotated[str, Field(description="Bluetooth address or the platform's identifier")]
    name: Annotated[str, Field(description="name as advertised")]
    serial: Annotated[str, Field(description="serial number")] = ""
    alias: Annotated[str | None, Field(description="the name that its owner gave it")] = None
    last_seen_utc: Annotated[AwareDatetime, Field(description="when it last answered")]

    @property
    def spoken(self) -> str:
        """What to call it."""
        return self.alias or self.name


class _Content(BaseModel):
    format_version: int = 1
    rollers: tuple[KnownRoller, ...] = ()


class DeviceRegistry:
    """The file `devices.json` of a data folder. Every change reads it anew and replaces it as a whole."""

    def __init__(self, data_folder: Path) -> None:
        self.path = data_folder / FILE_NAME

    def rollers(self) -> tuple[KnownRoller, ...]:
        """Return all known rollers, the one seen last first; raises `StoreError` when the file is damaged."""
        return tuple(sorted(self._read(), key=lambda roller: roller.last_seen_utc, reverse=True))

    def remember(self, roller: KnownRoller) -> KnownRoller:
        """Add a roller, or replace what is known about its address; an alias that it has is kept if it brings none."""
        before = self._read()
        known = next((item for item in before if item.address == roller.address), None)
        if roller.alias is None and known is not None:
            roller = roller.model_copy(update={"alias": known.alias})
        self._write((*(item for item in before if item.address != roller.address), roller))
        return roller

    def forget(self, address: str) -> bool:
        """Remove a roller by its address; False when it was not known."""
        before = self._read()
        after = tuple(roller for roller in before if roller.address != address)
        if len(after) == len(before):
            return False
        self._write(after)
        return True

    def rename(self, address: str, alias: str | None) -> KnownRoller:
        """Give a roller an alias, or take it away; raises `InputError` when another roller has it."""
        taken = next((item for item in self._read() if alias and alias in (item.alias, item.name)), None)
        if taken is not None and taken.address != address:
            raise InputError(f"{alias!r} is already the name of the roller at {taken.address}; choose another one")
        roller = self.find(address).model_copy(update={"alias": alias})
        self._write((*(item for item in self._read() if item.address != address), roller))
        return roller

    def find(self, text: str | None = None) -> KnownRoller:
        """Return the roller that an alias, name, serial number or address means; without text, the only one.

        Raises `DeviceNotFoundError`, with what there is to choose from.
        """
        rollers = self.rollers()
        if not rollers:
            raise DeviceNotFoundError("no roller is known yet; `glowtool pair` makes one known")
        if text is None:
            found = list(rollers)
        else:
            found = next((some for some in (_matches(rollers, text, exact) for exact in (True, False)) if some), [])
        if len(found) == 1:
            return found[0]
        choice = ", ".join(f"{roller.spoken} ({roller.address})" for roller in found or rollers)
        if found:
            raise DeviceNotFoundError(f"{len(found)} rollers could be meant; name one of: {choice}")
        near = difflib.get_close_matches(text or "", [roller.spoken for roller in rollers], n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"known are: {choice}"
        raise DeviceNotFoundError(f"no known roller is called {text!r}; {hint}")

    def _read(self) -> tuple[KnownRoller, ...]:
        with storing(f"read {self.path}"):
            try:
                text = self.path.read_bytes()
            except FileNotFoundError:
                return ()
        try:
            return _Content.model_validate_json(text).rollers
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"])) or "the whole file"
            raise StoreError(
                f"{self.path} is damaged at {where}: {first['msg']}; move it away and pair again"
            ) from error

    def _write(self, rollers: tuple[KnownRoller, ...]) -> None:
        content = _Content(rollers=tuple(sorted(rollers, key=lambda roller: roller.address)))
        text = json.dumps(content.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"
        with storing(f"write {self.path}"):
            make_folder(self.path.parent)
            write_atomic(self.path, lambda stream: stream.write(text.encode()))


def _matches(rollers: tuple[KnownRoller, ...], text: str, exact: bool) -> list[KnownRoller]:  # noqa: FBT001 - private
    wanted = text.casefold()
    if exact:
        return [
            roller
            for roller in rollers
            if wanted in {(roller.alias or "").casefold(), roller.name.casefold(), roller.address.casefold()}
            or (roller.serial and wanted == roller.serial.casefold())
        ]
    names = ((roller, f"{roller.alias or ''}\0{roller.name}\0{roller.serial}".casefold()) for roller in rollers)
    return [roller for roller, name in names if wanted and wanted in name]

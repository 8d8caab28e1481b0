"""The people whom a data folder knows: a list with names, and a file for each, all readable by their owner only.

A person's file and what else speaks of them carry a pseudonym, drawn at random; only the list leads from it to a name.
"""

from __future__ import annotations

import difflib
import json
import secrets
import unicodedata
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from glowtool.errors import InputError, StoreError
from glowtool.kit.storage.files import make_folder, storing, sweep, sync_folder, write_atomic
from glowtool.kit.storage.lock import alone
from glowtool.kit.storage.privacy import read_private
from glowtool.kit.text.visible import visible
from glowtool.store.people.profile import Profile, profile_bytes, profile_in
from glowtool.store.people.sealing import SealedError, new_key, open_key, opened_key, sealed, unsealed, wrapped
from glowtool.store.times import Moment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    #: Returns the passphrase of the person of that name.
    Unlock = Callable[[str], str]

FOLDER: Final = "people"
LIST_NAME: Final = "people.json"
FORMAT_VERSION: Final = 1
_MOST_BYTES: Final = 1024 * 1024
_LONGEST_NAME: Final = 40
_ALLOWED: Final = f"one line of 1 to {_LONGEST_NAME} characters, without blanks around it"


def _folded(name: str) -> str:
    """Return what names have in common that a person takes for the same one, however they were typed."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).strip().casefold())


def _fit(name: str) -> str:
    if not 1 <= len(name) <= _LONGEST_NAME or visible(name) != name or name != name.strip() or name.startswith("-"):
        raise ValueError(f"it must be {_ALLOWED}, not beginning with '-'")
    return name


class KnownPerson(BaseModel):
    """One line of the list."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, Field(pattern="^[0-9a-f]{16}$", description="the pseudonym")]
    name: Annotated[str, AfterValidator(_fit)]
    since_utc: Annotated[Moment, Field(description="when the person was entered")]


class _List(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    format_version: Annotated[int, Field(ge=1, le=FORMAT_VERSION)] = FORMAT_VERSION
    in_use: str | None = None
    people: tuple[KnownPerson, ...] = ()


class NoSuchPersonError(InputError):
    """Nobody of that name is known."""


class People:
    """The folder `people` of a data folder; each change reads a file again and replaces it as a whole."""

    def __init__(self, data_folder: Path, unlock: Unlock | None = None) -> None:
        self.folder = data_folder / FOLDER
        self._unlock = unlock
        self.path = self.folder / LIST_NAME

    def all(self) -> tuple[KnownPerson, ...]:
        """Return everybody, in order of their names."""
        return tuple(sorted(self._read().people, key=lambda known: known.name.casefold()))

    def in_use(self) -> KnownPerson | None:
        """Return who is meant where nobody is named: the one in use, else the only one, else None."""
        content = self._read()
        chosen = [known for known in content.people if known.id == content.in_use]
        found = chosen or content.people
        return found[0] if len(found) == 1 else None

    def find(self, name: str) -> KnownPerson:
        """Return the person of that name; raises `NoSuchPersonError`, which lists the names."""
        people = self.all()
        for known in people:
            if _folded(known.name) == _folded(name):
                return known
        if not people:
            raise NoSuchPersonError(f"nobody is called {name!r}: nobody is known yet", advice=_BEGIN)
        near = difflib.get_close_matches(_folded(name), [_folded(known.name) for known in people], n=1)
        meant = next((known.name for known in people if near and _folded(known.name) == near[0]), None)
        names = ", ".join(known.name for known in people)
        raise NoSuchPersonError(
            f"nobody is called {name!r}", advice=f"did you mean {meant!r}?" if meant else f"name one of: {names}"
        )

    def add(self, name: str, now_utc: datetime) -> KnownPerson:
        """Enter a person, who is in use from then on when nobody else is known; raises `InputError`."""
        try:
            known = KnownPerson(id=secrets.token_hex(8), name=unicodedata.normalize("NFC", name), since_utc=now_utc)
        except ValidationError as error:
            raise InputError(f"{visible(name)!r} is no name for a person", advice=f"take {_ALLOWED}") from error
        with self._alone():
            content = self._read()
            if any(_folded(other.name) == _folded(name) for other in content.people):
                raise InputError(f"there is a person called {name!r} already", advice="take another name")
            self._write_profile(known, Profile())
            self._write(content.model_copy(update={"people": (*content.people, known)}))
        return known

    def use(self, person: KnownPerson) -> None:
        """Make a person the one who is meant where nobody is named."""
        with self._alone():
            self._write(self._read().model_copy(update={"in_use": person.id}))

    def profile(self, person: KnownPerson) -> Profile:
        """Return a person's profile; one whose file is gone is empty.

        Raises `StoreError` when it is damaged, `SealedError` when it is encrypted and nobody has the passphrase, and
        `InputError` for a wrong one.
        """
        path, key = self._path(person.id), self._key_of(person)
        if key is None:
            content = self._content(path)
            return Profile() if content is None else profile_in(content, str(path))
        path = self._sealed(person.id)
        content = self._content(path)
        return Profile() if content is None else profile_in(unsealed(content, key, str(path)), str(path))

    def is_sealed(self, person: KnownPerson) -> bool:
        """Return whether a profile is encrypted."""
        return self._key(person.id).exists()

    def seal(self, person: KnownPerson, passphrase: str) -> None:
        """Encrypt a profile, or encrypt it with another passphrase; raises the errors of `profile` and `new_key`."""
        with self._alone():
            profile, key = self.profile(person), self._key_of(person) or new_key()
            file = wrapped(key, passphrase)
            # The key's file decides which profile counts, so that a crash leaves the old one or the new one.
            if not self.is_sealed(person):
                self._replace(self._sealed(person.id), sealed(profile_bytes(profile), key))
            self._replace(self._key(person.id), file)
            self._path(person.id).unlink(missing_ok=True)
            sweep(self.folder)  # a crash may have left half-written answers that anybody can read
            sync_folder(self.folder)

    def unseal(self, person: KnownPerson) -> None:
        """Keep a profile without encryption again; raises the errors of `profile`."""
        with self._alone():
            profile = self.profile(person)
            self._replace(self._path(person.id), profile_bytes(profile))
            self._key(person.id).unlink(missing_ok=True)
            self._sealed(person.id).unlink(missing_ok=True)
            sync_folder(self.folder)

    def change(self, person: KnownPerson, change: Callable[[Profile], Profile]) -> Profile:
        """Replace a profile by what `change` makes of it, while no other process does; return it.

        Raises `NoSuchPersonError` for somebody who was erased meanwhile, and the errors of `profile`.
        """
        with self._alone():
            if all(known.id != person.id for known in self._read().people):  # nothing of them may come back
                raise NoSuchPersonError(f"{person.name} was erased", advice=_BEGIN)
            changed = change(self.profile(person))
            self._write_profile(person, changed)
        return changed

    def remove(self, person: KnownPerson) -> None:
        """Remove a person and the profile; nothing here leads from the pseudonym to the name any more."""
        with self._alone():
            content = self._read()
            for path in (self._path(person.id), self._sealed(person.id), self._key(person.id)):
                path.unlink(missing_ok=True)
            kept = tuple(known for known in content.people if known.id != person.id)
            in_use = None if content.in_use == person.id else content.in_use
            self._write(content.model_copy(update={"people": kept, "in_use": in_use}))
            sync_folder(self.folder)

    def _path(self, pseudonym: str) -> Path:
        return self.folder / f"{pseudonym}.json"

    def _sealed(self, pseudonym: str) -> Path:
        return self.folder / f"{pseudonym}.sealed"

    def _key(self, pseudonym: str) -> Path:
        return self.folder / f"{pseudonym}.key"

    def _key_of(self, person: KnownPerson) -> str | None:
        """Return the key of a profile; None when it is not encrypted."""
        file = self._content(self._key(person.id))
        if file is None:
            return None
        opened = opened_key(file)
        if opened is not None:
            return opened
        if self._unlock is None:
            raise SealedError(
                f"the profile of {person.name} is encrypted", advice="use a command that asks for the passphrase"
            )
        return open_key(file, self._unlock(person.name), f"the profile of {person.name}")

    def _content(self, path: Path) -> bytes | None:
        with storing(f"read {path}"):
            try:
                return read_private(path, _MOST_BYTES)
            except FileNotFoundError:
                return None

    @contextmanager
    def _alone(self) -> Iterator[None]:
        with storing(f"write in {self.folder}"):
            make_folder(self.folder)
            with alone(self.folder / ".lock"):
                yield

    def _read(self) -> _List:
        with storing(f"read {self.path}"):
            try:
                text = read_private(self.path, _MOST_BYTES)
            except FileNotFoundError:
                return _List()
        try:
            return _List.model_validate_json(text)
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"])) or "the whole file"
            raise StoreError(
                f"{self.path} is damaged at {place} ({first['msg']}), so nobody is known and no output is given",
                advice="move it away and begin anew with `glowtool person new NAME`, or update glowtool",
            ) from error

    def _write(self, content: _List) -> None:
        self._replace(self.path, json.dumps(content.model_dump(mode="json"), indent=2, ensure_ascii=False).encode())

    def _write_profile(self, person: KnownPerson, profile: Profile) -> None:
        key = self._key_of(person)
        if key is None:
            self._replace(self._path(person.id), profile_bytes(profile))
        else:
            self._replace(self._sealed(person.id), sealed(profile_bytes(profile), key))
            self._path(person.id).unlink(missing_ok=True)  # a crash may have left it

    def _replace(self, path: Path, content: bytes) -> None:
        write_atomic(path, lambda stream: stream.write(content))


_BEGIN: Final = "`glowtool person new NAME` enters somebody"

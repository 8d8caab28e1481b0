"""The place where glowtool works: the adapter that it uses, and the folder that holds its data."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from glowtool.errors import InputError, StoreError
from glowtool.kit.storage.files import make_folder
from glowtool.kit.storage.named_path import named_path
from glowtool.kit.storage.ownership import require_ours
from glowtool.kit.storage.privacy import close_to_others

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from glowtool.app.news import Tell

#: Folders that hold keys, what people said of their health, or a socket that obeys everyone who can reach it.
_CLOSED: Final = ("bonds", "people", "run")


@dataclass(frozen=True, slots=True)
class Place:
    """The adapter, as `--adapter` names it, and the data folder; None means the platform's folder for user data.

    `person` names who is massaged; None means the person in use, or the only one. `unlock` returns the passphrase of a
    person whose profile is encrypted; without it such a profile stays closed. `unasked` does the same where nobody has
    to be asked for it.
    """

    adapter: str = "auto"
    data_dir: Path | None = None
    person: str | None = None
    unlock: Callable[[str], str] | None = field(default=None, compare=False, repr=False)
    unasked: Callable[[str], str] | None = field(default=None, compare=False, repr=False)

    @property
    def root(self) -> Path:
        """The data folder; raises `StoreError` when other users could have written what is read from it."""
        require_ours(self.folder)
        return self.folder

    @property
    def folder(self) -> Path:
        """The path of the data folder, without a check of its owner; raises `InputError` for a user without a home."""
        if self.data_dir is not None:
            return self.data_dir
        import platformdirs  # noqa: PLC0415 - most who start many processes name a folder, and need not wait for it

        try:
            folder = platformdirs.user_data_dir("glowtool")
        except RuntimeError as error:
            raise InputError("this user has no home folder", advice="name a place with --data-dir") from error
        return named_path(folder, "this system's place for data")

    @property
    def bonds_dir(self) -> Path:
        """The folder for this host's identity and its bonds."""
        return self.root / "bonds"

    @property
    def logs_dir(self) -> Path:
        """The folder for sessions."""
        return self.root / "logs"

    @property
    def massages_dir(self) -> Path:
        """The folder for massages by the button, which rollers recorded themselves."""
        return self.root / "massages"

    @property
    def programs_dir(self) -> Path:
        """The folder that remembers which routines were stored for a roller's button."""
        return self.root / "programs"

    @property
    def plans_dir(self) -> Path:
        """The folder for the plans that people follow."""
        return self.root / "plans"

    @property
    def ledger_dir(self) -> Path:
        """The folder for the ledger of doses, a book for each person."""
        return self.root / "ledger"

    @property
    def audit_dir(self) -> Path:
        """The folder for the audit."""
        return self.root / "audit"

    @property
    def routines_dir(self) -> Path:
        """The folder for the routines that people wrote, which are called by name."""
        return self.root / "routines"

    @property
    def state_dir(self) -> Path:
        """The folder in which an adapter with its own roller keeps that roller's state."""
        return self.root / "sim"


def make_private_dir(path: Path) -> Path:
    """Make a directory that only its owner can enter; raises `StoreError` with the reason."""
    try:
        make_folder(path)
    except OSError as error:
        raise StoreError(
            f"the data directory {path} cannot be made: {error.strerror}", advice="choose another one with --data-dir"
        ) from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise StoreError(f"the data directory {path} cannot be written to", advice="choose another one with --data-dir")
    return path


def make_ready(place: Place, tell: Tell) -> None:
    """Make the data folder, and close everything with keys to other users, with news of it; raises `StoreError`."""
    root = make_private_dir(place.root)
    require_ours(root)
    names = close_to_others(root, _CLOSED)
    if names:
        from glowtool.app.news import Closed  # noqa: PLC0415 - who only reads files has no news, and need not wait for it

        tell(Closed(root, tuple(names), keys=any(name.startswith(_CLOSED[0]) for name in names)))

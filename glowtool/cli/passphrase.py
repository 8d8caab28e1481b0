"""The passphrase of a person whose profile is encrypted: from the environment, else typed without being shown."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from glowtool.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

VARIABLE = "GLOWTOOL_PASSPHRASE"


def passphrase_of(name: str) -> str:
    """Return the passphrase of a person; raises `UsageError` when nobody can be asked."""
    given = os.environ.get(VARIABLE)
    return given if given is not None else _typed(f"Passphrase of {name}: ", "the profile is encrypted, and ")


def given_passphrase() -> Callable[[str], str] | None:
    """Return what gives the passphrase that the environment holds; None: it holds none, and somebody is to be asked."""
    given = os.environ.get(VARIABLE)
    return None if given is None else lambda _name: given


def new_passphrase(name: str) -> str:
    """Return a passphrase that is typed twice, or that the environment gives; raises `UsageError` likewise."""
    given = os.environ.get(VARIABLE)
    if given is not None:
        return given
    first = _typed(f"New passphrase for {name}: ")
    if _typed("Once more: ") != first:
        raise UsageError("the two passphrases differ; nothing was changed", advice="try again")
    return first


def _typed(prompt: str, why: str = "") -> str:
    # Every command begins with this module, and few ask for a passphrase.
    from glowtool.cli.terminal.asking.continuation import can_be_asked  # noqa: PLC0415 - it brings asyncio

    if not can_be_asked():
        raise UsageError(
            f"{why}nobody can be asked for the passphrase",
            advice=f"use a terminal, or set {VARIABLE}",
        )
    import getpass  # noqa: PLC0415 - few need it

    return getpass.getpass(prompt)

"""News of a use case in progress: one class for each kind of event, and one function that receives them all.

A terminal, a log of JSON lines and a bridge each need one `match`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from glowtool.device.attempts import FailedAttempt, NextAttempt
    from glowtool.errors import GlowtoolError
    from glowtool.session.do.takeover import Taken
    from glowtool.session.news import MassageNews
    from glowtool.store.rollers.in_use import Holder


@dataclass(frozen=True, slots=True)
class Closed:
    """Others could read `names` in the data folder until now; they are closed. `keys`: keys of bonds are among them."""

    root: Path
    names: tuple[str, ...]
    keys: bool


@dataclass(frozen=True, slots=True)
class Displayed:
    """A roller that an adapter brings along shows a line on its display."""

    line: str


@dataclass(frozen=True, slots=True)
class Listening:
    """Every device near is listened for, on an adapter, for some time."""

    adapter: str
    timeout_s: float


@dataclass(frozen=True, slots=True)
class Looking:
    """A roller is looked for on an adapter: `roller` names it, None stands for any. `unheld`: no glowtool uses it."""

    adapter: str
    roller: str | None = None
    unheld: bool = False


@dataclass(frozen=True, slots=True)
class NotNoted:
    """The roller answered, and that could not be written down."""

    error: GlowtoolError


@dataclass(frozen=True, slots=True)
class Ended:
    """The roller was in the middle of a massage, which has ended with this connection."""


@dataclass(frozen=True, slots=True)
class Touched:
    """The zero is waited for: the roller is not in the air, or not held still."""


@dataclass(frozen=True, slots=True)
class TryingBond:
    """A bond that is kept here is tried."""

    roller: str


@dataclass(frozen=True, slots=True)
class Pairing:
    """Pairing begins."""

    roller: str


@dataclass(frozen=True, slots=True)
class SystemAsks:
    """The system asks for the passkey by itself."""


@dataclass(frozen=True, slots=True)
class Unchecked:
    """It is paired without a check of digits, as was agreed to before."""


@dataclass(frozen=True, slots=True)
class WrongPasskey:
    """A passkey was wrong: which attempt it was, from 1, of how many."""

    attempt: int
    of: int


@dataclass(frozen=True, slots=True)
class NewIdentity:
    """A known roller has a new identity; it was known as `address`."""

    roller: str
    address: str


@dataclass(frozen=True, slots=True)
class Forgetting:
    """The roller is asked to forget this computer."""

    roller: str


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """Whoever held the roller ended without its word that the outputs are zero."""

    holder: Holder


@dataclass(frozen=True, slots=True)
class Zeroed:
    """A roller is stopped, its outputs confirmed zero.

    `holder` is the command through which it was stopped, None where this one connected to it; `stop_ms` is the time
    that it took. `ran` says that it was running a massage, `latched` that its emergency stop holds.
    """

    address: str
    roller: str
    stop_ms: float
    holder: Holder | None = None
    ran: bool = False
    latched: bool = False


@dataclass(frozen=True, slots=True)
class NotStopped:
    """One of several rollers could not be stopped."""

    roller: str
    error: GlowtoolError


@dataclass(frozen=True, slots=True)
class Fetched:
    """A massage that the roller kept by itself is on disk."""

    taken: Taken


#: What is told of everything but a massage that runs.
ErrandNews: TypeAlias = (
    "Closed | Displayed | Ended | FailedAttempt | Fetched | Forgetting | Listening | Looking | "
    "NewIdentity | NextAttempt | NotNoted | NotStopped | Pairing | SystemAsks | Touched | "
    "TryingBond | Unchecked | Unconfirmed | WrongPasskey | Zeroed"
)

#: All that is ever told. What a massage tells is named in the session, which publishes it and knows nothing of app.
News: TypeAlias = "ErrandNews | MassageNews"

#: Takes news, from the event loop: it returns soon and waits for nothing. Who takes all of it takes a part of it, too.
Tell: TypeAlias = "Callable[[ErrandNews], None]"
Publish: TypeAlias = "Callable[[News], None]"


def untold(_news: News) -> None:
    """Tell nobody."""

"""The news of a running use case: one class for each kind of event, and one function that receives them all.

A terminal, a log of JSON lines and a bridge each need a single `match`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from glowtool.app.checkup.findings import Judged
    from glowtool.device.attempts import FailedAttempt, NextAttempt
    from glowtool.errors import GlowtoolError
    from glowtool.model.output import Output
    from glowtool.session.do.takeover import Taken
    from glowtool.session.news import MassageNews
    from glowtool.store.rollers.in_use import Holder
    from glowtool.stream.heads import Head


@dataclass(frozen=True, slots=True)
class Closed:
    """Other users could read `names` in the data folder; access is closed now. `keys`: this includes keys of bonds."""

    root: Path
    names: tuple[str, ...]
    keys: bool


@dataclass(frozen=True, slots=True)
class Displayed:
    """A roller that comes with the adapter shows a line on its display."""

    line: str


@dataclass(frozen=True, slots=True)
class Listening:
    """An adapter listens for every device nearby, for some time."""

    adapter: str
    timeout_s: float


@dataclass(frozen=True, slots=True)
class Examined:
    """A stage of the check-up is over: its name and its findings."""

    stage: str
    judged: tuple[Judged, ...]


@dataclass(frozen=True, slots=True)
class Looking:
    """The search for a roller on an adapter: `roller` names it, None means any. `unheld`: no glowtool uses it."""

    adapter: str
    roller: str | None = None
    unheld: bool = False


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A driver of another maker cannot be used, so its devices are not recognised; all others are."""

    error: GlowtoolError


@dataclass(frozen=True, slots=True)
class NotNoted:
    """The roller answered, but the registry could not note that."""

    error: GlowtoolError


@dataclass(frozen=True, slots=True)
class NotWritten:
    """Something that is to be kept could not be written: `what` says what, as in "the audit"."""

    what: str
    error: GlowtoolError


@dataclass(frozen=True, slots=True)
class Ended:
    """The roller was in the middle of a massage; this connection ended the massage."""


@dataclass(frozen=True, slots=True)
class ButtonCleared:
    """What the roller's button started is cleared, since whoever uses the roller now may not have it.

    `title` is that of the routine, None where it is not known; `current`: it gave current, or may have. `closed`: what
    the person may have is not known, since the profile is encrypted. `error` says why it could not be cleared.
    """

    title: str | None
    current: bool
    closed: bool = False
    error: GlowtoolError | None = None


@dataclass(frozen=True, slots=True)
class LevelHeld:
    """In a trial, a level of an output was felt for its time: µA or a share of full; `percent` of what is allowed."""

    output: Output
    level: float
    percent: int


@dataclass(frozen=True, slots=True)
class NoSkin:
    """In a trial, a head has no contact with the skin: the outputs rest until it has."""


@dataclass(frozen=True, slots=True)
class Taring:
    """The zero of a connected roller, which has these heads, is about to be taken: it is to be held in the air."""

    roller: str
    heads: tuple[Head, ...]


@dataclass(frozen=True, slots=True)
class Touched:
    """Waiting for the zero: the roller is not in the air, or not still."""


@dataclass(frozen=True, slots=True)
class TryingBond:
    """glowtool tries a bond that it keeps."""

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
    """The roller is paired without a check of digits, as agreed before."""


@dataclass(frozen=True, slots=True)
class WrongPasskey:
    """A passkey was wrong: the number of the attempt, from 1, and of all attempts."""

    attempt: int
    of: int


@dataclass(frozen=True, slots=True)
class NewIdentity:
    """A known roller has a new identity; it was known as `address`."""

    roller: str
    address: str


@dataclass(frozen=True, slots=True)
class Forgetting:
    """glowtool asks the roller to forget this computer."""

    roller: str


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """The process that held the roller ended, but the roller did not confirm that its outputs are zero."""

    holder: Holder


@dataclass(frozen=True, slots=True)
class Zeroed:
    """A roller is stopped, and its outputs are confirmed zero.

    `holder` is the command through which it was stopped, or None when this command connected to it. `stop_ms` is the
    time that it took. `ran`: it was running a massage; `latched`: its emergency stop is latched.
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
class Warned:
    """Something speaks against a massage that is about to begin, and does not prevent it: what, and what to do."""

    words: str


@dataclass(frozen=True, slots=True)
class Unfetched:
    """Massages by the button that nobody fetched count from now on: for a person by name; None: for everybody."""

    count: int
    current_s: float
    vibration_s: float
    person: str | None


@dataclass(frozen=True, slots=True)
class Fetched:
    """A massage that the roller recorded by itself is on disk."""

    taken: Taken


@dataclass(frozen=True, slots=True)
class BrokenOff:
    """A fetch broke off, and is about to go on where it was."""

    roller: str
    error: GlowtoolError


#: The news of everything except a running massage.
ErrandNews: TypeAlias = (
    "BrokenOff | ButtonCleared | Closed | Displayed | Ended | Examined | FailedAttempt | Fetched | Forgetting | "
    "Listening | "
    "LevelHeld | Looking | NewIdentity | NextAttempt | NoSkin | NotNoted | NotStopped | NotWritten | Pairing | "
    "PassedOver | SystemAsks | Taring | Touched | TryingBond | Unchecked | Unconfirmed | Unfetched | Warned | "
    "WrongPasskey | Zeroed"
)

#: All news. The session names the news of a massage, since it publishes them and does not know `app`.
News: TypeAlias = "ErrandNews | MassageNews"

#: Takes news, from the event loop: it returns soon and waits for nothing. What takes all news also takes some of it.
Tell: TypeAlias = "Callable[[ErrandNews], None]"
Publish: TypeAlias = "Callable[[News], None]"


def untold(_news: News) -> None:
    """Drop the news."""

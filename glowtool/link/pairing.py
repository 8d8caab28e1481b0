"""Pairing: the questions to a person, and the resulting method."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from glowtool.errors import AlreadyPairedError, PairingTimeoutError, PasskeyWrongError

if TYPE_CHECKING:
    from bleak.backends.scanner import AdvertisementData

T = TypeVar("T")

#: From the request to the last key, including the time that a person needs to read and type six digits.
PAIRING_TIMEOUT_S: Final = 60.0

#: The time that a person gets for one answer. The Security Manager allows 30 s from one packet to the next (Core Vol 3
#: Part H 3.4); this ends a little earlier, so that the message names the true cause, not that the roller hung up.
ANSWER_TIMEOUT_S: Final = 28.0

PASSKEY_MAX: Final = 999_999

_DIGITS: Final = 6

#: Asked once for the six digits on the peer's display. Returns them, or 0 to 999999; raises PairingCancelledError to
#: say no.
PasskeySource = Callable[[], Awaitable[int | str]]


def bond_refused_advice(address: str) -> str:
    """Return the advice when a roller does not accept the bond; the person judges whether it is the roller."""
    return (
        "if you reset it, or made it forget this computer, hold its button for two seconds and run "
        f"`glowtool pair --repair {address}`; if you did not, another device may answer in its place: go where nobody "
        "is nearby, and try again"
    )


class SecurityLevel(Enum):
    """What a bond proves (Core Vol 3 Part C 10.2.1)."""

    AUTHENTICATED = "authenticated"
    """A person checked digits: nobody was in the middle, and the peer is the device that showed them."""
    UNAUTHENTICATED = "unauthenticated"
    """Nobody checked anything: it may be any device."""


class PairingMethod(Enum):
    """How two devices verified each other (Core Vol 3 Part H 2.3.5.1)."""

    PASSKEY = "passkey"
    """The person typed the six digits that the peer shows: authenticated."""
    COMPARISON = "comparison"
    """The person saw that both sides show the same six digits: authenticated."""
    JUST_WORKS = "just-works"
    """Nobody compared anything: encrypted, but open to somebody in the middle during the pairing."""

    @property
    def level(self) -> SecurityLevel:
        """What a bond from this method proves."""
        return SecurityLevel.UNAUTHENTICATED if self is PairingMethod.JUST_WORKS else SecurityLevel.AUTHENTICATED


@dataclass(frozen=True, slots=True)
class PairingAnswers:
    """A person's answers while two devices pair; each is asked at most once, and may raise PairingCancelledError.

    `passkey` returns the digits on the peer's display, as text or as a number. `compare` gets the digits that the peer
    should show and returns whether it shows them. `just_works` returns whether a bond without any check is acceptable;
    None means that it is not, because the peer has a display.
    """

    passkey: PasskeySource
    compare: Callable[[int], Awaitable[bool]]
    just_works: Callable[[], Awaitable[bool]] | None = None


class Announced(Protocol):
    """What a device announces about pairing with it."""

    @property
    def pairing_open(self) -> bool:
        """Whether it can be paired now."""
        ...

    @property
    def bonds_full(self) -> bool:
        """Whether it has no room for another bond."""
        ...


@dataclass(frozen=True, slots=True)
class PairingSigns:
    """What one kind of device shows about pairing, as its driver reads it: no adapter knows the bytes of any device.

    `announced` returns what an advertisement says, None when it is not understood. `protected` is the UUID of a
    characteristic that only a paired host may read: some systems pair no sooner than one is read.
    """

    announced: Callable[[AdvertisementData], Announced | None]
    protected: str


def passkey_of(answer: object) -> int:
    """Return the passkey from a source's answer, 0 to 999999; raises `PasskeyWrongError` for anything else."""
    if isinstance(answer, str) and len(answer) == _DIGITS and answer.isascii() and answer.isdecimal():
        return int(answer)
    if isinstance(answer, int) and 0 <= answer <= PASSKEY_MAX:
        return answer
    raise PasskeyWrongError(f"{answer!r} is not a passkey of six digits (000000 to 999999)")


async def in_time(answer: Awaitable[T]) -> T:
    """Return a person's answer; `PairingTimeoutError` when it takes longer than the roller waits."""
    try:
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            return await answer
    except TimeoutError as error:
        raise PairingTimeoutError(
            f"there was no answer within {ANSWER_TIMEOUT_S:g} s, and a roller does not wait longer, so nothing was "
            "paired",
            advice="hold its button for two seconds, then run the same command again",
        ) from error


def already_paired(address: str) -> AlreadyPairedError:
    """Return the error for a pairing with a peer whose bond is kept here."""
    return AlreadyPairedError(
        f"this computer is already paired with {address}",
        advice=f"if the roller no longer accepts it, `glowtool pair --repair {address}` replaces the bond",
    )

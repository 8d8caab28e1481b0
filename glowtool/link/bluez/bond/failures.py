"""The meaning of BlueZ's pairing errors: one D-Bus error has several causes; the earlier question tells them apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.errors import (
    DeviceNotFoundError,
    GlowtoolError,
    PairingCancelledError,
    PairingError,
    PairingTimeoutError,
    PasskeyWrongError,
)
from glowtool.link.bluez.bond.agent import Question
from glowtool.link.bluez.devices import GONE
from glowtool.link.errors import LinkFailedError, LinkLostError
from glowtool.link.pairing import already_paired
from glowtool.link.refusal import window_closed

if TYPE_CHECKING:
    from glowtool.link.bluez.bus import BlueZError

#: The kernel ends a pairing after this much silence (Core Vol 3 Part H 3.4), less a margin for its own timers.
SMP_TIMEOUT_S: Final = 30.0
_ALMOST_S: Final = SMP_TIMEOUT_S - 1.0

_BLUEZ: Final = "org.bluez.Error."
_AGAIN: Final = "run `glowtool pair` again"


@dataclass(frozen=True, slots=True)
class Course:
    """The course of a pairing: the question, whether it was answered, and the seconds from the question to the end."""

    address: str
    question: Question | None = None
    answered: bool = False
    waited_s: float = 0.0


def pairing_failure(error: BlueZError, course: Course) -> GlowtoolError:
    """Return the error that says why a pairing failed, and what to do next."""
    kind = error.name.removeprefix(_BLUEZ)
    if error.name in GONE:
        return DeviceNotFoundError(
            f"{course.address} can no longer be heard", advice=f"bring the roller near and {_AGAIN}"
        )
    if kind == "AuthenticationFailed":
        return _authentication_failed(course)
    if kind == "AuthenticationCanceled":
        return _ended(course)
    if kind == "AuthenticationTimeout":
        return _timed_out(course)
    if kind == "AuthenticationRejected":
        return window_closed(course.address)
    if kind in {"ConnectionAttemptFailed", "Failed"}:
        return LinkFailedError(
            f"{course.address} did not accept the connection ({error.text or kind})",
            advice=f"bring the roller near, make sure that no other host is connected to it, and {_AGAIN}",
        )
    if kind == "InProgress":
        return PairingError(f"another program uses {course.address} now", advice=f"end that program, then {_AGAIN}")
    if kind == "AlreadyExists":
        return already_paired(course.address)
    return PairingError(f"BlueZ did not pair with {course.address} ({error})", advice=_AGAIN)


def _authentication_failed(course: Course) -> GlowtoolError:
    if course.question is None:
        return window_closed(course.address)
    if not course.answered:
        return PairingCancelledError("the pairing was cancelled on the roller", advice=_AGAIN)
    if course.question is Question.COMPARISON:
        return PairingCancelledError("the digits were not confirmed on the roller", advice=_AGAIN)
    return PasskeyWrongError(
        "the passkey is not the one on the display", advice="pair again and type the digits that it shows then"
    )


def _ended(course: Course) -> GlowtoolError:
    if course.question is not None and not course.answered and course.waited_s >= _ALMOST_S:
        return _timed_out(course)
    return LinkLostError(
        f"the connection to {course.address} was lost while pairing", advice=f"bring the roller near and {_AGAIN}"
    )


def _timed_out(course: Course) -> GlowtoolError:
    return PairingTimeoutError(
        f"pairing with {course.address} was not finished in time (on this system {SMP_TIMEOUT_S:g} s for the answer)",
        advice=_AGAIN,
    )

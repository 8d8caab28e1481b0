"""A finding, and a check that makes a finding from facts; both pure."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from glowtool.errors import GlowtoolError

F = TypeVar("F")


class Outcome(enum.StrEnum):
    """The outcome of a check."""

    PASS = "pass"  # noqa: S105 - a word, and no password
    WARNING = "warning"
    FAILURE = "failure"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of a check: its outcome, one sentence about the facts, and what to do about them, if anything.

    `exit_code` is that of the error which a command would end with; only a failure has one.
    """

    outcome: Outcome
    says: str
    advice: str = ""
    exit_code: int = 0


@dataclass(frozen=True, slots=True)
class Check(Generic[F]):
    """One line of the doctor: `key` is for programs and stays, `title` is for people; `judge` never raises."""

    key: str
    title: str
    judge: Callable[[F], Finding]


def passed(says: str) -> Finding:
    """Return a finding that all is well."""
    return Finding(Outcome.PASS, says)


def warned(says: str, advice: str = "") -> Finding:
    """Return a finding that is not as it should be, and lets glowtool work."""
    return Finding(Outcome.WARNING, says, advice)


def failed(kind: type[GlowtoolError], says: str, advice: str = "") -> Finding:
    """Return a finding with which commands end as that error does."""
    return Finding(Outcome.FAILURE, says, advice, kind.exit_code)


def failed_by(error: GlowtoolError) -> Finding:
    """Return the finding that an error makes."""
    return Finding(Outcome.FAILURE, error.says, error.advice, error.exit_code)


def not_applicable(why: str) -> Finding:
    """Return a finding that there was nothing to look at, and why."""
    return Finding(Outcome.NOT_APPLICABLE, why)


def exit_status(findings: Sequence[Finding]) -> int:
    """Return the exit status of all findings together: that of the first failure, else 0."""
    return next((finding.exit_code for finding in findings if finding.outcome is Outcome.FAILURE), 0)

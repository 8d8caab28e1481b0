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
    """The result of a check: its outcome, a sentence about the facts, and advice, if any.

    `exit_code` is the one with which a command would end; only a failure has one.
    """

    outcome: Outcome
    says: str
    advice: str = ""
    exit_code: int = 0


@dataclass(frozen=True, slots=True)
class Judged:
    """The result of a check, with the check's key and title."""

    key: str
    title: str
    finding: Finding


@dataclass(frozen=True, slots=True)
class Check(Generic[F]):
    """One line of the check-up: `key` is for programs and stays, `title` is for people; `judge` never raises."""

    key: str
    title: str
    judge: Callable[[F], Finding]


def passed(says: str) -> Finding:
    """Return the finding that all is well."""
    return Finding(Outcome.PASS, says)


def warned(says: str, advice: str = "") -> Finding:
    """Return the finding that something is wrong, but glowtool still works."""
    return Finding(Outcome.WARNING, says, advice)


def failed(kind: type[GlowtoolError], says: str, advice: str = "") -> Finding:
    """Return the finding that makes commands fail with the exit status of that error."""
    return Finding(Outcome.FAILURE, says, advice, kind.exit_code)


def failed_by(error: GlowtoolError) -> Finding:
    """Return the finding for an error."""
    return Finding(Outcome.FAILURE, error.says, error.advice, error.exit_code)


def not_applicable(why: str) -> Finding:
    """Return the finding that there was nothing to check, and why."""
    return Finding(Outcome.NOT_APPLICABLE, why)


def exit_status(findings: Sequence[Finding]) -> int:
    """Return the exit status of all findings together: that of the first failure, else 0."""
    return next((finding.exit_code for finding in findings if finding.outcome is Outcome.FAILURE), 0)

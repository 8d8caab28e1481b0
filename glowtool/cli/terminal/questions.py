"""Questions that are answered with yes or no."""

from __future__ import annotations

import sys

from glowtool.cli.terminal.keyboard import drop_keys
from glowtool.cli.terminal.streams import show
from glowtool.errors import InterruptedSessionError, UsageError


def choose(question: str, words: list[str]) -> str:
    """Ask on standard error, and return the word that was typed; an empty line is the first one.

    `UsageError` where nobody can answer. What was typed before the question is dropped.
    """
    while True:
        drop_keys(sys.stdin)
        show(f"{question} [{words[0]}]:", sys.stderr, end=" ")
        line = sys.stdin.readline()
        if not line:
            show("", sys.stderr)
            raise UsageError("the question was not answered: standard input has ended")
        typed = line.strip().casefold() or words[0]
        if typed in words:
            return typed


def confirm(question: str, *, default: bool) -> None:
    """Ask on standard error and read a line; returns on yes. What was typed before the question is dropped.

    `InterruptedSessionError` on no, `UsageError` where nobody can answer. An empty line is the default.
    """
    while True:
        drop_keys(sys.stdin)
        show(f"{question} [{'Y/n' if default else 'y/N'}]:", sys.stderr, end=" ")
        line = sys.stdin.readline()
        if not line:
            show("", sys.stderr)
            raise UsageError("the question was not answered: standard input has ended; --yes answers it")
        match line.strip().casefold():
            case "y" | "yes":
                return
            case "n" | "no":
                break
            case "":
                if default:
                    return
                break
    raise InterruptedSessionError("nothing was done: the answer was no")

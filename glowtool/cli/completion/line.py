"""What a command line asks for at its end: a command, an option, an option's value, or an argument."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypedDict

from glowtool.cli.completion.kinds import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from glowtool.cli.completion.names import Offer


class Value(TypedDict, total=False):
    """One parameter, as the table of words has it."""

    help: str
    takes: str
    choices: list[str]
    many: bool


class Node(TypedDict, total=False):
    """One command, as the table of words has it."""

    help: str
    options: dict[str, Value]
    arguments: list[Value]
    many: bool
    commands: dict[str, Node]


class Wanted(NamedTuple):
    """What may stand at the end of a line: ready words, and a kind whose names are looked up; `before` stays as typed.

    `typed` is the part of the last word that what is offered begins with.
    """

    typed: str
    offers: tuple[Offer, ...] = ()
    kind: Kind = Kind.TEXT
    before: str = ""
    data_folder: str | None = None


class _Reading:
    """How far a line was read; no dataclass, since loading those takes longer than the answer."""

    def __init__(self, tree: Node) -> None:
        self.node = tree
        self.options: dict[str, Value] = dict(tree.get("options", {}))
        self.used: set[str] = set()
        self.positional = 0
        self.only_arguments = False
        self.data_folder: str | None = None
        self.awaited: Value | None = None
        self.lost = False


def wanted(tree: Node, words: Sequence[str], last: str) -> Wanted:
    """Return what may stand in place of the last word of a line; `words` are those before it, without the program."""
    reading = _Reading(tree)
    name = ""
    for word in words:
        if reading.awaited is not None:
            _keep(reading, name, word)
            reading.awaited = None
        else:
            name, _, given = word.partition("=")
            _take(reading, word, name, given)
    if reading.lost:
        return Wanted(last)
    if reading.awaited is not None:
        return _value(reading, reading.awaited, last, "")
    option, sign, typed = last.partition("=")
    if sign and last.startswith("--") and not reading.only_arguments:
        found = reading.options.get(option, {})
        return _value(reading, found, typed, f"{option}=") if "takes" in found else Wanted(last)
    if last.startswith("-") and not reading.only_arguments:
        return Wanted(last, _open_options(reading))
    return _next(reading, last)


def _take(reading: _Reading, word: str, name: str, given: str) -> None:
    if word == "--" and not reading.only_arguments:
        reading.only_arguments = True
    elif word.startswith("-") and len(word) > 1 and not reading.only_arguments:
        found = reading.options.get(name, {})
        reading.used.add(name)
        if "takes" in found and "=" in word:
            _keep(reading, name, given)
        elif "takes" in found:
            reading.awaited = found
    elif "commands" in reading.node:
        child = reading.node["commands"].get(word)
        if child is None:
            reading.lost = True
            return
        reading.node = child
        # The options of `glowtool` itself may stand behind a command too; its help does not repeat them.
        reading.options = {**reading.options, **child.get("options", {})}
    else:
        reading.positional += 1


def _keep(reading: _Reading, name: str, value: str) -> None:
    if name == "--data-dir":
        reading.data_folder = value


def _value(reading: _Reading, value: Value, typed: str, before: str) -> Wanted:
    kind = Kind(value.get("takes", Kind.TEXT.value))
    offers = tuple((choice, "") for choice in value.get("choices", ()))
    return Wanted(typed, offers, kind, before, reading.data_folder)


def _open_options(reading: _Reading) -> tuple[Offer, ...]:
    own = reading.node.get("options", {})
    return tuple(
        (name, value.get("help", ""))
        for name, value in own.items()
        if name not in reading.used or value.get("many", False)
    )


def _next(reading: _Reading, last: str) -> Wanted:
    node = reading.node
    if "commands" in node:
        return Wanted(last, tuple((name, child.get("help", "")) for name, child in node["commands"].items()))
    arguments = node.get("arguments", [])
    if not arguments or (reading.positional >= len(arguments) and not node.get("many")):
        return Wanted(last)
    argument = arguments[min(reading.positional, len(arguments) - 1)]
    return _value(reading, argument, last, "")

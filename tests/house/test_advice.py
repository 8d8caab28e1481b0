"""What an error says and what it advises stand apart: `says` gives no order, and `advice` nothing else."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).resolve().parents[2]

#: The words with which our advice begins.
VERBS: Final = (
    "add", "ask", "bring", "change", "charge", "check", "choose", "close", "connect", "end", "export", "fetch",
    "forget", "free", "give", "go", "hold", "install", "leave", "let", "list", "lower", "make", "move", "name", "open",
    "pair", "plug", "press", "put", "reinstall", "remove", "repeat", "replace", "restart", "restore", "run", "start",
    "stop", "store", "switch", "take", "try", "turn", "type", "unplug", "update", "upload", "use", "wait", "write",
)  # fmt: skip
_VERB: Final = f"(?:{'|'.join(VERBS)})"

#: An order within a text: at the begin of a sentence, or after a semicolon or a colon.
ORDER: Final = re.compile(rf"[;:.] {_VERB}\b", re.IGNORECASE)
#: Advice begins with an order, with a command, with a condition of one, or with what is not in the source.
ADVICE: Final = re.compile(rf"{_VERB}\b|`|if |\{{\}}")


class Made(NamedTuple):
    """An error that is made: where, what it says, and what it advises; `{}` stands for what is not in the source."""

    place: str
    says: str
    advice: str


def text(node: ast.expr | None) -> str:
    """Return the text of an expression."""
    match node:
        case None:
            return ""
        case ast.Constant(value=str(value)):
            return value
        case ast.JoinedStr(values=parts):
            return "".join(map(text, parts))
        case ast.BinOp(left=left, right=right):
            return text(left) + text(right)
    return "{}"


SOURCES: Final = {
    path.relative_to(ROOT).as_posix(): ast.parse(path.read_text("utf-8"))
    for folder in ("glowtool", "firmware-sim/glowsim")
    for path in sorted((ROOT / folder).rglob("*.py"))
}


def named(node: ast.expr) -> str:
    """Return the last name of an expression."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def errors() -> frozenset[str]:
    """Return the names of `GlowtoolError` and of all classes that are one."""
    classes = [node for tree in SOURCES.values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    found: set[str] = set()
    wanted = {"GlowtoolError"}
    while found != wanted:
        found = set(wanted)
        wanted |= {each.name for each in classes if found & set(map(named, each.bases))}
    return frozenset(found)


def foreign(node: ast.expr) -> bool:
    """Return whether it is click's or pytest's `UsageError`, which has no advice."""
    return isinstance(node, ast.Attribute) and named(node.value) in {"click", "pytest"}


def made(kinds: frozenset[str], sources: dict[str, ast.Module]) -> Iterator[Made]:
    """Find the errors that are made."""
    for name, tree in sources.items():
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and named(call.func) in kinds and not foreign(call.func):
                given = {keyword.arg: keyword.value for keyword in call.keywords}
                says = call.args[0] if call.args else given.get("says")
                yield Made(f"{name}:{call.lineno}", text(says), text(given.get("advice")))


def wrong(error: Made) -> str:
    """Return what is wrong with an error, or nothing."""
    order = ORDER.search(error.says)
    if order is not None:
        return f"{error.place}: this is advice: {error.says[order.start() + 2 :]!r}"
    if error.advice and not ADVICE.match(error.advice):
        return f"{error.place}: this is no advice: {error.advice!r}"
    return ""


def test_what_an_error_says_and_what_it_advises_stand_apart() -> None:
    kinds = errors()
    assert len(kinds) > 30
    found = list(made(kinds, SOURCES))
    assert len(found) > 300
    assert sum(bool(each.advice) for each in found) > 80
    assert not [problem for problem in map(wrong, found) if problem]


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ('LinkError("it is gone; bring it near")', "this is advice: 'bring it near'"),
        ('LinkError(f"{it} is gone. Bring " f"{it} near")', "this is advice: 'Bring {} near'"),
        ('errors.LinkError("it is gone", advice="nothing was sent")', "this is no advice: 'nothing was sent'"),
        ('LinkError("it is gone", advice="bring it near")', ""),
        ('LinkError("it is gone; nothing was sent", advice=how(it))', ""),
        ('click.LinkError("it is gone; bring it near")', ""),
        ('ValueError("it is gone; bring it near")', ""),
    ],
)
def test_an_error_that_mixes_the_two_is_found(source: str, problem: str) -> None:
    problems = map(wrong, made(frozenset({"LinkError"}), {"here.py": ast.parse(source)}))
    assert "".join(problems) == (f"here.py:1: {problem}" if problem else "")

"""The commands that messages, help and pages propose, collected from where they are written."""

from __future__ import annotations

import ast
import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from glowsim.console.commands import cli as glowsim
from glowtool.cli.app import cli as glowtool
from glowtool.cli.terminal.suggestions import MEANT

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]
_COMMAND = re.compile(r"`(glow(?:tool|sim) [^`\n]+)`")

#: What a message puts a name, a path or a number in the place of.
HOLE = "X"


@dataclass(frozen=True, slots=True)
class Proposed:
    """A command as it is printed, with `X` for what is only known then, and where it is written."""

    text: str
    where: str


def proposed_by_messages() -> list[Proposed]:
    """Return what the source of glowtool and glowsim proposes, each once for each place."""
    found = [
        Proposed(text, f"{path.relative_to(ROOT)}:{line}")
        for folder in ("glowtool", "firmware-sim/glowsim")
        for path in sorted((ROOT / folder).rglob("*.py"))
        for text, line in _of_source(path)
    ]
    groups = {"": "glowtool", **{name: f"glowtool {name}" for name in MEANT if name}}
    found += [
        Proposed(f"{groups[group]} {meant}", f"suggestions: {word}")
        for group, words in MEANT.items()
        for word, meant in words.items()
    ]
    found += [
        Proposed(f"glowsim {meant}", f"suggestions of glowsim: {word}")
        for word, meant in glowsim.other_words[""].items()
    ]
    return found


def proposed_by_pages() -> list[Proposed]:
    """Return what README and pages propose, in the line or in a block of commands."""
    found = []
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        if "decisions" in path.parts or path.name == "commands.md":
            continue
        text, where = path.read_text("utf-8"), str(path.relative_to(ROOT))
        found += [Proposed(command, where) for command in _COMMAND.findall(text)]
        for block in re.findall(r"```(?:sh|text|console)\n(.*?)```", text, re.DOTALL):
            lines = re.findall(r"^(?:\$ )?(glow(?:tool|sim) [^\n#|&<>]+)", block, re.MULTILINE)
            found += [Proposed(line.strip(), where) for line in lines]
    return found


def _of_source(path: Path) -> Iterator[tuple[str, int]]:
    tree = ast.parse(path.read_text("utf-8"))
    # What the help of a command is made from stays: the docstrings of functions.
    about = {id(doc) for each in ast.walk(tree) if (doc := _doc(each)) is not None}
    pieces = {id(part) for each in ast.walk(tree) if isinstance(each, ast.JoinedStr) for part in each.values}
    for node in ast.walk(tree):
        text = "" if id(node) in about | pieces else _text(node)
        for command in _COMMAND.findall(text):
            yield command, getattr(node, "lineno", 0)


def _doc(node: ast.AST) -> ast.expr | None:
    """Return the docstring of a module or a class, which is printed nowhere."""
    if isinstance(node, ast.Module | ast.ClassDef) and node.body and isinstance(node.body[0], ast.Expr):
        return node.body[0].value
    return None


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(
            part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else HOLE
            for part in node.values
        )
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def complaint(command: str) -> str | None:
    """Return why a command does not parse; None when it does, with all that it needs."""
    program, *words = shlex.split(re.split(r" [&<>|]", command.replace("…", HOLE))[0])
    root = glowtool if program == "glowtool" else glowsim
    try:
        _parse(root, program, words, None)
    except click.exceptions.Exit:
        return None  # --help and --version end there
    except click.UsageError as error:
        return error.format_message()
    return None


def _parse(command: click.Command, name: str, words: list[str], parent: click.Context | None) -> None:
    context = command.make_context(name, list(words), parent=parent, resilient_parsing="--help" in words)
    if isinstance(command, click.Group):
        rest = [*context._protected_args, *context.args]
        if not rest:
            return
        found, child, more = command.resolve_command(context, rest)
        if child is not None and found is not None:
            _parse(child, found, more, context)

"""Commands print text from outside only through the one function that makes it harmless."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]

#: What prints, and what a call of it must apply to its text.
PRINTS = {"echo", "secho", "print", "write", "writelines", "writer", "print_exception"}
APPLIED = {"visible", "json_line"}

#: Calls that print nothing from outside, or no text: file, function, and how often.
ALLOWED = {
    ("glowtool/cli/terminal/output.py", "table"): 3,  # rich tables of cells that are visible by then
    ("glowtool/cli/app.py", "_tell"): 1,  # the traceback that -v asks for
    ("glowtool/cli/terminal/asking/continuation.py", "_show"): 1,  # keys that can be seen, and orders to the terminal
    ("glowtool/cli/terminal/outlet.py", "_write"): 1,  # what was written to it
    ("glowtool/cli/terminal/keyboard.py", "_cursor"): 1,  # an order to the terminal
    ("glowtool/cli/terminal/asking/countdown.py", "_count"): 1,  # a prompt of ours, a number, orders to the terminal
    ("glowtool/cli/live/terminal.py", "frame"): 1,  # the live view, whose texts are visible by then
    ("glowtool/cli/live/terminal.py", "_show"): 1,  # what `frame` returned
    ("glowtool/cli/live/terminal.py", "_leave"): 1,  # an order to the terminal
    ("glowtool/cli/live/terminal.py", "_kept_errors"): 1,  # what was written to it
    ("glowtool/cli/cues/bell.py", "hear"): 1,  # the bell
    ("glowtool/cli/completion/answer.py", "answer"): 1,  # words of ours and names that can be seen, for a shell
    ("glowtool/cli/completion/install.py", "install"): 1,  # the script, into a file
    ("glowtool/cli/completion/install.py", "_add_line"): 1,  # a line of ours, into a file
    ("glowtool/cli/completion/install.py", "_drop_line"): 1,  # a file of the person, less that line
    ("firmware-sim/glowsim/console/commands.py", "ctl"): 1,  # the help, of our own words
    ("firmware-sim/glowsim/console/output.py", "say"): 1,  # orders to the terminal
    ("firmware-sim/glowsim/console/commands.py", "flash"): 1,  # a line of numbers
}


def printing(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Find calls that print and apply nothing, with the function that they are in."""
    for function in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for call in ast.walk(function):
            if isinstance(call, ast.Call) and _name(call.func) in PRINTS and not _applies(call):
                yield function.name, call


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _applies(call: ast.Call) -> bool:
    return any(
        isinstance(part, ast.Call) and _name(part.func) in APPLIED for given in call.args for part in ast.walk(given)
    )


FILES = sorted([*ROOT.glob("glowtool/cli/**/*.py"), *ROOT.glob("firmware-sim/glowsim/console/*.py")])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_nothing_is_printed_past_the_function_that_shows_text_from_outside(path: Path) -> None:
    name = path.relative_to(ROOT).as_posix()
    found = list(printing(path))
    allowed = {function: count for (file, function), count in ALLOWED.items() if file == name}
    counted = {function: [where for where, _ in found].count(function) for function in {where for where, _ in found}}
    assert counted == allowed, [f"{name}:{call.lineno}" for _, call in found]

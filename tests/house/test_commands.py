"""The row of a command is the only place that describes it; no other table is keyed by opcodes."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from glowsim.firmware.control import commands, storage_commands
from glowtool.protocol.commands.opcode import Opcode

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted([*ROOT.glob("glowtool/**/*.py"), *ROOT.glob("firmware-sim/glowsim/**/*.py")])

#: What carries commands out is code and no fact about them: one handler for each, in the firmware and nowhere else.
HANDLERS = {Path(str(module.__file__)) for module in (commands, storage_commands)}

#: Where the version of a roller is read, stated and compared.
VERSIONS = ROOT / "glowtool" / "protocol"

KEYED = {"dict", "Mapping", "MutableMapping", "defaultdict", "Counter"}


def _is_opcode(node: ast.AST | None) -> bool:
    if isinstance(node, ast.Tuple):
        return any(map(_is_opcode, node.elts))
    named = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Opcode"
    return named or (isinstance(node, ast.Name) and node.id == "Opcode")


def tables(text: str) -> Iterator[int]:
    """Yield the lines with a table that is keyed by opcodes, or with a set of them: a column that left its row."""
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Dict(keys=keys) if any(map(_is_opcode, keys)):
                yield node.lineno
            case ast.Set(elts=elements) if sum(map(_is_opcode, elements)) > 1:
                yield node.lineno
            case ast.DictComp(generators=[ast.comprehension(iter=over), *_]) if _is_opcode(over):
                yield node.lineno
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Tuple(elts=[key, *_])):
                if name in KEYED and (_is_opcode(key) or any(map(_is_opcode, ast.walk(key)))):
                    yield node.lineno


def test_nothing_beside_the_rows_is_keyed_by_an_opcode() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in MODULES
        if path not in HANDLERS
        for line in tables(path.read_text("utf-8"))
    ]
    assert not found, "make it a column of glowtool/protocol/commands/command.py"


@pytest.mark.parametrize(
    "table",
    [
        "T = {Opcode.START: 1}",
        "T: Final[dict[Opcode, str]] = made()",
        "T = {(State.IDLE, Opcode.START): 1}",
        "T: dict[tuple[State, Opcode], State] = {}",
        "T = {opcode: 1 for opcode in Opcode}",
        "T = frozenset({Opcode.STOP, Opcode.PAUSE})",
    ],
)
def test_a_table_that_is_keyed_by_an_opcode_is_found(table: str) -> None:
    assert list(tables(table))


def test_every_command_has_one_handler() -> None:
    assert set(commands.HANDLERS) == set(Opcode)
    assert storage_commands.HANDLERS.items() <= commands.HANDLERS.items(), "none is carried out in two ways"


def test_no_module_asks_for_a_minor_version_by_itself() -> None:
    asked = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in MODULES
        if not path.is_relative_to(VERSIONS)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "minor"
    ]
    assert not asked, "a row says since when there is a command, and the driver holds every command against it"

"""Modules that decide load nothing heavy, the wire's units stay on the wire, and names are spelled once."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).resolve().parents[2]

TOOLS: Final[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]
CONTRACTS: Final[list[dict[str, Any]]] = TOOLS["importlinter"]["contracts"]


def contract(begins: str) -> dict[str, Any]:
    """Return the contract whose name begins so."""
    (found,) = (each for each in CONTRACTS if each["name"].startswith(begins))
    return found


PURE, LIGHT = contract("What is pure:"), contract("What judges and decides is light:")

#: What the standard library loads for what the pure may use; much of the list of the impure is among it.
HARMLESS: Final = "dataclasses, enum, functools, json, re, struct, typing, zlib"

#: Names of the wire's fields and steps: outside `protocol/` and the driver, people's units are spoken.
OF_THE_WIRE: Final = frozenset(
    {
        "StepRecord", "WIRE_NO_STEP", "amplitude_permille", "band_high", "band_low", "current_dhz", "encode_program",
        "decode_program", "mean_pressure", "pattern_period_ms", "peak_pressure", "ramp_ms", "vibration_dhz",
    }
)  # fmt: skip
WIRE_UNITS: Final = frozenset({"0.01 kPa", "0.1 Hz", "0.1 °C", "‰", "‰ of full"})
SPEAKS_WIRE: Final = ("glowtool/protocol/", "glowtool/drivers/gr1/")

#: The one place that spells members.
SPELLS: Final = "glowtool/model/names.py"


def sources(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def module(path: Path) -> str:
    return named(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def came_with(modules: list[str]) -> set[str]:
    """Return the packages that are loaded once these modules are imported, in a process of their own."""
    program = "\n".join(["import sys", *(f"import {name}" for name in [HARMLESS, *modules]), "print(*sys.modules)"])
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603 - our own
    return {name.partition(".")[0] for name in done.stdout.split()}


def test_what_decides_and_what_it_knows_is_imported_without_what_the_contracts_forbid() -> None:
    """The contracts see what is written; this sees what is loaded, and takes their lists, so that the two agree."""
    excepted = {rule.partition(" -> ")[0] for rule in LIGHT["ignore_imports"]}
    inside = [module(path) for path in sources("glowtool")]
    modules = [name for name in inside if name not in excepted and under(name, LIGHT["source_modules"])]
    assert len(modules) > 40
    came = came_with(modules) - came_with([])
    assert not came & {*PURE["forbidden_modules"], *LIGHT["forbidden_modules"]}


def under(name: str, packages: list[str]) -> bool:
    return any(f"{name}.".startswith(f"{package}.") for package in packages)


def words(path: Path) -> Iterator[str]:
    """Find the names and the short texts of a module."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.alias):
            yield node.name
        elif isinstance(node, ast.arg | ast.keyword):
            yield node.arg or ""
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def raw_ceilings(path: Path) -> bool:
    """Return whether a module takes a ceiling in steps of the wire."""
    return any(
        isinstance(node, ast.ImportFrom)
        and node.module == "glowtool.protocol.ceilings"
        and any(item.name == "ceiling" for item in node.names)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
    )


HOST: Final = [path for path in sources("glowtool") if not named(path).startswith(SPEAKS_WIRE)]


@pytest.mark.parametrize("path", HOST, ids=named)
def test_outside_the_wire_people_s_units_are_spoken(path: Path) -> None:
    assert not set(words(path)) & (OF_THE_WIRE | WIRE_UNITS)
    assert not raw_ceilings(path), "take `glowtool.model.ceilings.limit`"


def lowered(path: Path) -> Iterator[int]:
    """Find where a member's name is spelled at home: `….name.lower()`."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "lower"
            and any(isinstance(part, ast.Attribute) and part.attr == "name" for part in ast.walk(node.func.value))
        ):
            yield node.lineno


def test_members_are_spelled_in_one_place() -> None:
    found = {named(path): list(lowered(path)) for path in sources("glowtool", "firmware-sim/glowsim", "docs")}
    assert {name for name, lines in found.items() if lines} == {SPELLS}, "use glowtool.model.names"


#: Names that were given to several things, and belong to one.
ONCE: Final = {
    "Output": "glowtool.model.output",
    "Verdict": "glowtool.analysis.summary",
    "Ending": "glowtool.model.ending",
    "EventKind": "glowtool.model.event",
    "NO_STEP": "glowtool.model.program",
    "OUTSIDE": "",
}


def defined(path: Path) -> set[str]:
    """Find the classes and constants that a module defines."""
    body = ast.parse(path.read_text("utf-8")).body
    classes = {node.name for node in body if isinstance(node, ast.ClassDef)}
    return classes | {
        node.target.id for node in body if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }


def test_a_thing_of_the_model_has_one_home() -> None:
    homes: dict[str, list[str]] = {name: [] for name in ONCE}
    for path in sources("glowtool", "firmware-sim/glowsim"):
        for name in defined(path) & ONCE.keys():
            homes[name].append(module(path).removeprefix("firmware-sim."))
    assert homes == {name: [home] if home else [] for name, home in ONCE.items()}

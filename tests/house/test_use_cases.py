"""The use cases do without a terminal, and every roller is opened with a gate that is made in one place."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted(ROOT.glob("glowtool/**/*.py"))
USE_CASES = sorted(ROOT.glob("glowtool/app/**/*.py"))
#: Where a control point is at home, and what is below it: the words and bytes of the wire, and the link that carries
#: bytes of any device.
DRIVER = "glowtool/drivers/gr1/"
BELOW = ("glowtool/protocol/", "glowtool/link/")
#: How a control point is written to, by names that nothing else has.
WIRE = {"ControlPoint", "WireGate", "Opcode", "CONTROL_POINT", "STOP_POINT", "write_gatt_char", "encode_request"}
#: What opens a roller, and which of its arguments are the bounds when they are given by place.
OPENING = {"opened": 4, "open_roller": 4, "driver_opener": 3, "open_device": 9}


def test_the_gate_is_made_where_a_roller_is_opened_and_nowhere_else() -> None:
    assert _calling("Gate") == ["glowtool/app/rollers/opening.py"]


def test_a_driver_is_chosen_in_one_place_and_opened_where_it_is_put_behind_its_gate() -> None:
    assert _calling("kind_for") == ["glowtool/app/rollers/sighting.py"]
    assert _calling("gated") == ["glowtool/app/rollers/opening.py"]
    assert _calling("opener") == ["glowtool/app/rollers/opening.py", "glowtool/drivers/kinds.py"]


def test_only_the_driver_makes_and_touches_a_control_point() -> None:
    makers = {maker: _calling(maker) for maker in ("ControlPoint", "WireGate", "Connection", "Verbs")}
    assert makers == {
        "ControlPoint": [f"{DRIVER}connection.py"],
        "WireGate": [f"{DRIVER}connection.py"],
        "Connection": [f"{DRIVER}examination.py", f"{DRIVER}roller.py"],
        "Verbs": [],  # a roller is one of them
    }
    assert _calling("write_gatt_char", under=DRIVER) == [f"{DRIVER}connection.py"]
    for path in MODULES:
        name = path.relative_to(ROOT).as_posix()
        if not name.startswith((DRIVER, *BELOW)):
            assert not WIRE & _names_in(path), name


def test_a_roller_is_opened_in_one_place_and_by_use_cases_alone() -> None:
    assert _calling("open", of="Roller") == ["glowtool/app/rollers/opening.py", f"{DRIVER}opener.py"]
    assert _calling("gate_of") == ["glowtool/app/rollers/opening.py"] * 4
    opening = {name: _calling(name) for name in OPENING}
    assert all(path.startswith("glowtool/app/") for paths in opening.values() for path in paths), opening


def test_whoever_opens_a_roller_gives_it_no_output_or_the_bounds_of_the_person() -> None:
    """Of what is opened with bounds, these were decided by `bounds_of`, in the one module that knows who is meant."""
    assert _calling("bounds_of", under="glowtool/app/") == ["glowtool/app/people/who.py"]
    given = {path.relative_to(ROOT).as_posix(): _bounds_given(path) for path in USE_CASES if path.name != "opening.py"}
    assert {name: found for name, found in given.items() if found} == {
        "glowtool/app/errands/button.py": {"bounds"},
        "glowtool/app/library.py": {"bounds"},
        "glowtool/app/people/maximum.py": {"bounds"},
        "glowtool/app/running.py": {"bounds"},
    }
    decided = {name: _decided(ROOT / name) for name, found in given.items() if found}
    assert decided == {
        "glowtool/app/errands/button.py": {"admitted"},
        "glowtool/app/library.py": {"bounds_here"},
        "glowtool/app/people/maximum.py": {"bounds_now"},
        "glowtool/app/running.py": {"admitted"},
    }


def test_without_bounds_a_roller_is_opened_for_no_output() -> None:
    tree = _tree(ROOT / "glowtool/app/rollers/opening.py")
    defaults = {
        node.name: ast.unparse(default)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for each, default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
        if each.arg == "personal" and default is not None
    }
    assert defaults == {"open_roller": "NO_OUTPUT", "opened": "NO_OUTPUT"}


def _bounds_given(path: Path) -> set[str]:
    """Return what a module opens rollers with, as it stands there; nothing: with no output."""
    opening = [call for call in _calls(path) if _name_of(call) in OPENING]
    named = [each.value for call in opening for each in call.keywords if each.arg in {"personal", None}]
    placed = [call.args[OPENING[_name_of(call)]] for call in opening if len(call.args) > OPENING[_name_of(call)]]
    return {ast.unparse(each) for each in (*named, *placed)}


def _decided(path: Path) -> set[str]:
    """Return which functions decide on bounds in a module, by a name of their own or as an argument of an opener."""
    tree = _tree(path)
    assigned = [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and any(ast.unparse(target) == "bounds" for target in node.targets)
    ]
    passed = [each for call in _calls(path) for each in call.args]
    values = [*assigned, *(each for each in passed if isinstance(each, ast.Call) and _name_of(each) == "bounds_here")]
    return {_name_of(value) if isinstance(value, ast.Call) else ast.unparse(value) for value in values}


def _calling(wanted: str, *, of: str | None = None, under: str = "") -> list[str]:
    """Return the modules that call a function once for each call; `of`: as an attribute of that name."""
    calls = [(path.relative_to(ROOT).as_posix(), call) for path in MODULES for call in _calls(path)]
    return [
        name
        for name, call in calls
        if name.startswith(under)
        and _name_of(call) == wanted
        and (of is None or (isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) == of))
    ]


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


@cache
def _calls(path: Path) -> tuple[ast.Call, ...]:
    return tuple(node for node in ast.walk(_tree(path)) if isinstance(node, ast.Call))


def _name_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _names_in(path: Path) -> set[str]:
    """Return the names and attributes that stand in a module, and what it imports."""
    tree = _tree(path)
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    imported = {each.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for each in node.names}
    return names | attributes | imported


@pytest.mark.parametrize("path", USE_CASES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_use_case_touches_no_standard_stream(path: Path) -> None:
    streams = {"stdin", "stdout", "stderr", "input", "print"}
    tree = _tree(path)
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert not streams & (attributes | names)

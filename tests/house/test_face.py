"""`import glowtool` offers only the names listed here, each where its types say, and stays light."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import glowtool
from glowtool.version import __version__

FACE = Path(glowtool.__file__)
MOST = 30

#: A name that is added here is promised to every program that uses glowtool: think of the reader of the page first.
NAMES = (
    *("find", "pair", "known", "open_roller", "readings", "load_routine", "run", "open_log", "replay"),
    "analyse",
    *(
        "Place",
        "PersonalMax",
        "Sighting",
        "KnownRoller",
        "Roller",
        "Routine",
        "SessionResult",
        "SessionLog",
        "SessionSummary",
    ),
    *("Asks", "Nobody", "GivenPasskey", "Displayed", "News", "OnLoss", "Ending", "GlowtoolError", "__version__"),
)


def test_the_face_does_not_grow_by_accident() -> None:
    assert sorted(NAMES) == sorted(glowtool.__all__)
    assert len(NAMES) <= MOST
    assert set(NAMES) <= set(dir(glowtool))


def test_every_name_is_what_a_type_checker_takes_it_for() -> None:
    (typed,) = (
        node
        for node in ast.parse(FACE.read_text("utf-8")).body
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
    )
    homes = {
        alias.asname: (imported.module, alias.name)
        for imported in typed.body
        if isinstance(imported, ast.ImportFrom) and imported.module is not None
        for alias in imported.names
    }
    assert {*homes, "__version__"} == set(NAMES)
    for name, (module, there) in homes.items():
        assert getattr(glowtool, str(name)) is getattr(import_module(module), there), name
    assert glowtool.__version__ == __version__


def test_an_import_of_it_loads_nothing_more() -> None:
    script = "import sys; import glowtool; print(*sorted(set(sys.modules) - {'glowtool'}))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)  # noqa: S603 - our own
    loaded = done.stdout.split()
    assert [name for name in loaded if name.startswith("glow")] == []
    assert not {"typing", "asyncio", "numpy", "bleak", "pydantic"} & {*loaded}


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    assert not hasattr(glowtool, "stroke_everything")


def test_python_m_glowtool_is_glowtool() -> None:
    command = [sys.executable, "-m", "glowtool", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - our own
    assert done.stdout == f"glowtool, version {__version__}\n"

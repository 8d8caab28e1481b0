"""A wheel that is built and installed away from this checkout, and a program that mypy checks against it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[3]

#: Its errors are such that mypy can only find when it knows the types of both packages.
PROGRAM: Final = """
from glowsim.time.virtual_time import START_NS
from glowtool.link.adapters import AdapterSpec
import glowtool

spec: AdapterSpec = AdapterSpec.parse("sim")
number: int = AdapterSpec.parse("sim")
AdapterSpec.parse(1)
other: str = START_NS
place: int = glowtool.Place()
"""
ERRORS: Final = (
    "7: error: Incompatible types",
    "8: error: Argument 1",
    "9: error: Incompatible types",
    "10: error: Incompatible types",
)


def main() -> int:
    """Return 0 when a type checker sees the types of the installed wheel; else say what it saw, and return 1."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
        _run([*pip, "wheel", "--no-deps", "--wheel-dir", name, str(ROOT)])
        (wheel,) = folder.glob("*.whl")
        venv.create(folder / "venv")
        python = folder / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        _run([*pip, "--python", str(python), "install", "--no-deps", str(wheel)])
        page = folder / "venv" / "share" / "man" / "man1" / "glowtool.1"
        if not page.is_file():
            sys.stderr.write(f"{wheel.name} brings no man page: there is no {page}\n")
            return 1
        program = folder / "program.py"
        program.write_text(PROGRAM, "utf-8")
        said = subprocess.run(  # noqa: S603 - mypy, on our own program
            [sys.executable, "-m", "mypy", "--config-file=", "--follow-imports=silent", "--ignore-missing-imports",
             "--python-executable", str(python), "--cache-dir", str(folder / "cache"), str(program)],
            capture_output=True, text=True, check=False, cwd=folder,
        ).stdout  # fmt: skip
    found = [line for line in said.splitlines() if ": error: " in line]
    if len(found) == len(ERRORS) and all(error in line for error, line in zip(ERRORS, found, strict=True)):
        return 0
    sys.stderr.write(f"a type checker does not see the types of {wheel.name} as it should. It says:\n{said}")
    return 1


def _run(command: list[str]) -> None:
    if subprocess.run(command, check=False).returncode:  # noqa: S603 - our own tools
        sys.exit("the wheel could not be built or installed; the package index must be within reach")


if __name__ == "__main__":
    sys.exit(main())

"""The programs on this computer: their versions, and whether glowtool was made for these."""

from __future__ import annotations

import platform
import re
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from typing import Final

from glowtool.app.checkup.findings import Check, Finding, passed, warned
from glowtool.version import __version__

_LIBRARIES: Final = ("bleak", "bumble")
#: Kernels that are known to fail, by their version. Debian's 6.1.192 frees a channel twice when a bonded device refuses
#: the bond, and crashes (docs/explanation/real-stack.md).
_FAULTY_KERNELS: Final = {"6.1.192": "it is known to crash when a roller has lost its bond"}

_PINNED: Final = re.compile(r"([A-Za-z0-9_-]+)==([0-9.]+)")


@dataclass(frozen=True, slots=True)
class ComputerFacts:
    """The versions found; a library that is not installed is left out. `pinned` are those that must match exactly."""

    glowtool: str
    python: str
    libraries: dict[str, str]
    pinned: dict[str, str]
    system: str
    release: str
    build: str = ""


async def look_at_computer() -> ComputerFacts:
    """Return the versions installed here."""
    return ComputerFacts(
        glowtool=__version__,
        python=platform.python_version(),
        libraries={name: found for name in _LIBRARIES if (found := _version(name)) is not None},
        pinned=_pinned(),
        system=platform.system() or "unknown system",
        release=platform.release(),
        build=platform.version(),
    )


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _pinned() -> dict[str, str]:
    try:
        found = (_PINNED.match(each) for each in requires("glowtool") or ())
    except PackageNotFoundError:  # run from its sources
        return {}
    return {match[1]: match[2] for match in found if match is not None}


def _versions(facts: ComputerFacts) -> Finding:
    installed = {"glowtool": facts.glowtool, "Python": facts.python, **facts.libraries}
    said = ", ".join(f"{name} {number}" for name, number in installed.items())
    others = [
        f"{name} {wanted}" for name, wanted in facts.pinned.items() if facts.libraries.get(name, wanted) != wanted
    ]
    if others:
        return warned(said, f"glowtool is made for {', '.join(others)}: reinstall it with its dependencies")
    missing = [name for name in _LIBRARIES if name not in facts.libraries]
    if missing:
        return warned(f"{said}; {', '.join(missing)} is missing", "reinstall glowtool with its dependencies")
    return passed(said)


def _system(facts: ComputerFacts) -> Finding:
    said = " ".join(filter(None, (facts.system, facts.release)))
    # Debian puts the version of a kernel in its build, and a name of its own in its release.
    words = {facts.release, *re.split(r"[\s-]", facts.build)}
    for kernel, fault in _FAULTY_KERNELS.items():
        if facts.system == "Linux" and kernel in words:
            return warned(
                f"{said}: {fault}", "update the kernel; until then run `glowtool pair --repair` before it connects"
            )
    return passed(said)


COMPUTER_CHECKS: Final[tuple[Check[ComputerFacts], ...]] = (
    Check("versions", "Versions", _versions),
    Check("system", "System", _system),
)

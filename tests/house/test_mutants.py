"""The table of mutants fits today's sources and tests."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from measure.safety.mutants import ROOT, declared, stale


def test_no_mutant_is_stale() -> None:
    mutants = declared()
    assert len({mutant.name for mutant in mutants}) == len(mutants) >= 40
    found = {mutant.name: why for mutant in mutants if (why := stale(mutant))}
    assert not found, f"mend tests/measure/safety/mutants.toml: {found}"


def test_a_mutant_whose_source_or_test_has_moved_on_is_found() -> None:
    mutant = next(mutant for mutant in declared() if mutant.name == "no watchdog")
    assert "occurs 0 times" in stale(replace(mutant, good="no such text"))
    assert "no Python" in stale(replace(mutant, broken="return ("))
    assert "there is no test" in stale(
        replace(mutant, tests=("tests/unit/firmware/interlocks/test_firmware_rules.py::test_gone",))
    )
    assert "there is no glowsim/gone.py" in stale(replace(mutant, path="glowsim/gone.py"))


def test_no_mutant_uses_a_name_that_its_source_does_not_have(tmp_path: Path) -> None:
    """Such a mutant ends in an error at its import, which any test would catch."""
    mutants = declared()
    for number, mutant in enumerate(mutants):
        source = (ROOT / mutant.path).read_text("utf-8").replace(mutant.good, mutant.broken)
        (tmp_path / f"{number}.py").write_text(source, "utf-8")
    check = (sys.executable, "-m", "ruff", "check", "--isolated", "--quiet", "--select", "F821", "--output-format=json")
    done = subprocess.run([*check, tmp_path], capture_output=True, text=True, check=False)  # noqa: S603 - our own
    told = {(mutants[int(Path(each["filename"]).stem)].name, each["message"]) for each in json.loads(done.stdout)}
    assert not told, f"mend tests/measure/safety/mutants.toml: {told}"

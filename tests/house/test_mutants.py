"""The table of mutants fits today's sources and tests."""

from __future__ import annotations

from dataclasses import replace

from measure.safety.mutants import declared, stale


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

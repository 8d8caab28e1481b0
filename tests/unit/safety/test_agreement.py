"""Lint, gate and firmware agree on random routines; `measure.safety.agreement` runs thousands of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowsim.firmware.retained.settings import Settings
from measure.safety.agreement import look

if TYPE_CHECKING:
    import pytest


def test_no_later_layer_refuses_what_an_earlier_one_passed_and_no_ceiling_is_passed() -> None:
    seen = look(40, 1.5, 3)
    assert seen.wrong == []
    assert seen.counts["passed by the lint"] > 3
    assert seen.counts["refused by the lint"] > 1
    assert seen.counts["TRIM passed"] > 10


def test_a_firmware_that_refuses_what_passed_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Settings, "forbid", lambda _settings, _program: True)
    assert any("the firmware (OVER_CEILING) refuses it" in line for line in look(10, 0.1, 3).wrong)

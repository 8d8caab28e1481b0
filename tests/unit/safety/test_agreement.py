"""Lint, gate and firmware agree on random routines; `measure.safety.agreement` runs thousands of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowsim.firmware.outputs import soft_start
from glowsim.firmware.retained.settings import Settings
from glowtool.safety import Gate, lint
from measure.safety import agreement, watched
from measure.safety.agreement import Part, Share, look

if TYPE_CHECKING:
    import pytest


def test_no_later_layer_refuses_what_an_earlier_one_passed_and_no_ceiling_is_passed() -> None:
    seen = look(Share(Part.LAYERS, 20, 1.5, 1))
    assert seen.wrong == []
    assert seen.counts["passed by the lint"] == 20
    assert seen.counts["followed to their very end"] > 3
    assert seen.counts["order passed: level"] > 3
    assert seen.counts["order passed: skip"] > 1
    assert seen.counts["keyframes met"] > 3
    assert seen.counts["massages with current at the electrode"] > 1


def test_with_neither_lint_nor_gate_no_ceiling_is_passed_either() -> None:
    seen = look(Share(Part.ALONE, 15, 1.5, 1))
    assert seen.wrong == []
    assert seen.counts["programs answered SUCCESS"] == 15
    assert seen.counts["sent with a level over a ceiling"] > 0
    assert seen.counts["hostile orders given"] > 1
    assert seen.counts["massages with current at the electrode"] > 1


def test_a_firmware_that_refuses_what_passed_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Settings, "forbid", lambda _settings, _program: True)
    wrong = look(Share(Part.LAYERS, 2, 0.1, 3)).wrong
    assert len([line for line in wrong if "the firmware (OVER_CEILING) refuses it" in line]) == 2


def test_a_lint_that_passes_what_the_wire_refuses_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agreement, "_LONG", 0.0)
    monkeypatch.setattr(agreement, "_CROWDED", 1.0)
    monkeypatch.setattr(lint, "overruns", lambda *_: ())
    wrong = look(Share(Part.LAYERS, 6, 0.05, 1)).wrong
    assert any("the lint passes it, and the gate at the wire refuses it" in line for line in wrong)


def test_a_gate_that_passes_what_the_firmware_refuses_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Gate, "extend", lambda _gate, _extra_ms, _step: None)
    monkeypatch.setattr(watched, "_EXTRA_MS", (300_000,))
    wrong = look(Share(Part.LAYERS, 6, 1.5, 1)).wrong
    assert any("the gate passed extend, and the firmware answers OVER_CEILING" in line for line in wrong)


def test_a_firmware_that_rises_too_fast_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(soft_start, "limit", lambda _previous, wanted, *_: wanted)
    assert any("a ceiling was passed: ['soft start'" in line for line in look(Share(Part.ALONE, 4, 1.5, 1)).wrong)

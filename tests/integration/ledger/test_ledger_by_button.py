"""Massages by the button count once, by the roller's record, and for everybody until it is known whose they were."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from glowtool import app
from glowtool.app.place import Place
from glowtool.safety.dose import NO_DOSE
from support.people import screened
from support.processes.console import Host
from support.stack.by_button import pair_and_store, press_button

if TYPE_CHECKING:
    from pathlib import Path


def test_a_massage_by_the_button_counts_once_and_is_whose_it_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    host, place = Host(tmp_path), Place("sim", tmp_path)
    pair_and_store(tmp_path)
    ann, ben = screened(tmp_path, "Ann"), screened(tmp_path, "Ben")
    press_button(tmp_path)
    assert "count for everybody today" in host.call_here(capsys, "logs", "fetch").err
    assert "count for everybody today" not in host.call_here(capsys, "logs", "fetch").err, "nothing is new then"
    had = app.doses.dose_today(place, ann.id)
    assert had == app.doses.dose_today(place, ben.id)
    assert had.vibration_s == pytest.approx(4.0, abs=0.2)
    listed = host.call_here(capsys, "safety", "ledger", "--nobody", "--json").document()["massages"]
    assert isinstance(listed, list)
    (massage,) = listed
    assert massage["source"] == "record"

    assert host.call_here(capsys, "safety", "claim", massage["massage"], "--person", "Ben").status == 0
    assert app.doses.dose_today(place, ann.id) == NO_DOSE
    assert app.doses.dose_today(place, ben.id) == had
    assert host.call_here(capsys, "safety", "claim", massage["massage"], "--person", "Ann").status == 3
    assert host.call_here(capsys, "logs", "fetch").status == 0
    assert app.doses.dose_today(place, ben.id) == had, "fetched again, it still counts once"

    press_button(tmp_path)
    assert host.call_here(capsys, "logs", "fetch", "--person", "Ann", "--remove").status == 0
    assert app.doses.dose_today(place, ann.id).vibration_s == pytest.approx(4.0, abs=0.2)
    assert [line.kind for line in app.proving.audit_lines(place, 9)] == ["fetched", "fetched"]

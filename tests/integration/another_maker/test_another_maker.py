"""A device of another maker from the command line: found, paired, run, stopped and forgotten by its own driver."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

import glowtool
from glowtool.drivers import kinds
from glowtool.errors import NotOfferedError
from support.air.brush import BRUSH, NAME, PASSKEY, BrushDriver, Near, near
from support.air.tiny_peripheral import PERIPHERAL_ADDRESS
from support.host.foreign_archive import BrushArchive
from support.host.foreign_driver import announce_kind, brief
from support.people import screened
from support.processes.console import Host

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

#: What a driver says to a device that is opened and left again.
VISIT: Final = [b"zero", b"stop"]


@pytest.fixture
def brush(monkeypatch: pytest.MonkeyPatch) -> Iterator[Near]:
    announce_kind(BRUSH, monkeypatch)
    with near() as there:
        yield there


@pytest.fixture
def host(brush: Near, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Host:
    """Be a computer that has paired the brush."""
    host = Host(tmp_path / "data", brush.adapter)
    said = host.call_here(capsys, "pair", "--passkey", PASSKEY, "--alias", "Brush", "--json")
    assert said.status == 0, said.err
    assert said.document() == {
        "address": PERIPHERAL_ADDRESS,
        "name": NAME,
        "alias": "Brush",
        "serial": "0007",
        "model": "BR-7",
        "firmware": "9.9",
        "method": "passkey",
    }
    assert brush.told() == VISIT
    screened(host.data_dir)
    return host


def test_it_is_heard_by_its_driver_and_a_driver_that_fails_is_named_once(
    brush: Near, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = Host(tmp_path / "data", brush.adapter).call_here(capsys, "scan", "--timeout", "1", "--json")
    (heard,) = said.documents()
    assert (heard["kind"], heard["driver"], heard["name"]) == ("roller", "brush", NAME)
    assert (heard["battery_percent"], heard["pairing_open"]) == (None, True)
    assert said.err.count("the driver 'comb' cannot be loaded (no such wheel)") == 1
    assert brush.told() == []


def test_it_is_shown_run_stopped_and_forgotten(
    host: Host, brush: Near, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    info = host.call_here(capsys, "info", "--json").document()
    assert (info["model"], info["protocol"], info["state"]) == ("BR-7", "brush 3", "idle")
    assert (info["rates_hz"], info["capabilities"]) == ([50], ["vibration", "pressure"])
    assert brush.told() == VISIT
    assert "BR-7" in host.call_here(capsys, "devices", "show").out

    (tmp_path / "brief.toml").write_text(brief(5))
    run = host.call_here(capsys, "run", str(tmp_path / "brief.toml"), "brush", "--json")
    assert run.status == 0, run.err
    assert brush.told()[:2] == [b"zero", b"start"]

    stopped = host.call_here(capsys, "stop", "--json")
    assert stopped.status == 0, stopped.err
    assert '"confirmed": true' in stopped.out
    assert brush.told() == [b"zero", b"stop", b"stop"]

    forgotten = host.call_here(capsys, "devices", "forget", "brush", "--logs", "erase", "--yes", "--json")
    assert forgotten.status == 0, forgotten.err
    said = forgotten.document()
    assert (said["bond_here"], said["bond_roller"]) == ("dropped", "kept")
    assert "only a GR-1 can be asked to drop it" in str(said["problems"])
    assert brush.told() == []
    assert host.call_here(capsys, "devices", "list", "--json").document() == {"devices": []}


def test_without_its_package_it_is_told_nothing(
    host: Host, brush: Near, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(kinds, "entry_points", lambda **_: [])
    said = host.call_here(capsys, "stop")
    assert said.status == 15, said.err
    assert brush.told() == []


def test_one_whose_driver_does_not_know_the_model_is_not_made_known(
    brush: Near, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    announce_kind(replace(BRUSH, knows=lambda model: model == "BR-8"), monkeypatch, beside_a_broken_one=False)
    host = Host(tmp_path / "data", brush.adapter)
    said = host.call_here(capsys, "pair", "--passkey", PASSKEY)
    assert said.status == 15
    assert "does not know its model 'BR-7'" in said.err
    assert brush.told() == VISIT
    assert host.call_here(capsys, "devices", "list", "--json").document() == {"devices": []}


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("button", "show"), "button show"),
        (("button", "store", "first-glow"), "button store"),
        (("button", "clear"), "button clear"),
        (("tare",), "tare"),
        (("rearm",), "rearm"),
    ],
)
def test_what_only_a_gr_1_offers_is_refused_and_nothing_is_sent(
    host: Host, brush: Near, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], named: str
) -> None:
    said = host.call_here(capsys, *arguments)
    assert said.status == 16
    assert f"Brush, a BR-7, is driven by the driver 'brush', which does not offer '{named}'; only a GR-1" in said.err
    assert brush.told() == []


def test_one_that_keeps_nothing_by_itself_is_asked_for_nothing(
    host: Host, brush: Near, capsys: pytest.CaptureFixture[str]
) -> None:
    said = host.call_here(capsys, "logs", "fetch")
    assert (said.status, said.err.strip()) == (16, "glowtool: a device of the model BR-7 keeps no massages by itself")
    assert brush.told() == VISIT


def test_what_it_keeps_by_itself_is_taken_over_and_shown(
    host: Host, brush: Near, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = BrushArchive()
    monkeypatch.setattr(BrushDriver, "archive", archive)
    fetched = host.call_here(capsys, "logs", "fetch", "--remove", "--json")
    assert fetched.status == 0, fetched.err
    massages = fetched.document()["massages"]
    assert isinstance(massages, list)
    (massage,) = massages
    assert (massage["record"], massage["ending"], massage["removed"]) == (3, "host", True)
    assert archive.kept == {}
    assert brush.told() == VISIT
    shown = host.call_here(capsys, "logs", "show", massage["massage_id"]).out
    assert "mean 3.50 kPa, peak 6.00 kPa" in shown
    assert "Brush 0007" in shown


def test_from_a_program_only_a_gr_1_is_opened_as_one(host: Host, brush: Near) -> None:
    with pytest.raises(NotOfferedError, match="does not offer 'open_roller'"):
        glowtool.open_roller(glowtool.Place(brush.adapter, host.data_dir))
    assert brush.told() == []


def test_a_known_one_whose_driver_cannot_be_loaded_is_told_so_and_can_be_forgotten(
    host: Host, brush: Near, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    announce_kind(replace(BRUSH, knows=lambda _: False), monkeypatch)
    for arguments in (("info",), ("stop",), ("doctor",)):
        said = host.call_here(capsys, *arguments)
        assert said.status == 19, said
        assert "the driver 'comb' cannot be loaded (no such wheel)" in said.out + said.err
    forgotten = host.call_here(capsys, "devices", "forget", "brush", "--yes", "--json").document()
    assert (forgotten["bond_here"], forgotten["bond_roller"]) == ("dropped", "kept")
    assert brush.told() == []


def test_the_check_up_says_what_it_cannot_examine(host: Host, brush: Near, capsys: pytest.CaptureFixture[str]) -> None:
    said = host.call_here(capsys, "doctor")
    assert "In reach            heard" in said.out
    assert "does not offer 'doctor'" in said.out
    assert brush.told() == []

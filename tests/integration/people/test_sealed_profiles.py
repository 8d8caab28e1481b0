"""A profile that a passphrase opens: no byte of it can be read without, and without it no output is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from glowtool import app
from glowtool.errors import GlowtoolError, InputError, StoreError
from glowtool.safety.bounds import NO_OUTPUT
from glowtool.safety.limits import PersonalMax
from glowtool.safety.screening import Flag
from glowtool.store.people import sealing
from glowtool.store.people.people import People
from glowtool.store.people.sealing import SealedError
from support.people import screened
from support.processes.console import Host

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PASSPHRASE = "four words are enough"  # noqa: S105 - of a test


@pytest.fixture(autouse=True)
def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    """Open each key anew, as a process of its own does; and at a low cost, which is no test's matter."""
    monkeypatch.setattr(sealing, "_OPENED", {})
    monkeypatch.setattr(sealing, "COST_LOG2", 10)


def test_nothing_of_a_sealed_profile_can_be_read_and_the_passphrase_opens_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = screened(tmp_path)
    before = People(tmp_path).profile(known)
    People(tmp_path).seal(known, PASSPHRASE)
    there = b"".join(path.read_bytes() for path in (tmp_path / "people").rglob("*") if path.is_file())
    assert not any(word.encode() in there for word in (*Flag, "reply", "days", PASSPHRASE))

    monkeypatch.setattr(sealing, "_OPENED", {})
    with pytest.raises(SealedError, match="encrypted"):
        People(tmp_path).profile(known)
    with pytest.raises(InputError, match="does not open"):
        People(tmp_path, lambda _: "something else").profile(known)
    asked: list[str] = []

    def unlock(name: str) -> str:
        asked.append(name)
        return PASSPHRASE

    people = People(tmp_path, unlock)
    assert people.profile(known) == before
    changed = people.change(known, lambda profile: profile.model_copy(update={"peak_ua": 120}))
    assert People(tmp_path, lambda _: PASSPHRASE).profile(known) == changed
    assert asked == [known.name], "once for a process"

    people.seal(known, "another passphrase")
    monkeypatch.setattr(sealing, "_OPENED", {})
    with pytest.raises(InputError):
        people.profile(known)
    again = People(tmp_path, lambda _: "another passphrase")
    again.unseal(known)
    assert People(tmp_path).profile(known) == changed
    assert {path.suffix for path in (tmp_path / "people").iterdir() if known.id in path.name} == {".json"}


def test_a_closed_profile_means_no_output_and_that_an_errand_cannot_tell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = screened(tmp_path)
    People(tmp_path).seal(known, PASSPHRASE)
    monkeypatch.setattr(sealing, "_OPENED", {})
    closed = app.place.Place("sim", tmp_path)
    with pytest.raises(SealedError):
        app.who.bounds_here(closed)
    assert app.who.bounds_at_hand(closed) is None
    assert app.who.bounds_here(app.place.Place("sim", tmp_path, unlock=lambda _: PASSPHRASE)) == PersonalMax()
    path = next((tmp_path / "people").glob("*.sealed"))
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(StoreError, match="damaged"):
        app.who.bounds_here(app.place.Place("sim", tmp_path, unlock=lambda _: PASSPHRASE))
    assert app.who.bounds_at_hand(closed) == NO_OUTPUT


def test_a_command_takes_it_from_the_environment_and_says_when_nobody_can_be_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    screened(tmp_path)
    host = Host(tmp_path, "bumble:none")
    monkeypatch.setenv("GLOWTOOL_PASSPHRASE", "short")
    assert host.call_here(capsys, "person", "encrypt").status == 3
    monkeypatch.setenv("GLOWTOOL_PASSPHRASE", PASSPHRASE)
    assert host.call_here(capsys, "person", "encrypt", "--json").document() == {"name": "Ann", "encrypted": True}
    monkeypatch.setattr(sealing, "_OPENED", {})
    shown = host.call_here(capsys, "person", "show", "--json").document()
    assert shown["microcurrent"] == {"allowed": True, "because": None}
    monkeypatch.setattr(sealing, "_OPENED", {})
    monkeypatch.delenv("GLOWTOOL_PASSPHRASE")
    said = host.call_here(capsys, "person", "show")
    assert said.status == 2
    assert "GLOWTOOL_PASSPHRASE" in said.err
    assert host.call_here(capsys, "person", "erase", "Ann", "--yes").status == 0, "erasing needs no passphrase"
    assert [path.name for path in (tmp_path / "people").iterdir() if path.suffix in {".sealed", ".key"}] == []


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda _file: b"", "damaged"),
        (lambda file: file[: len(file) // 2], "damaged"),
        (lambda file: file.replace(b'"cost_log2": 10', b'"cost_log2": 40'), "damaged.*2\\^40"),
        (lambda file: file.replace(b'"format": 1', b'"format": 2'), "damaged.*format 1"),
        (lambda file: file.replace(b'"cost_log2": 10', b'"cost_log2": 11'), "does not open"),
    ],
)
def test_a_damaged_key_is_told_from_a_wrong_passphrase_and_costs_no_memory(
    tmp_path: Path, damage: Callable[[bytes], bytes], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = screened(tmp_path)
    People(tmp_path).seal(known, PASSPHRASE)
    monkeypatch.setattr(sealing, "_OPENED", {})
    path = next((tmp_path / "people").glob("*.key"))
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(GlowtoolError, match=said):
        People(tmp_path, lambda _: PASSPHRASE).profile(known)

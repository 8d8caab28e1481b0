"""`glowtool logs fetch` takes over a massage by the button, over the whole stack in virtual time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from glowtool.store.rollers.registry import DeviceRegistry
from support.people import screened
from support.processes.console import Host
from support.stack.by_button import pair_and_store, press_button

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Call = Callable[..., tuple[int, dict[str, object], str]]


@pytest.fixture
def glowtool(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    """A command on the data of a paired roller; returns exit status, the first object of --json, the errors."""
    pair_and_store(tmp_path)
    screened(tmp_path)

    def call(*arguments: str) -> tuple[int, dict[str, object], str]:
        said = Host(tmp_path).call_here(capsys, *arguments)
        return said.status, said.documents()[0] if "--json" in arguments else {"said": said.out}, said.err

    return call


def _massages(document: dict[str, object]) -> list[dict[str, object]]:
    listed = document["massages"]
    assert isinstance(listed, list)
    return listed


def test_a_massage_by_the_button_is_taken_over_shown_and_removed_on_request(glowtool: Call, tmp_path: Path) -> None:
    assert glowtool("logs", "fetch")[::2] == (0, f"{DeviceRegistry(tmp_path).find(None).name} keeps no massage.\n")
    press_button(tmp_path)
    status, fetched, err = glowtool("logs", "fetch", "--json")
    assert (status, err) == (0, "")
    (massage,) = _massages(fetched)
    assert (massage["ending"], massage["fresh"], massage["removed"]) == ("program_end", True, False)
    assert massage["duration_s"] == pytest.approx(4.0, abs=0.1)
    assert massage["started_utc"] is None, "nothing keeps the roller's clock while it is off"

    name = str(massage["massage_id"])
    _, listed, _ = glowtool("logs", "list", "--json")
    assert [one["massage_id"] for one in _massages(listed)] == [name]
    _, shown, _ = glowtool("logs", "show", name, "--json")
    assert shown["serial"] == fetched["serial"]
    said = str(glowtool("logs", "show", name[:-3])[1]["said"])
    assert "the program was completed" in said
    assert said.count("\nStep ") == 2
    assert name in str(glowtool("logs", "list")[1]["said"])
    for command in (("analyze", name), ("logs", "export", name)):
        status, _, err = glowtool(*command)
        assert status == 18
        assert "a massage by the button" in err

    status, removed, _ = glowtool("logs", "fetch", "--remove", "--json")
    assert [(one["fresh"], one["removed"]) for one in _massages(removed)] == [(False, True)]
    assert _massages(glowtool("logs", "fetch", "--json")[1]) == []
    assert len(_massages(glowtool("logs", "list", "--json")[1])) == 1


def test_who_is_not_known_cannot_be_fetched_from(glowtool: Call) -> None:
    status, document, err = glowtool("logs", "fetch", "nobody", "--json")
    assert status == 11
    assert "error" in document
    assert "nobody" in err

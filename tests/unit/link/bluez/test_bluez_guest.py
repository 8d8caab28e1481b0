"""The harness of tests/radio makes its guest once, makes it anew when the recipe changes, and reads its log."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from radio.bluez_guest import cache, kernel, machine, recipe
from radio.bluez_guest.cache import Cache
from radio.bluez_guest.errors import GuestError
from radio.bluez_guest.packages import require
from radio.stacks.agent_log import AgentLog

if TYPE_CHECKING:
    from pathlib import Path

LOG = "bluetoothd[79]: src/agent.c:"


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was made, in order; nothing is fetched or built."""
    parts: list[str] = []
    monkeypatch.setattr(kernel, "build", lambda *_: parts.append("kernel"))
    monkeypatch.setattr(cache, "unpacked", lambda *_: parts.append("userland"))
    return parts


def ready(folder: Path) -> None:
    Cache(folder).ready(lambda _text: None)


def test_each_part_is_made_once_and_anew_when_its_recipe_has_changed(
    tmp_path: Path, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ready(tmp_path)
    ready(tmp_path)
    assert made == ["userland", "kernel"]
    monkeypatch.setattr(recipe, "USERLAND_PACKAGES", ("bluez",))
    ready(tmp_path)
    assert made == ["userland", "kernel", "userland"]
    monkeypatch.setattr(recipe, "MENDS", ())
    ready(tmp_path)
    assert made == ["userland", "kernel", "userland", "kernel"]


def test_a_build_that_failed_is_not_taken_for_a_kernel(
    tmp_path: Path, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise GuestError("no compiler")

    with monkeypatch.context() as failing:
        failing.setattr(kernel, "build", fail)
        with pytest.raises(GuestError, match="no compiler"):
            ready(tmp_path)
    ready(tmp_path)
    assert made == ["userland", "kernel"]


def test_what_is_missing_on_the_machine_is_named_with_its_package() -> None:
    with pytest.raises(GuestError, match=r"needs no-such-program; install with `apt-get install its-package`"):
        require({"sh": "dash", "no-such-program": "its-package"}, "the guest")


@pytest.mark.parametrize("mend", recipe.MENDS, ids=lambda mend: mend.path)
def test_a_known_fault_is_taken_out_and_nothing_else(tmp_path: Path, mend: recipe.Mend) -> None:
    found_in, path = tmp_path / mend.found_in, tmp_path / mend.path
    found_in.parent.mkdir(parents=True)
    found_in.write_text("later source\n")
    path.write_text(f"before\n{mend.old}after\n")
    kernel._mend(tmp_path)
    assert path.read_text() == f"before\n{mend.old}after\n"
    found_in.write_text(mend.fault)
    kernel._mend(tmp_path)
    assert path.read_text() == f"before\n{mend.new}after\n"
    with pytest.raises(GuestError, match=mend.path):
        kernel._mend(tmp_path)


def test_agents_come_and_go_and_end_with_the_daemon(tmp_path: Path) -> None:
    path = tmp_path / "bluetoothd.log"
    path.touch()
    log = AgentLog(path)

    def after(text: str) -> tuple[str | None, set[str]]:
        with path.open("a") as file:
            file.write(text)
        log.read_on()
        return log.default, log.registered

    assert after(f"{LOG}add_default_agent() Default agent set to :1.6 /desktop/agent\n") == (":1.6", set())
    assert after(f"{LOG}register_agent() agent :1.6\n{LOG}register_agent() agent :1.") == (":1.6", {":1.6"})
    assert after("17\n") == (":1.6", {":1.6", ":1.17"})
    assert after(f"{LOG}unregister_agent() agent :1.17\n{LOG}agent_destroy() agent :1.17\n") == (":1.6", {":1.6"})
    assert after(f"{LOG}remove_default_agent() Default agent cleared\n") == (None, {":1.6"})
    assert after("--- bluetoothd ended: 0\n") == (None, set())


def test_the_guests_memory_is_kept_where_it_can_be_run_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert machine._memory_folder(1 << 40, tmp_path) == str(tmp_path), "no room in memory"
    monkeypatch.setattr(os, "statvfs", lambda _path: SimpleNamespace(f_flag=os.ST_NOEXEC))
    assert machine._memory_folder(1, tmp_path) == str(tmp_path), "nothing can be run there"

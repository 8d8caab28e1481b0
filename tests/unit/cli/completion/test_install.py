"""The completion is installed for a user, and removed without a rest; what else is in the person's files stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from glowtool.cli.completion.install import MARK, SHELLS, install, remove, script
from glowtool.errors import InputError, StoreError
from support.processes.console import call_here

if TYPE_CHECKING:
    from pathlib import Path

MINE = "alias ll='ls -l'\nexport EDITOR=vi"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_CONFIG_HOME", "ZDOTDIR"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.mark.parametrize("shell", SHELLS)
def test_it_is_installed_once_and_removed_without_a_rest(shell: str, home: Path) -> None:
    startup = home / f".{shell}rc"
    startup.write_text(MINE)
    first = install(shell)
    assert first.changed
    assert first.path.read_text() == script(shell)
    assert not install(shell).changed, "the second time changes nothing"
    if first.startup is not None:
        assert startup.read_text().startswith(f"{MINE}\n")
        assert startup.read_text().count(MARK) == 1
    assert remove(shell).changed
    assert not first.path.exists()
    assert startup.read_text() in {MINE, f"{MINE}\n"}
    assert not remove(shell).changed


def test_a_startup_file_that_is_a_link_stays_one_and_keeps_its_mode(home: Path) -> None:
    (home / "dotfiles").mkdir()
    real = home / "dotfiles" / "bashrc"
    real.write_text(MINE)
    real.chmod(0o640)
    (home / ".bashrc").symlink_to(real)
    install("bash")
    assert MARK in real.read_text()
    remove("bash")
    assert (home / ".bashrc").is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert MARK not in real.read_text()


def test_another_place_replaces_the_line(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install("bash")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "other place"))
    install("bash")
    (line,) = (home / ".bashrc").read_text().splitlines()
    assert "'" in line, "a blank in the path is quoted"


def test_without_a_home_or_with_one_that_cannot_be_written_it_says_so(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / ".config").write_text("a file")
    with pytest.raises(StoreError, match="cannot write"):
        install("fish")
    (home / ".bashrc").mkdir()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    with pytest.raises(InputError, match="not a file"):
        install("bash")
    monkeypatch.setenv("HOME", "")
    with pytest.raises(InputError, match="HOME is not set"):
        install("zsh")


def test_the_command_prints_installs_and_removes(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call_here(capsys, "completion", "zsh").out == script("zsh")
    done = call_here(capsys, "completion", "zsh", "--install", "--json").document()
    assert (done["changed"], done["startup"]) == (True, str(home / ".zshrc"))
    assert "Removed" in call_here(capsys, "completion", "zsh", "--remove").out
    assert call_here(capsys, "completion", "zsh", "--install", "--remove").status == 2
    assert call_here(capsys, "completion", "tcsh").status == 2

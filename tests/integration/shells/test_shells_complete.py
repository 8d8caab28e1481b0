"""The real shells complete commands, options and names, as a person sees it; without a shell, its tests skip."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from glowtool.cli.completion.install import install, script
from support.processes.console import BIN
from support.processes.tty import PROMPT, at_terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.processes.tty import Tty

#: What is typed before the key, and what the line is after it. An alias has a blank, an address has colons.
COMPLETED = [
    ("glowtool ana", "glowtool analyze "),
    ("glowtool plan sta", "glowtool plan status "),
    ("glowtool run first-glow-", "glowtool run first-glow-vibration "),
    ("glowtool run first-glow --on-l", "glowtool run first-glow --on-loss "),
    ("glowtool run first-glow --on-loss=res", "glowtool run first-glow --on-loss=resume "),
    ("glowtool logs show 2027", "glowtool logs show 20270301T210000Z-0a0b0c "),
    ("glowtool info F0:F1:00:0", "glowtool info F0:F1:00:00:00:02 "),
    ("glowtool plan new gen", "glowtool plan new gentle-start "),
    ("glowtool --data-dir elsewhere run --on-loss as", "glowtool --data-dir elsewhere run --on-loss ask "),
    ("glowtool plan new ./own", "glowtool plan new ./own-plan.toml "),
]
ROLLERS = [
    {"alias": "Anna's own", "name": "GR-1 0001", "address": "F0:F1:00:00:00:01"},
    {"alias": None, "name": "F0:F1:00:00:00:02", "address": "F0:F1:00:00:00:02"},
]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    data = tmp_path / "data"
    (data / "logs" / "20270301T210000Z-0a0b0c").mkdir(parents=True)
    (data / "devices.json").write_text(json.dumps({"rollers": ROLLERS}))
    (tmp_path / "own-plan.toml").write_text("")
    return tmp_path


def environment(home: Path) -> dict[str, str]:
    return {
        "PATH": f"{BIN}:{os.environ['PATH']}", "HOME": str(home), "GLOWTOOL_DATA_DIR": str(home / "data"),
        "TERM": "dumb", "LANG": "C.UTF-8", "PS1": PROMPT, "HISTFILE": "", "INPUTRC": "/dev/null", "ZDOTDIR": str(home),
    }  # fmt: skip


def needs(shell: str) -> str:
    found = shutil.which(shell)
    if found is None:
        pytest.skip(f"{shell} is not installed here")
    return found


@pytest.fixture
def bash(home: Path) -> Iterator[Tty]:
    (home / "script").write_text(script("bash"))
    words = (needs("bash"), "--norc", "--noprofile", "-i")
    with at_terminal(words, environment(home), home) as tty:
        tty.wait_for(PROMPT)
        tty.type(". ./script\n")
        tty.wait_for(PROMPT)
        yield tty


@pytest.fixture
def zsh(home: Path) -> Iterator[Tty]:
    (home / ".zshrc").write_text(f"PROMPT='{PROMPT}'\nunsetopt zle_bracketed_paste\n. ~/script\n")
    (home / "script").write_text(script("zsh"))
    with at_terminal((needs("zsh"), "-i"), environment(home), home) as tty:
        tty.wait_for(PROMPT)
        yield tty


def after_tab(tty: Tty, typed: str) -> str:
    """Type a line and the key, and return what the shell then hands to the command."""
    tty.type(f"{typed}\t")
    tty.type("END\n")
    return tty.wait_for(r"GOT((?:<[^>]*>)+)\r?\n")[1]


def as_words(line: str) -> str:
    """Return a completed line as the shell function prints it: END stands where the cursor was."""
    *words, last = line.removeprefix("glowtool ").split(" ")
    return "".join(f"<{word}>" for word in [*words, f"{last}END"])


def shadow(tty: Tty) -> None:
    """Let the shell print the words of a line in place of running it; what completes calls the program itself."""
    tty.type("""glowtool() { printf GOT; printf '<%s>' "$@"; echo; }\n""")
    tty.wait_for(PROMPT)


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_a_shell_at_a_terminal_completes(shell: str, request: pytest.FixtureRequest) -> None:
    tty: Tty = request.getfixturevalue(shell)
    shadow(tty)
    wrong = {typed: got for typed, line in COMPLETED if (got := after_tab(tty, typed)) != as_words(line)}
    assert not wrong


@pytest.mark.parametrize("shell", ["bash", "zsh"])
@pytest.mark.parametrize(
    "typed", ["glowtool info Ann", "glowtool info 'Ann", 'glowtool info "Ann', r"glowtool info Anna\'s"]
)
def test_a_name_with_a_blank_and_a_quote_arrives_as_one_word(
    shell: str, typed: str, request: pytest.FixtureRequest
) -> None:
    tty: Tty = request.getfixturevalue(shell)
    shadow(tty)
    assert after_tab(tty, typed).startswith("<info><Anna's own>")


def test_fish_completes(home: Path) -> None:
    fish = needs("fish")
    for typed, line in COMPLETED:
        asked = subprocess.run(  # noqa: S603 - a shell, and a line of ours
            [fish, "--no-config", "-c", f"{script('fish')}\ncomplete -C \"$argv\"", typed],
            env=environment(home), cwd=home, capture_output=True, text=True, check=True, timeout=60,
        )  # fmt: skip
        offered = [each.split("\t")[0] for each in asked.stdout.splitlines()]
        assert offered == [line.rstrip().rpartition(" ")[2]], (typed, asked.stderr)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_an_installed_completion_works_in_a_new_shell(shell: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = needs(shell)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("ZDOTDIR", str(home))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    install(shell)
    asks = {
        "bash": "complete -p glowtool",
        "zsh": "print $_comps[glowtool]",
        "fish": "complete -C 'glowtool ana'",
    }[shell]
    done = subprocess.run(  # noqa: S603 - a shell, and a line of ours
        [found, "-i", "-c", asks], env=environment(home), cwd=home, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert "_glowtool" in done.stdout or done.stdout.startswith("analyze")

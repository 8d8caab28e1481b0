"""Every command that a message proposes runs as printed, on a paired roller, without a terminal."""

from __future__ import annotations

import os
import re
import shutil
import signal
from typing import TYPE_CHECKING

import pytest

from glowtool.safety.screening import QUESTIONS
from support.house.proposed import HOLE, proposed_by_messages
from support.people import screened
from support.processes.console import Host, Running, Said, command
from support.processes.routine_file import routine_file

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.slow, pytest.mark.long]

#: Spoken of without what it is to be given; `tests/house/test_proposed_commands.py` has the places.
SPOKEN_OF = {"glowtool run", "glowsim ctl"}
COMMANDS = sorted({each.text for each in proposed_by_messages()} - SPOKEN_OF)
OF_A_SERVED_ROLLER = [text for text in COMMANDS if text.startswith("glowsim ctl") and text != "glowsim ctl help"]
ALONE = [text for text in COMMANDS if text not in OF_A_SERVED_ROLLER]

#: What else than 0 the situation here comes to, in words that say so.
OTHERWISE = {
    "glowtool pair": (13, "already"),
    "glowtool pair X": (13, "already"),
    "glowtool rearm": (0, "not in an emergency stop"),
    "glowtool run X": (130, "stopped"),
    "glowtool run {name}": (130, "stopped"),
    "glowtool safety claim MASSAGE": (3, "lists them"),
}

#: These speak about the plan that is followed.
FOLLOWING = {"glowtool plan status", "glowtool plan today"}

#: What a person types without being asked in another way.
TYPED = {"safety screening": "n" * len(QUESTIONS)}


def as_printed(text: str, host: Host, folder: Path) -> list[str]:
    """Return the words of a command, with what is only known here in its holes."""
    name = next(iter(re.findall(r'"name": ?"([^"]+)"', host.call("devices", "list", "--json").out)))
    known = {HOLE: name, "NAME": name, "ROUTINE": "first-glow", "TEXT": "cheek L 60s vib 20%"}
    known["FILE"] = routine_file(folder, 4.0)
    if text.startswith("glowtool person"):
        known["NAME"] = "Bea" if " new " in text else "Ann"
    if text.startswith("glowtool plan"):
        known["NAME"] = "gentle-start"
    if text.startswith(("glowtool run", "glowtool routines")):
        known |= {HOLE: "first-glow", "{name}": "first-glow", "NAME": "another", f"my-{HOLE}": "my-first-glow"}
    if text.startswith("glowtool routines edit"):
        known[HOLE] = "mine"
    if text.startswith("glowtool analyze"):
        known[HOLE] = "last"
    if text.startswith("glowtool logs import"):
        known[HOLE] = str(folder / "cells.csv")
        (folder / "cells.csv").write_text("time,kPa\n0.00,1.5\n0.01,1.6\n0.02,1.7\n")
    return [known.get(word, word) for word in text.split()]


def answer(running: Running, words: list[str]) -> Said:
    """Do what a person does who typed it: say yes, read the digits, or end what would go on for minutes."""
    for line in TYPED.get(" ".join(words[1:3]), ()):
        running.type(line)
    if "--repair" in words or "forget" in words:
        running.type("y")
    if "forget" in words:
        running.type("keep")
    if words[1] == "pair":
        for line in running.process.stderr or ():
            running.err.append(line)
            shown = re.search(r"passkey (\d{6})", line)
            if shown is not None:
                running.type(shown[1])
    elif words[1] == "run" and "--help" not in words:
        running.wait_for("Step 1", on_stderr=True)
        running.process.send_signal(signal.SIGINT)
    elif words[1] == "serve":
        running.wait_for(r"tcp:\S+")
        running.process.terminate()
    elif running.process.stdin is not None:
        running.process.stdin.close()
    return running.finish()


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with a paired roller, a massage and a routine of one's own."""
    folder = tmp_path_factory.mktemp("lived-in")
    host = Host(folder / "data")
    with host.running("pair") as pairing:
        assert answer(pairing, ["glowtool", "pair"]).status == 0
    screened(host.data_dir)
    assert host.call("run", routine_file(folder, 4.0), "--yes").status == 0
    assert host.call("routines", "new", "mine", "--from", "first-glow").status == 0
    return folder / "data"


def run(words: list[str], data: Path, folder: Path) -> Said:
    environment = {**os.environ, "GLOWTOOL_DATA_DIR": str(data), "GLOWTOOL_ADAPTER": "sim", "EDITOR": "true"}
    with command(words[0], *words[1:], environment=environment, folder=folder) as running:
        return answer(running, words)


def judged(text: str, said: Said) -> None:
    status, words = OTHERWISE.get(text, (0, ""))
    assert (said.status, "Traceback" in said.err) == (status, False), said
    assert words in said.out + said.err


@pytest.mark.parametrize("text", ALONE)
def test_a_proposed_command_works_as_printed(text: str, lived_in: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shutil.copytree(lived_in, data)
    if text in FOLLOWING:
        assert Host(data).call("plan", "new", "gentle-start").status == 0
    judged(text, run(as_printed(text, Host(data), tmp_path), data, tmp_path))


def test_what_is_proposed_to_a_served_roller_works_as_printed(tmp_path: Path) -> None:
    environment = {**os.environ, "GLOWTOOL_DATA_DIR": str(tmp_path / "data")}
    with command("glowsim", "serve", "--port", "0", environment=environment, folder=tmp_path) as serving:
        serving.wait_for(r"tcp:\S+")
        for text in sorted(OF_A_SERVED_ROLLER, key=lambda text: "quit" in text):
            judged(text, run(text.split(), tmp_path / "data", tmp_path))
        assert serving.finish().status == 0

"""The commands of the tutorial and of the README's first steps run as printed."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from glowtool.safety.screening import QUESTIONS
from support.processes.console import Running, Said, command

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]
TUTORIAL = (ROOT / "docs/tutorials/first-massage.md").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")

#: What a command says when it did what the page says that it does.
EXPECTED = {
    "glowtool scan": r"GR-1 [0-9A-F]{4}",
    "glowtool pair": r"Next: `glowtool run first-glow",
    "glowtool info": r"GR-1",
    "glowtool routines list": r"first-glow",
    "glowtool routines show first-glow": r"45 s",
    "glowtool safety screening": r"Microcurrent: yes",
    "glowtool run first-glow": r"Next: `glowtool analyze last`",
    "glowtool button store first-glow": r"first-glow|First glow",
    "glowtool logs list": r"first-glow|First glow",
    "glowtool analyze last": r"\.html",
    "glowtool plan new gentle-start": r"Gentle start, two weeks",
}

#: What a test cannot show: the set-up is what runs the tests, `doctor` looks at this machine, and
#: the routine in one line takes five minutes.
LEFT_OUT = ("make ", ". .venv", "export ", "glowtool doctor", 'glowtool run "')


def commands(page: str) -> list[str]:
    """Return the commands of the blocks of a page, in their order, without comments."""
    blocks = re.findall(r"```sh\n(.*?)```", page, re.DOTALL)
    lines = [line.partition("#")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line and not line.startswith(LEFT_OUT)]


class Desk:
    """A person with a home of their own, who types what the page says."""

    def __init__(self, home: Path, adapter: str) -> None:
        home.mkdir(exist_ok=True)
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("GLOWTOOL_", "XDG_"))},
            "HOME": str(home),
            "GLOWTOOL_ADAPTER": adapter,
        }

    def do(self, line: str) -> Said:
        """Run a command; the passkey is read off the display, wherever that is."""
        program, *words = shlex.split(line)
        with command(program, *words, environment=self.environment, patience_s=150.0) as running:
            if words[-1:] == ["pair"]:
                running.type(_digits(running))
            if words[-1:] == ["screening"]:
                for answer in ("Ann", *("n" for _ in QUESTIONS)):
                    running.type(answer)
            assert running.process.stdin is not None
            running.process.stdin.close()
            return running.finish()


def _digits(running: Running) -> str:
    assert running.process.stderr is not None
    for line in running.process.stderr:
        running.err.append(line)
        if seen := re.search(r"passkey (\d{6})", line):
            return seen[1]
    raise AssertionError(f"no passkey was shown: {running.finish()}")


def walk(desk: Desk, lines: list[str]) -> Iterator[str]:
    for line in lines:
        said = desk.do(line)
        assert said.status == 0, (line, said)
        assert re.search(EXPECTED[line], said.out + said.err), (line, said)
        yield line


@pytest.mark.long
@pytest.mark.parametrize("page", ["tutorial", "README"])
def test_every_command_of_the_page_does_what_the_page_says(tmp_path: Path, page: str) -> None:
    text = (
        TUTORIAL.partition("## The same with two terminals")[0]
        if page == "tutorial"
        else README.partition("In two terminals")[0]
    )
    desk = Desk(tmp_path / "home", "sim")
    assert len(list(walk(desk, commands(text)))) >= 7


@pytest.mark.long
def test_the_same_with_two_terminals_after_the_tutorial(tmp_path: Path) -> None:
    """The roller of `glowsim serve` is another one than that of `sim`, so that it can be paired as the page says."""
    desk = Desk(tmp_path / "home", "sim")
    assert desk.do("glowtool pair").status == 0
    part = TUTORIAL.partition("## The same with two terminals")[2]
    serve, pair = commands(part)
    assert (serve, pair) == ("glowsim serve", "glowtool pair")
    with command("glowsim", "serve", "--port", "0", environment=desk.environment, patience_s=150.0) as roller:
        spec = roller.wait_for(r"tcp:\S+").split()[-1]
        passkey = next(line.split()[1] for line in roller.out if line.startswith("passkey "))
        other = Desk(tmp_path / "home", spec)
        with command("glowtool", "pair", environment=other.environment, patience_s=60.0) as pairing:
            pairing.type(passkey)
            said = pairing.finish()
    assert said.status == 0, said
    named = re.search(r"Next: `(glowtool run first-glow \S.*)`", said.err)
    assert named is not None, "two rollers are known, so that the next command names the one that is meant"


def test_the_pages_have_no_command_that_is_not_tried() -> None:
    tried = {*EXPECTED, "glowsim serve", "glowtool --adapter tcp:127.0.0.1:9477 pair"}
    assert set(commands(TUTORIAL)) | set(commands(README)) <= tried

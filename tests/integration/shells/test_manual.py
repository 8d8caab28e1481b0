"""The man pages are what roff and `man` take without complaint, and show all of a command at 80 columns."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from glowtool.cli.app import COMMANDS

PAGES = sorted((Path(__file__).parents[3] / "docs" / "man").glob("*.1"))

#: A date would be that of a commit, and stale with the next.
WITHOUT_DATE = "missing date"


def said_by(*words: str) -> str:
    if shutil.which(words[0]) is None:
        pytest.skip(f"{words[0]} is not installed here")
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=60)  # noqa: S603 - a tool of the system
    return f"{done.stdout}{done.stderr}"


def test_each_command_has_a_page() -> None:
    assert {path.stem for path in PAGES} == {"glowtool", *(f"glowtool-{name}" for name in COMMANDS)}


def test_no_page_has_anything_that_mandoc_finds_fault_with() -> None:
    found = said_by("mandoc", "-T", "lint", *map(str, PAGES)).splitlines()
    assert not [line for line in found if WITHOUT_DATE not in line]


def test_groff_shows_every_page_without_a_warning_and_nothing_is_wider_than_the_terminal() -> None:
    for path in PAGES:
        shown = said_by("groff", "-ww", "-man", "-k", "-Tutf8", "-rLL=78n", "-P-cbou", str(path))
        assert not re.search(r"^\S*(?:groff|troff).*: ", shown, re.MULTILINE)
        assert max(map(len, shown.splitlines())) <= 100, "JSON shapes are not broken"


def test_a_page_has_the_options_and_the_words_of_its_command() -> None:
    text = next(path for path in PAGES if path.stem == "glowtool-run").read_text("utf-8")
    shown = re.sub(r"\\f[BIR]", "", text).replace("\\-", "-")
    assert "--on-loss" in shown
    assert "glowtool run" in shown
    assert "`" not in shown

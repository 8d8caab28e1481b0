"""Text from outside fits one line on a terminal, and can neither control the terminal nor reorder it."""

from __future__ import annotations

import io
import json
import logging
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from glowtool.app.watching.state import LiveState
from glowtool.cli.app import run
from glowtool.cli.live.screen import screen
from glowtool.cli.options import Options
from glowtool.cli.runtime import _OneLine
from glowtool.cli.terminal.output import Printer
from glowtool.errors import RoutineError
from glowtool.kit.drawing.markup import text
from glowtool.kit.text.visible import json_line, visible
from glowtool.store.routines.load import load_routine

if TYPE_CHECKING:
    from pathlib import Path

EVIL = "a\nglowtool: all is well\x1b[2J\x9b31m\u202eb\u2028c\x85\x00\x7f"


@pytest.mark.parametrize(
    ("given_", "shown"),
    [
        ("Desk", "Desk"),
        ("Grüße, 机器 🙂", "Grüße, 机器 🙂"),
        ("5\xa0min", "5 min"),
        ("a\nb\tc", "a\\nb\\tc"),
        ("\x1b[2J\x9b\x7f", "\\x1b[2J\\x9b\\x7f"),
        ("\u202eevil\u2066\u2028", "\\u202eevil\\u2066\\u2028"),
        ("\udc80", "\\udc80"),
    ],
)
def test_what_cannot_be_seen_is_shown_as_what_it_is(given_: str, shown: str) -> None:
    assert visible(given_) == shown


@given(st.text(st.characters()))
def test_whatever_comes_is_one_line_that_a_terminal_shows_and_showing_it_twice_changes_nothing(words: str) -> None:
    assert visible(words).isprintable()
    assert visible(visible(words)) == visible(words)
    line = json_line({"name": words})
    assert line.isprintable()
    assert json.loads(line) == {"name": words}


def test_every_way_to_say_something_says_it_on_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    output = Printer(Options())
    for say in (output.result, output.note, output.problem, output.prose):
        say(EVIL)
    output.table(("Name", "More"), [(EVIL, EVIL)])
    Printer(Options(json=True)).json_object({"name": EVIL})
    printed = capsys.readouterr()
    lines = printed.out.splitlines() + printed.err.splitlines()
    assert len(lines) == 4 + 3 + 1, lines
    assert all(line.isprintable() for line in lines)


def test_the_live_view_shows_titles_and_cues_of_others_on_their_lines() -> None:
    routine = load_routine("first-glow")
    step = routine.steps[0].model_copy(update={"title": EVIL, "cue": EVIL})
    evil = routine.model_copy(update={"title": EVIL, "steps": (step, *routine.steps[1:])})
    heights = []
    for each, name, ending in ((evil, EVIL, EVIL), (routine, "Desk", "stopped")):
        printed = io.StringIO()
        Console(file=printed, width=400).print(screen(LiveState(each, name, ending=ending), 0.0, 400, 24))
        lines = printed.getvalue().split("\n")
        assert all(line.isprintable() for line in lines)
        heights.append(len(lines))
    assert heights[0] == heights[1]


def test_a_file_that_is_called_like_a_message_forges_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "x\nglowtool: all is well\x9b.toml"
    path.write_text(f'name = "x"\ntitle = {json.dumps(EVIL)}\n')
    for arguments in (["routines", "validate", str(path)], ["run", str(path)], ["run", f"{path}-"]):
        with pytest.raises(SystemExit):
            run(["--data-dir", str(tmp_path / "data"), *arguments])
        lines = capsys.readouterr().err.splitlines()
        assert all(line.isprintable() for line in lines)
        assert "glowtool: all is well" not in [line[: len("glowtool: all is well")] for line in lines]


def test_an_error_lists_on_lines_of_its_own_and_quotes_on_one() -> None:
    error = RoutineError(f"{EVIL} is wrong").listing("  one", f"  {EVIL}")
    assert [visible(line) for line in error.lines] == [f"{visible(EVIL)} is wrong", "  one", f"  {visible(EVIL)}"]
    assert str(error).startswith(EVIL)


def test_a_log_record_is_one_line() -> None:
    record = logging.LogRecord("x", logging.INFO, "", 0, "%s was heard", (EVIL,), None)
    assert _OneLine("%(message)s", traces=False).format(record) == f"{visible(EVIL)} was heard"


def test_a_report_shows_them_too() -> None:
    assert text(EVIL).isprintable()

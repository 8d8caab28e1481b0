"""Every command that a message, the help or a page proposes exists, and is complete as printed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glowtool.cli.app import COMMANDS
from glowtool.cli.terminal.suggestions import MEANT
from glowtool.kit.command_line.suggestions import command_hint, option_hint, slip
from support.house.proposed import complaint, proposed_by_messages, proposed_by_pages

#: These speak about a command and propose none: file, and what they say.
MENTIONED = {
    ("glowtool/cli/commands/button.py", "glowtool run"): "its help: checked as by it",
    ("glowtool/drivers/gr1/commands/refusals.py", "glowtool run"): "as it does by itself",
    ("docs/pages/log_format.py", "glowtool button store"): "a page: it keeps the routine",
    ("firmware-sim/glowsim/console/commands.py", "glowsim ctl"): "its help",
    ("firmware-sim/glowsim/console/service.py", "glowsim ctl"): "that there is no such socket",
    ("firmware-sim/docs/pages/scenarios.py", "glowsim serve --radio"): "a page",
}

#: Pages may name a command without what it is to be given, to speak about it.
SPOKEN_OF = {"missing argument", "missing parameter", "option '--radio' requires"}


def test_every_command_that_a_message_proposes_works_as_printed() -> None:
    proposed = proposed_by_messages()
    assert len(proposed) > 120
    wrong = {
        f"{each.where}: {each.text}": why
        for each in proposed
        if (each.where.partition(":")[0], each.text) not in MENTIONED and (why := complaint(each.text)) is not None
    }
    assert not wrong, "\n".join(f"{what}: {why}" for what, why in wrong.items())


def test_every_command_on_a_page_is_one_that_there_is() -> None:
    proposed = proposed_by_pages()
    assert len(proposed) > 80
    wrong = {}
    for each in proposed:
        why = complaint(each.text)
        if why is not None and not any(why.casefold().startswith(word) for word in SPOKEN_OF):
            wrong[f"{each.where}: {each.text}"] = why
    assert not wrong, "\n".join(f"{what}: {why}" for what, why in wrong.items())


@pytest.mark.parametrize(
    ("group", "word", "never"),
    [
        ("glowtool", "unpair", "pair"), ("glowtool", "start", "tare"), ("glowtool logs", "remove", "recover"),
        ("glowtool devices", "remove", "rename"), ("glowtool logs", "delete", "fetch"), ("glowtool", "unstop", "stop"),
        ("glowtool", "untare", "tare"), ("glowtool devices", "unforget", "forget"),
    ],
)  # fmt: skip
def test_no_suggestion_does_the_opposite(group: str, word: str, never: str) -> None:
    known = {"glowtool": COMMANDS, "glowtool logs": ["erase", "export", "fetch", "list", "recover", "show", "verify"]}
    hint = command_hint(group, word, known.get(group, ["forget", "list", "rename", "show", "use"]), MEANT)
    assert f"did you mean '{never}'" not in hint


@given(word=st.sampled_from(sorted(COMMANDS)), prefix=st.sampled_from(["un", "de", "dis", "no-"]))
def test_a_negated_word_is_no_slip(word: str, prefix: str) -> None:
    assert slip(prefix + word, COMMANDS) != word


def test_a_slip_is_corrected_and_an_option_that_is_none_is_not_guessed() -> None:
    assert slip("analize", COMMANDS) == "analyze"
    assert option_hint("glowtool analyze", "--no-reprot", ["--no-report", "--json"]) == "did you mean '--no-report'?"
    assert "--help` lists" in option_hint("glowtool analyze", "--open", ["--no-report", "--json"])
    assert "--help` lists" in option_hint("glowtool run", "--report", ["--no-report"])

"""A hand that alters, removes or adds lines is found out, by the first line that it touched."""

from __future__ import annotations

import sqlite3
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from glowtool.errors import LogDamagedError
from glowtool.store.chain.database import read_lines
from glowtool.store.chain.line import sealed
from glowtool.store.chain.proof import Fault, Harm
from unit.store.chain.conftest import chain_in, forging

if TYPE_CHECKING:
    from collections.abc import Callable

    from glowtool.store.chain.chain import Chain

MANY = 6


def insert(connection: sqlite3.Connection, number: int, *, honest_seal: bool) -> None:
    """Put a line before the line of that number, and renumber those behind it."""
    before = [line for line in read_lines(connection) if line.number < number]
    previous = before[-1].seal if before else "0" * 64
    line = sealed(number, 1, "said", {"word": "forged"}, previous)
    connection.execute("UPDATE line SET number = -number WHERE number >= ?", (number,))
    connection.execute("UPDATE line SET number = 1 - number WHERE number < 0")
    seal = line.seal if honest_seal else "f" * 64
    row = (number, line.at_us, line.kind, line.content, previous, seal)
    connection.execute("INSERT INTO line VALUES (?, ?, ?, ?, ?, ?)", row)


def alter_and_seal(connection: sqlite3.Connection, number: int) -> None:
    line = read_lines(connection)[number - 1]
    new = sealed(number, line.at_us, line.kind, {"word": "forged"}, line.previous)
    connection.execute("UPDATE line SET content=?, seal=? WHERE number=?", (new.content, new.seal, number))


def write_anew(connection: sqlite3.Connection, number: int) -> None:
    """Forge a line and everything behind it, each with a seal that fits."""
    lines = read_lines(connection)
    previous = lines[number - 1].previous
    for line in lines[number - 1 :]:
        new = sealed(line.number, line.at_us, line.kind, {"word": "forged"}, previous)
        row = (new.content, previous, new.seal, new.number)
        connection.execute("UPDATE line SET content=?, previous=?, seal=? WHERE number=?", row)
        previous = new.seal


def by(*statements: str) -> Callable[[sqlite3.Connection, int], None]:
    def change(connection: sqlite3.Connection, number: int) -> None:
        for statement in statements:
            connection.execute(statement.replace("?", str(number)))

    return change


WAYS: dict[str, Callable[[sqlite3.Connection, int], None]] = {
    "alter": by("UPDATE line SET content = '{}' WHERE number = ?"),
    "alter and seal": alter_and_seal,
    "a time that is a text": by("UPDATE line SET at_us = 'noon' WHERE number = ?"),
    "bytes that are no text": by("UPDATE line SET kind = CAST(x'ff' AS TEXT) WHERE number = ?"),
    "remove": by("DELETE FROM line WHERE number = ?"),
    "remove and renumber": by(
        "DELETE FROM line WHERE number = ?", "UPDATE line SET number = number - 1 WHERE number > ?"
    ),
    "insert": lambda connection, number: insert(connection, number, honest_seal=False),
    "insert with a seal": lambda connection, number: insert(connection, number, honest_seal=True),
    "swap": by(
        "UPDATE line SET number = -1 WHERE number = ?",
        "UPDATE line SET number = ? WHERE number = ? + 1",
        "UPDATE line SET number = ? + 1 WHERE number = -1",
    ),
    "write anew": write_anew,
}


def forge(chain: Chain, way: str, number: int) -> None:
    with forging(chain) as connection:
        WAYS[way](connection, number)


@settings(max_examples=25, deadline=None)
@given(way=st.sampled_from([way for way in WAYS if way != "write anew"]), number=st.integers(1, MANY))
def test_the_first_line_that_was_touched_is_named(way: str, number: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        chain = chain_in(Path(folder), MANY)
        assert chain.prove().fault is None
        if way == "swap" and number == MANY:
            number -= 1
        forge(chain, way, number)
        fault = chain.prove().fault
        assert fault is not None
        assert fault.number == number


@pytest.mark.parametrize(
    ("way", "words"),
    [
        ("alter", "line 3 was altered"),
        ("alter and seal", "line 3 is not the one that was written there"),
        ("remove", "line 3 is missing"),
        ("remove and renumber", "line 3 is missing"),
        ("insert", "line 3 was altered"),
        ("insert with a seal", "line 3 was inserted"),
        ("swap", "line 3 is missing"),
    ],
)
def test_what_was_done_is_said(chain: Chain, way: str, words: str) -> None:
    forge(chain, way, 3)
    assert str(chain.prove().fault) == words


def test_lines_cut_off_at_the_end_are_missed(chain: Chain) -> None:
    with forging(chain) as connection:
        connection.execute("DELETE FROM line WHERE number > 4")
    assert chain.prove().fault == Fault(5, Harm.CUT_OFF, "lines 5 to 6 are cut off at the end")


def test_a_chain_that_was_written_anew_has_another_end(chain: Chain) -> None:
    forge(chain, "write anew", 3)
    fault = chain.prove().fault
    assert fault is not None
    assert fault.harm is Harm.REWRITTEN


def test_a_line_that_something_else_added_is_none_of_ours(chain: Chain) -> None:
    with forging(chain) as connection:
        line = sealed(7, 1, "said", {}, read_lines(connection)[-1].seal)
        row = (line.number, line.at_us, line.kind, line.content, line.previous, line.seal)
        connection.execute("INSERT INTO line VALUES (?, ?, ?, ?, ?, ?)", row)
    assert chain.prove().fault == Fault(7, Harm.INSERTED, "line 7 was added by something else")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE line SET content = '{}' WHERE number = 2",
        "DELETE FROM line WHERE number = 6",
        "INSERT INTO line VALUES (9, 1, 'said', '{}', '', '')",
        "INSERT OR REPLACE INTO line VALUES (2, 1, 'said', '{}', '', '')",
    ],
)
def test_the_file_itself_takes_lines_at_its_end_only(chain: Chain, statement: str) -> None:
    with sqlite3.connect(chain.path) as connection, pytest.raises(sqlite3.IntegrityError, match="line"):
        connection.execute(statement)
    assert chain.prove().fault is None


@pytest.mark.parametrize("harm", ["cut off", "no note", "no file", "other note"])
def test_a_chain_that_lost_lines_is_set_aside_and_the_next_one_says_so(chain: Chain, harm: str) -> None:
    head = chain.path.with_suffix(".head")
    match harm:
        case "cut off":
            with forging(chain) as connection:
                connection.execute("DELETE FROM line WHERE number > 4")
        case "no note":
            head.unlink()
        case "no file":
            chain.path.unlink()
        case "other note":
            head.write_bytes(b"{")
    with pytest.raises(LogDamagedError, match="goes on in a new file"), chain.adding(7):
        pass
    with chain.adding(8) as addition:
        addition.add("said", 8, {"word": "after"})
    proof = chain.prove()
    assert [line.kind for line in proof.lines] == ["broken", "said"]
    assert proof.fault is not None
    assert proof.fault.harm is Harm.BROKEN_OFF
    assert bool(proof.aside)

"""One stroke ends, lowers or notes; to start, raise or lengthen takes a second one, which a paste cannot give."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glowtool.cli.steering.key_line import key_line, key_lines, keys_at
from glowtool.cli.steering.strokes import LATEST_S, Strokes
from glowtool.cli.steering.table import TABLE, Halt, While
from glowtool.cli.terminal.asking.continuation import Asker
from glowtool.cli.terminal.keyboard import Keyboard
from glowtool.session.wishes import Wish

if TYPE_CHECKING:
    from glowtool.cli.steering.table import Does

#: What is typed at which second, and what comes of it.
TYPED: dict[str, tuple[list[tuple[str, float]], list[Does]]] = {
    "at once": (
        [("p", 0), ("-", 1), ("c", 2), ("m", 3), ("q", 4)],
        [Wish.PAUSE, Wish.QUIETER, Wish.NO_CURRENT, Wish.MARK, Halt.STOP],
    ),
    "the space bar": ([(" ", 0)], [Wish.PAUSE]),
    "an emergency": ([("X", 0)], [Halt.EMERGENCY]),
    "without Enter": ([("r", 0), ("+", 1), ("n", 2), ("e", 3)], []),
    "with Enter": ([("r", 0), ("\r", 1), ("n", 2), ("\n", 3)], [Wish.RESUME, Wish.SKIP]),
    "pasted with Enter": ([("r\n", 0), ("lift +\n", 1)], [Wish.PAUSE]),
    "Enter too soon": ([("r", 0), ("\n", 0.01)], []),
    "Enter too late": ([("r", 0), ("\n", LATEST_S + 0.1)], []),
    "another key between": ([("r", 0), ("z", 1), ("\n", 2)], []),
    "stronger three times": ([("+", 0), ("+", 0.5), ("=", 1), ("\n", 1.5)], [Wish.STRONGER] * 3),
    "a lower one instead": ([("+", 0), ("-", 0.5), ("\n", 1)], [Wish.QUIETER]),
    "skip is once": ([("n", 0), ("n", 0.2), ("\n", 1)], [Wish.SKIP]),
    "Enter twice": ([("r", 0), ("\n", 1), ("\n", 2)], [Wish.RESUME]),
    "arrows and the mouse": ([("\x1b[C\x1b[M !q\x1bOP\x1b[1;5x\x1bx", 0)], []),
    "an arrow in two pieces": ([("\x1b[", 0), ("C", 0.01)], []),
    "Escape": ([("\x1b", 0), ("q", 1)], [Halt.STOP]),
}  # fmt: skip


@pytest.mark.parametrize("case", TYPED)
def test_what_is_typed_is_what_is_asked(case: str) -> None:
    typed, wanted = TYPED[case]
    strokes = Strokes()
    asked = [does for text, at_s in typed for does in strokes.take(text, at_s)]
    assert asked == wanted


@given(st.lists(st.text(st.sampled_from("rne+= \x1b[Op-cmqx\rzß"), max_size=5), max_size=6))
def test_nothing_raises_that_came_in_one_piece(pieces: list[str]) -> None:
    strokes = Strokes()
    for text in pieces:
        assert not any(isinstance(does, Wish) and does.raises for does in strokes.take(text, 0.0))


def test_no_key_does_two_things_and_every_wish_has_one() -> None:
    characters = "".join(row.keys for row in TABLE)
    assert len(set(characters)) == len(characters)
    assert {row.does for row in TABLE} == {*Wish, *Halt}


@pytest.mark.parametrize("moment", [While.BEFORE, While.RUNS, While.PAUSED])
def test_the_keys_take_one_line_and_the_stops_are_the_last_to_go(moment: While) -> None:
    keys = keys_at(moment)
    assert all(len(key_line(keys, width)) <= width for width in range(121))
    assert key_line(keys_at(While.RUNS), 80).endswith("m mark"), "80 columns show all"
    assert key_line(keys, 24).startswith("q stop  x emergency")
    assert "no current" not in key_line(keys_at(moment, current=False), 80)


@pytest.mark.parametrize("moment", [While.BEFORE, While.RUNS, While.PAUSED])
def test_where_there_is_room_for_more_lines_no_key_is_left_out(moment: While) -> None:
    keys = keys_at(moment)
    assert key_lines(keys, 80) == [key_line(keys, 80)], "one line shows all of them"
    for width in range(20, 121):
        lines = key_lines(keys, width)
        assert all(len(line) <= width for line in lines)
        told = " ".join(lines).replace("·", " ").replace("  ", " ").split(" ")
        assert [each for each in told if len(each) == 1] == [key.keys[0] for key in keys]


def test_before_a_massage_moves_only_the_stops_are_named() -> None:
    assert [key.does for key in keys_at(While.BEFORE)] == [Halt.STOP, Halt.EMERGENCY]


async def test_keys_are_heard_again_after_a_question_and_not_before_the_block() -> None:
    person, terminal = os.openpty()
    heard: list[str] = []
    asker = Asker(_Ours(terminal), echo=False)
    os.write(person, b"q\n")  # typed before, and dropped
    with asker.listening(heard.append, str):
        os.write(person, b"p\n")
        await _until(lambda: heard != [])
        asking = asyncio.create_task(asker.ask(None))  # type: ignore[arg-type]  # it is on the screen already
        await asyncio.sleep(0.01)
        os.write(person, b"y\n")
        assert await asking
        os.write(person, b"m\n")
        await _until(lambda: len(heard) > 1)
    assert [text.strip() for text in heard] == ["p", "m"]
    os.close(person)
    os.close(terminal)


class _Ours(Keyboard):
    """The keyboard of a terminal that is not the one of the test's own process."""

    @property
    def ours(self) -> bool:
        return True

    def drop(self) -> None:
        import termios

        assert self.descriptor is not None
        termios.tcflush(self.descriptor, termios.TCIFLUSH)

    def look(self) -> None:
        pass


async def _until(done: object) -> None:
    assert callable(done)
    async with asyncio.timeout(5.0):
        while not done():  # noqa: ASYNC110 - a reader's callback does it
            await asyncio.sleep(0.005)

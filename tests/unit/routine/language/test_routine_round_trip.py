"""A routine as text, as TOML and as a model is the same routine, whichever way it goes."""

from __future__ import annotations

from hypothesis import given

from glowtool.routine import WrittenRoutine, parse_written
from glowtool.routine.text.parser import parse_text
from glowtool.routine.text.writer import write_text
from glowtool.routine.toml.writer import write_toml
from support.routines.written import INCLUDING, WRITTEN, Included


@given(WRITTEN)
def test_a_routine_comes_back_from_its_text_and_from_its_toml(written: WrittenRoutine) -> None:
    text, toml = write_text(written), write_toml(written)
    assert parse_text(text) == written
    assert parse_written(toml, "x.toml") == written
    assert len(text.splitlines()) == 1
    assert text.isprintable()
    assert toml.replace("\n", "").replace("\t", "").isprintable()


@given(WRITTEN)
def test_what_was_read_is_written_as_it_was(written: WrittenRoutine) -> None:
    text, toml = write_text(written), write_toml(written)
    assert write_text(parse_written(toml, "x.toml")) == text
    assert write_toml(parse_text(text)) == toml


@given(INCLUDING)
def test_includes_come_back_too(made: Included) -> None:
    assert parse_text(write_text(made.written)) == made.written
    assert parse_written(write_toml(made.written), "x.toml") == made.written

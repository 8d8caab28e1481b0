"""The reading of a routine in one line into the written routine, or into its mistakes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from glowtool.errors import RoutineError
from glowtool.routine.text import amounts
from glowtool.routine.text.cursor import Cursor, odd
from glowtool.routine.text.grammar import BEGINNINGS, DEFAULTS, HEADS, ITEMS, REGIONS, STEP, forms_of
from glowtool.routine.text.lexer import Kind, MistakeError
from glowtool.routine.text.mistakes import text_error
from glowtool.routine.text.steps import StepReader
from glowtool.routine.toml.problems import validation_problems
from glowtool.routine.written.expand import expand, no_includes
from glowtool.routine.written.models import MAX_DEPTH, WrittenRoutine
from glowtool.routine.written.places import BY_ZONE_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping

    from glowtool.kit.text.toml_lines import Place
    from glowtool.routine.text.cursor import Table
    from glowtool.routine.text.lexer import Token
    from glowtool.routine.written.expand import Expansion, Find

#: As long as the longest file.
MAX_LENGTH: Final = 128 * 1024

_HEADS: Final = frozenset(each.word for each in HEADS)
_ITEMS: Final = frozenset(each.word for each in ITEMS)
_ZONES: Final = frozenset((*REGIONS, *BY_ZONE_NAME))


def parse_text(text: str) -> WrittenRoutine:
    """Return the written routine of a text; raises `RoutineError` that shows the mistakes in it."""
    return _read(text)[0]


def parse_text_expanded(text: str, find: Find = no_includes) -> Expansion:
    """Return the flat routine of a text and where its steps were written; raises `RoutineError`."""
    written, columns = _read(text)
    try:
        return expand(written, find, columns, in_columns=True)
    except RoutineError as error:
        raise text_error(text, error.problems) from error


def _read(text: str) -> tuple[WrittenRoutine, Mapping[Place, int]]:
    if len(text) > MAX_LENGTH:
        raise RoutineError(
            f"the text of the routine has {len(text)} characters; at most {MAX_LENGTH} are allowed",
            advice="write it into a file",
        )
    reading = None
    try:
        reading = _Reading(Cursor(text))
        return WrittenRoutine.model_validate(reading.routine()), reading.cursor.columns
    except MistakeError as mistake:
        raise text_error(text, (mistake.problem,)) from mistake
    except ValidationError as error:
        columns = {} if reading is None else reading.cursor.columns
        raise text_error(text, validation_problems(error, columns, in_columns=True)) from error


class _Reading:
    """One pass over a text, part by part."""

    def __init__(self, cursor: Cursor) -> None:
        self.cursor = cursor
        self._steps = StepReader(cursor)

    def routine(self) -> Table:
        """Return the table of the whole routine."""
        head: Table = {}
        self._parts(head, ("steps",), depth=0)
        token = self.cursor.take()
        if token.kind is Kind.CLOSE:
            raise odd(token, "closes nothing", "as many ) as (")
        if not head["steps"]:
            raise odd(token, "comes before any step", f"at least one step, such as {STEP.example}")
        return {**DEFAULTS, **head}

    def _parts(self, holder: Table, at: Place, *, depth: int) -> None:
        """Read parts up to the end or a closing bracket, and put them into the holder."""
        items: list[Table] = []
        holder["steps"] = items
        while self.cursor.next.kind not in {Kind.END, Kind.CLOSE}:
            token = self.cursor.take()
            if token.kind is Kind.BETWEEN:
                continue
            if token.kind is Kind.WORD and depth == 0 and token.value.lower() in _HEADS:
                self._head(token, holder)
            else:
                item: Table = {}
                place = (*at, len(items))
                items.append(item)
                self.cursor.columns[place] = token.column
                self._part(token, item, place, depth=depth)
            if self.cursor.next.kind not in {Kind.BETWEEN, Kind.END, Kind.CLOSE}:
                raise odd(self.cursor.take(), "does not belong here", "; before the next part")

    def _part(self, token: Token, item: Table, place: Place, *, depth: int) -> None:
        word = token.value.lower() if token.kind is Kind.WORD else ""
        if word in _ZONES:
            self.cursor.put(item, place, "zone", word, token)
            self._steps.read(item, place)
        elif word == "mirror":
            item["mirror"] = True
        elif word == "include":
            name = self.cursor.word(token, ITEMS)
            self.cursor.put(item, place, "include", name.value, name)
        elif word == "rest":
            self._rest(token, item, place)
        elif word == "repeat":
            self._repeat(token, item, place, depth=depth)
        elif word in _HEADS:
            raise odd(token, "is about the whole routine", "outside of repeats")
        else:
            allowed = f"one of {', '.join(dict.fromkeys(BEGINNINGS))}; a step is {STEP.form}"
            raise odd(token, "is no beginning of a part", allowed, near=(*BEGINNINGS, *BY_ZONE_NAME))

    def _head(self, token: Token, head: Table) -> None:
        word = token.value.lower()
        if word == "evidence":
            self._evidence(token, head)
        elif word == "source":
            self.cursor.append(head, (), "sources", self.cursor.text(token, HEADS), token)
        elif word in {"about", "title"}:
            key = "description" if word == "about" else word
            self.cursor.put(head, (), key, self.cursor.text(token, HEADS), token)
        else:
            value = self.cursor.word(token, HEADS)
            self.cursor.put(head, (), word, value.value, value)

    def _evidence(self, token: Token, head: Table) -> None:
        found: Table = {"claim": self.cursor.text(token, HEADS)}
        place = self.cursor.append(head, (), "evidence", found, token)
        while self.cursor.comes():
            word = self.cursor.take()
            if word.value == "n":
                count = self.cursor.word(token, HEADS)
                self.cursor.put(found, place, "participants", amounts.count(count), count)
            elif word.value in {"from", "by"}:
                key = "source" if word.value == "from" else "funded_by"
                self.cursor.put(found, place, key, self.cursor.text(token, HEADS), word)
            else:
                raise odd(word, "does not belong to evidence", forms_of("evidence", HEADS), near=("from", "n", "by"))

    def _rest(self, token: Token, item: Table, place: Place) -> None:
        time = self.cursor.word(token, ITEMS)
        self.cursor.put(item, place, "rest_s", amounts.time_s(time, forms_of("rest", ITEMS)), time)
        while self.cursor.comes():
            word = self.cursor.take()
            if word.kind is not Kind.WORD or word.value.lower() not in {"title", "cue"}:
                raise odd(word, "does not belong to a rest", forms_of("rest", ITEMS), near=("title", "cue"))
            self._steps.said(word, item, place)

    def _repeat(self, token: Token, item: Table, place: Place, *, depth: int) -> None:
        rounds = self.cursor.word(token, ITEMS)
        self.cursor.put(item, place, "repeat", amounts.count(rounds), rounds)
        opened = self.cursor.take()
        if opened.kind is not Kind.OPEN:
            raise odd(opened, "is not the ( of a repeat", forms_of("repeat", ITEMS))
        if depth == MAX_DEPTH:
            raise odd(opened, "is nested too deeply", f"at most {MAX_DEPTH} repeats, one in the other")
        self._parts(item, (*place, "steps"), depth=depth + 1)
        if self.cursor.take().kind is not Kind.CLOSE:
            raise odd(opened, "has no end", "a ) after the last part of the repeat")

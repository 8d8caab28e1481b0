"""The reading of one step of a text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowtool.model.names import name_of
from glowtool.routine.text import amounts
from glowtool.routine.text.cursor import odd
from glowtool.routine.text.grammar import DIRECTIONS, OPTIONS, SIDES, STEP, TECHNIQUES, forms_of
from glowtool.routine.text.lexer import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from glowtool.kit.text.toml_lines import Place
    from glowtool.routine.text.cursor import Cursor, Table
    from glowtool.routine.text.lexer import Token

_SIDES: Final = {
    **{word.lower(): name_of(side) for word, side in SIDES.items()},
    **{name_of(side): name_of(side) for side in SIDES.values()},
}
_DIRECTIONS: Final = {
    **{word: name_of(direction) for word, direction in DIRECTIONS.items()},
    **{name_of(direction): name_of(direction) for direction in DIRECTIONS.values()},
}


class StepReader:
    """The reader of what a step says after its zone."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor
        self._options: Mapping[str, Callable[[Token, Table, Place], None]] = {
            "vib": self._vibration,
            "cur": self._current,
            "band": self._band,
            "ramp": self._ramp,
            "return": self._return,
            "title": self.said,
            "cue": self.said,
            "at": self._moment,
        }

    def read(self, step: Table, place: Place) -> None:
        """Read up to the end of the part."""
        while self._cursor.comes():
            token = self._cursor.take()
            if token.kind is Kind.TEXT:
                raise odd(token, "stands alone", 'title or cue before a text, as in cue "Up to the cheekbone"')
            word = token.value.lower()
            if word in self._options:
                self._options[word](token, step, place)
            elif (alone := _alone(word)) is not None:
                self._cursor.put(step, place, *alone, token)
            elif (rate := amounts.rate_per_min(token)) is not None:
                self._cursor.put(step, place, "strokes_per_min", rate, token)
            elif word[:1].isdigit():
                self._cursor.put(step, place, "duration_s", amounts.time_s(token, STEP.form), token)
            else:
                near = (*self._options, *SIDES, *_DIRECTIONS, *TECHNIQUES)
                options = ", ".join(self._options)
                allowed = f"{options}, a side, a direction, a technique, a time, or ; before the next part"
                raise odd(token, "is no word of a step", allowed, near=near)

    def said(self, token: Token, item: Table, place: Place) -> None:
        """Read the text of a title or a cue."""
        self._cursor.put(item, place, token.value.lower(), self._cursor.text(token, OPTIONS), token)

    def _vibration(self, token: Token, step: Table, place: Place) -> None:
        levels = amounts.vibration(self._cursor.word(token, OPTIONS), forms_of("vib", OPTIONS))
        self._cursor.put_table(step, place, "vibration", levels, token)

    def _current(self, token: Token, step: Table, place: Place) -> None:
        levels = amounts.current(self._cursor.word(token, OPTIONS), forms_of("cur", OPTIONS))
        self._cursor.put_table(step, place, "microcurrent", levels, token)

    def _band(self, token: Token, step: Table, place: Place) -> None:
        value = self._cursor.word(token, OPTIONS)
        self._cursor.put(step, place, "band_kpa", amounts.band_kpa(value, forms_of("band", OPTIONS)), value)

    def _ramp(self, token: Token, step: Table, place: Place) -> None:
        value = self._cursor.word(token, OPTIONS)
        self._cursor.put(step, place, "ramp_s", amounts.time_s(value, forms_of("ramp", OPTIONS)), value)

    def _return(self, token: Token, step: Table, place: Place) -> None:
        value = self._cursor.word(token, OPTIONS)
        self._cursor.put(step, place, "return", value.value.lower(), value)

    def _moment(self, token: Token, step: Table, place: Place) -> None:
        """Read what comes at one moment: levels are a keyframe, what is said is a timed cue."""
        moment = self._cursor.word(token, OPTIONS)
        at_s = amounts.time_s(moment, forms_of("at", OPTIONS))
        levels: amounts.Values = {}
        said = False
        while self._cursor.comes("vib", "cur", "say"):
            word = self._cursor.take()
            if word.value.lower() == "say":
                text = self._cursor.text(word, OPTIONS)
                self._cursor.append(step, place, "cues", {"at_s": at_s, "text": text}, moment)
                said = True
                continue
            found = self._levels(word)
            if levels.keys() & found.keys():
                raise odd(word, "comes a second time at this moment", "each level once")
            levels |= found
        if levels:
            keyframe: Table = {"at_s": at_s}
            where = self._cursor.append(step, place, "keyframes", keyframe, moment)
            self._cursor.fill(keyframe, where, levels)
        elif not said:
            raise odd(moment, "has nothing after it", forms_of("at", OPTIONS))

    def _levels(self, word: Token) -> amounts.Values:
        value, form = self._cursor.word(word, OPTIONS), forms_of("at", OPTIONS)
        if word.value.lower() == "vib":
            return amounts.keyframe_vibration(value, form)
        return amounts.keyframe_current(value, form)


def _alone(word: str) -> tuple[str, str] | None:
    """Return the key and the value of a word that stands alone."""
    if word in _SIDES:
        return "side", _SIDES[word]
    if word in _DIRECTIONS:
        return "direction", _DIRECTIONS[word]
    return ("technique", word) if word in TECHNIQUES else None

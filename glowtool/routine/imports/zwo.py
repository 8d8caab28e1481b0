"""ZWO, a workout of Zwift: blocks of power over time and sentences at moments, in XML."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Final

from glowtool.errors import InputError, MissingExtraError
from glowtool.problem import Problem
from glowtool.routine.imports.track import LATEST_S, Note, Point, Track, counted, stepped_apart
from glowtool.routine.imports.values import MOST_ITEMS, wrong

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

#: A block's power at its beginning and end, by its element: attributes in order of preference.
_LEVELS: Final = {
    "Warmup": (("PowerLow", "Power"), ("PowerHigh", "Power")),
    # A cool-down begins at its first attribute, whatever its name says.
    "Cooldown": (("PowerLow", "Power"), ("PowerHigh", "Power")),
    "Ramp": (("PowerLow", "Power"), ("PowerHigh", "Power")),
    "SteadyState": (("Power", "PowerHigh"), ("Power", "PowerLow")),
    "SolidState": (("Power", "PowerHigh"), ("Power", "PowerLow")),
}
_NOTE: Final = "textevent"
_MOST_REPEATS: Final = 1000


def read_zwo(text: str) -> Track:
    """Return a workout as a track: full power at threshold is full amplitude; raises `InputError`."""
    root = _root(text)
    kind = root.findtext("durationType") or "time"
    if kind.strip().casefold() == "distance":
        raise wrong(Problem(path="durationType", value=kind.strip(), what="is not supported", allowed="time"))
    workout = root.find("workout")
    if workout is None:
        raise wrong(Problem(path="workout", what="is missing", allowed="a ZWO file of Zwift"))
    reading = _Reading()
    for number, block in enumerate(workout):
        if len(reading.points) > MOST_ITEMS:
            raise wrong(Problem(path="workout", what="has too many blocks", allowed=f"at most {MOST_ITEMS}"))
        reading.take(block, f"workout[{number}] {block.tag[:40]}")
    title = (root.findtext("name") or "").strip()
    found = Track(stepped_apart(reading.points), title, tuple(sorted(reading.notes, key=lambda note: note.at_s)))
    return found.without(*reading.lost())


class _Reading:
    """The blocks read so far."""

    def __init__(self) -> None:
        self.points: list[Point] = []
        self.notes: list[Note] = []
        self._at_s = 0.0
        self._left_out: Counter[str] = Counter()

    def take(self, block: Element, path: str) -> None:
        """Read one block and the sentences in it."""
        if block.tag.casefold() == _NOTE:
            self._note(block, path, 0.0)
            return
        for inner in block:
            if inner.tag.casefold() == _NOTE:
                self._note(inner, path, self._at_s)
        if block.get("Cadence") or block.get("CadenceHigh"):
            self._left_out["cadence"] += 1
        if block.tag == "IntervalsT":
            self._intervals(block, path)
            return
        duration_s = _number(block, path, ("Duration",), LATEST_S)
        if block.tag in _LEVELS:
            begin, end = (self._power(block, path, names) for names in _LEVELS[block.tag])
            self._line(duration_s, begin, end)
        elif block.tag == "MaxEffort":
            self._line(duration_s, 1.0, 1.0)
        else:
            self._left_out["free" if block.tag in {"FreeRide", "Freeride"} else "unknown"] += 1
            self._line(duration_s, 0.0, 0.0)

    def lost(self) -> Iterator[str]:
        """Return what is left out, in words."""
        left = self._left_out
        if left["over"]:
            yield f"{counted(left['over'], 'power is', 'powers are')} over threshold, and held at full"
        if left["free"]:
            yield f"{counted(left['free'], 'free ride has', 'free rides have')} no power: the motor rests"
        if left["unknown"]:
            yield f"{counted(left['unknown'], 'block', 'blocks')} of unknown kinds: the motor rests"
        if left["cadence"]:
            yield f"{counted(left['cadence'], 'cadence is', 'cadences are')} left out"

    def _intervals(self, block: Element, path: str) -> None:
        repeats = int(_number(block, path, ("Repeat",), _MOST_REPEATS))
        on_s = _number(block, path, ("OnDuration",), LATEST_S)
        off_s = _number(block, path, ("OffDuration",), LATEST_S)
        on = self._power(block, path, ("OnPower", "PowerOnHigh", "PowerOnLow"))
        off = self._power(block, path, ("OffPower", "PowerOffHigh", "PowerOffLow"))
        for _ in range(repeats):
            self._line(on_s, on, on)
            self._line(off_s, off, off)

    def _power(self, block: Element, path: str, names: tuple[str, ...]) -> float:
        power = _number(block, path, names, 100.0)
        if power > 1:
            self._left_out["over"] += 1
        return min(power, 1.0)

    def _line(self, duration_s: float, begin: float, end: float) -> None:
        if self._at_s + duration_s > LATEST_S:
            raise wrong(Problem(path="workout", what="lasts longer than a day", allowed=f"{LATEST_S:g} s"))
        self.points.append(Point(self._at_s, begin))
        self._at_s += duration_s
        self.points.append(Point(self._at_s, end))

    def _note(self, note: Element, path: str, begin_s: float) -> None:
        message = " ".join((note.get("message") or "").split())
        if message:
            self.notes.append(Note(begin_s + _number(note, path, ("timeoffset",), LATEST_S, usual=0.0), message))


def _number(block: Element, path: str, names: tuple[str, ...], high: float, usual: float | None = None) -> float:
    name = next((name for name in names if name in block.attrib), None)
    if name is None:
        if usual is not None:
            return usual
        raise wrong(Problem(path=f"{path} {names[0]}", what="is missing", allowed=f"a number from 0 to {high:g}"))
    written = block.attrib[name]
    try:
        value = float(written)
    except ValueError:
        value = math.nan
    if not 0 <= value <= high:
        raise wrong(
            Problem(path=f"{path} {name}", value=repr(written[:60]), what="is not allowed", allowed=f"0 to {high:g}")
        )
    return value


def _root(text: str) -> Element:
    try:
        from defusedxml import DefusedXmlException  # noqa: PLC0415 - only this format needs the package
        from defusedxml.ElementTree import ParseError, fromstring  # noqa: PLC0415 - as above
    except ImportError as error:
        raise MissingExtraError(
            "a workout is read with the package defusedxml, which is not installed",
            advice="install it with `pip install 'glowtool[imports]'`",
        ) from error
    try:
        root: Element = fromstring(text, forbid_dtd=True)
    except DefusedXmlException as error:
        raise InputError("it declares entities or a document type, which no workout needs") from error
    except ParseError as error:
        line, column = error.position
        raise wrong(Problem(line=line, what=f"this is not XML, at column {column + 1}", allowed="")) from error
    if root.tag != "workout_file":
        raise wrong(Problem(path=root.tag[:60], what="is not a workout", allowed="workout_file"))
    return root

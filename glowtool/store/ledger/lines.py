"""The lines of a book of doses: their kinds, what each of them holds, and the doses that they come to."""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from glowtool.errors import StoreError
from glowtool.safety.day import Entry, Reading
from glowtool.safety.dose import NO_DOSE, WHOLE_DAY, Dose
from glowtool.store.bounds import NUMBER_MAX
from glowtool.store.chain.line import BROKEN
from glowtool.units import MICROSECONDS_PER_SECOND

if TYPE_CHECKING:
    from collections.abc import Iterable

    from glowtool.store.chain.line import Line

Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Micros = Annotated[int, Field(ge=-NUMBER_MAX, le=NUMBER_MAX)]


class LineKind(enum.StrEnum):
    """The kind of a line in a book of doses; `MEANING` describes it."""

    BEGUN = "begun"
    SETTLED = "settled"
    RECORDED = "recorded"
    GIVEN = "given"
    SEEN = "seen"


MEANING: Final = {
    LineKind.BEGUN: "a massage is about to begin: it counts as all that it may deliver, until it is settled",
    LineKind.SETTLED: "what a massage that was begun delivered, by the roller's own word",
    LineKind.RECORDED: "what a massage by the button delivered, by the roller's own record",
    LineKind.GIVEN: "a recorded massage turned out to be somebody's: it counts in that person's book from then on",
    LineKind.SEEN: "the clock was found set back, at this time by the new setting",
}


class Source(enum.StrEnum):
    """Where a dose is from."""

    SAMPLES = "samples"
    STATUSES = "statuses"
    RECORD = "record"
    PLAN = "plan"
    NOTHING = "nothing"


class _Content(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class DoseEntry(_Content):
    """A dose; the last two are upper estimates."""

    current_s: Annotated[Amount, Field(description="time with microcurrent, s")] = 0.0
    vibration_s: Annotated[Amount, Field(description="time with vibration, s")] = 0.0
    charge_mc: Annotated[Amount, Field(description="charge of both phases together, mC")] = 0.0
    shaking_m2_per_s3: Annotated[Amount, Field(description="weighted acceleration² × time, m²/s³")] = 0.0

    @classmethod
    def of(cls, dose: Dose) -> DoseEntry:
        """Return the entry of a dose, to the millisecond and the like."""
        return cls(**{name: round(getattr(dose, name), 6) for name in cls.model_fields})

    @property
    def dose(self) -> Dose:
        """The dose."""
        return Dose(self.current_s, self.vibration_s, self.charge_mc, self.shaking_m2_per_s3)


class Written(_Content):
    """When a line was written, by a clock that nobody sets."""

    boot: Annotated[str, Field(description="start of the computer that wrote it; empty where it does not tell")] = ""
    steady_s: Annotated[Amount, Field(description="time since that start, by a clock that nobody sets, s")] = 0.0


class Begun(Written):
    """A massage that is about to begin."""

    massage: Annotated[str, Field(description="id of its log")]
    roller: Annotated[str, Field(description="pseudonym of the roller")]
    routine: Annotated[str, Field(description="name of the routine")] = ""
    planned: Annotated[DoseEntry, Field(description="the most that it may deliver")]
    duration_s: Annotated[Amount, Field(description="time of all its steps, s")] = 0.0
    pid: Annotated[int, Field(description="process that runs it")] = 0
    process: Annotated[str, Field(description="start of that process; empty where the system does not tell")] = ""


class Settled(Written):
    """What a massage delivered."""

    massage: Annotated[str, Field(description="id of its log")]
    dose: DoseEntry
    source: Annotated[Source, Field(description="where that is from")]
    started_us: Annotated[Micros, Field(description="begin, unix µs")]
    ended_us: Annotated[Micros, Field(description="end, unix µs")]


class Recorded(Written):
    """What a massage by the button delivered."""

    massage: Annotated[str, Field(description="pseudonym of the record, the same however often it is fetched")]
    roller: Annotated[str, Field(description="pseudonym of the roller")]
    dose: DoseEntry
    started_us: Annotated[Micros | None, Field(description="begin, unix µs; null: the roller's clock was not set")]
    ended_us: Annotated[Micros | None, Field(description="end, unix µs; null: likewise")]
    routine: Annotated[str, Field(description="name of the routine, where it is known")] = ""


class Given(Written):
    """A recorded massage that turned out to be somebody's."""

    massage: Annotated[str, Field(description="pseudonym of the record")]


class Seen(Written):
    """The clock was found set back."""


#: What lines hold, by their kind.
CONTENTS: Final[dict[LineKind, type[Written]]] = {
    LineKind.BEGUN: Begun,
    LineKind.SETTLED: Settled,
    LineKind.RECORDED: Recorded,
    LineKind.GIVEN: Given,
    LineKind.SEEN: Seen,
}


@dataclass(frozen=True, slots=True)
class Massage:
    """One massage of a book: when it was, what it delivered or may still deliver, and where that is from.

    `started_us` and `ended_us` are None while it is not settled, and where a roller did not know the time.
    """

    massage: str
    roller: str
    routine: str
    dose: Dose
    source: Source | None
    written_us: int
    started_us: int | None
    ended_us: int | None


@dataclass(frozen=True, slots=True)
class Reckoning:
    """What the lines of a book come to: entries in their order, the massages, and those that are not settled.

    `anew`: why the book was begun anew, and when (unix µs); None: it never was.
    """

    entries: tuple[Entry, ...]
    massages: tuple[Massage, ...]
    open: tuple[tuple[Begun, int], ...]
    anew: tuple[str, int] | None = None


def content_of(line: Line) -> Written | None:
    """Return the content of a line; None for a kind of a later glowtool. Raises `StoreError` when it does not fit."""
    if line.kind not in CONTENTS:
        return None
    try:
        return CONTENTS[LineKind(line.kind)].model_validate_json(line.content)
    except ValidationError as error:
        raise StoreError(f"line {line.number} of the ledger cannot be read: {error.errors()[0]['msg']}") from error


def reckon(lines: Iterable[Line]) -> Reckoning:
    """Return what lines come to; a massage counts once, by its last line."""
    entries: list[Entry] = []
    places: dict[str, int] = {}
    massages: dict[str, Massage] = {}
    begun: dict[str, tuple[Begun, int]] = {}
    anew: tuple[str, int] | None = None
    for line in lines:
        if line.kind == BROKEN:
            anew = line.content, line.at_us
        content, at_us = content_of(line), line.at_us
        written = _written(content, at_us)
        # Every line shows when it was written, also one that adds no dose.
        entry = Entry(WHOLE_DAY if line.kind == BROKEN else NO_DOSE, written, written.unix_s)
        match content:
            case Begun():
                entry = Entry(content.planned.dose, written, None)
                begun[content.massage] = content, at_us
                massages[content.massage] = _open(content, at_us)
            case Settled():
                entry = Entry(content.dose.dose, written, _s(content.ended_us))
                first, _ = begun.pop(content.massage, (None, 0))
                massages[content.massage] = _settled(first, content, at_us)
            case Recorded():
                entry = Entry(content.dose.dose, written, min(_s(content.ended_us, at_us), written.unix_s))
                massages[content.massage] = _recorded(content, at_us)
            case Given():
                massages.pop(content.massage, None)
        if isinstance(content, Settled | Given) and content.massage in places:
            place = places[content.massage]
            entries[place] = replace(entries[place], dose=NO_DOSE, ended_s=entries[place].written.unix_s)
        if isinstance(content, Begun | Settled | Recorded):
            places[content.massage] = len(entries)
        entries.append(entry)
    return Reckoning(tuple(entries), tuple(massages.values()), tuple(begun.values()), anew)


def _written(content: Written | None, at_us: int) -> Reading:
    steady = ("", 0.0) if content is None else (content.boot, content.steady_s)
    return Reading(at_us / MICROSECONDS_PER_SECOND, *steady)


def _s(time_us: int | None, otherwise_us: int = 0) -> float:
    return (otherwise_us if time_us is None else time_us) / MICROSECONDS_PER_SECOND


def _open(begun: Begun, at_us: int) -> Massage:
    return Massage(begun.massage, begun.roller, begun.routine, begun.planned.dose, None, at_us, None, None)


def _settled(begun: Begun | None, settled: Settled, at_us: int) -> Massage:
    roller, routine = ("", "") if begun is None else (begun.roller, begun.routine)
    when = settled.started_us, settled.ended_us
    return Massage(settled.massage, roller, routine, settled.dose.dose, settled.source, at_us, *when)


def _recorded(found: Recorded, at_us: int) -> Massage:
    facts = found.massage, found.roller, found.routine, found.dose.dose, Source.RECORD
    return Massage(*facts, at_us, found.started_us, found.ended_us)

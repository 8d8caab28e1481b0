"""What must be true after the two weeks: everything that is kept agrees with what the electrodes delivered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from glowsim.evidence.record import read_delivered
from glowtool.app.ledger.doses import massages as doses_of
from glowtool.app.ledger.pseudonyms import record_of
from glowtool.app.logs.listing import massages as recorded
from glowtool.app.logs.listing import sessions
from glowtool.app.people.who import meant
from glowtool.app.plans import following
from glowtool.model.ending import Ending
from glowtool.routine.plans.course import Fate
from glowtool.safety.bounds import bounds_of
from glowtool.safety.day import Reading
from glowtool.store.audit.kinds import AuditKind
from glowtool.store.audit.trail import Trail
from support.life.diary import DAYS, END, PEOPLE, VISITS, Deed, Visit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.life.lived import Happened, Life

_SIGNS: Final = {Fate.DONE: "x", Fate.PARTLY: "/", Fate.MISSED: "-", Fate.REST: ".", Fate.DUE: "?"}
#: A tick of the virtual roller, and what samples at 200 Hz and their status may be off by.
_TICK_S: Final = 0.005
_NEAR_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class Delivered:
    """What electrode and motor did in a massage."""

    current_s: float
    vibration_s: float
    charge_mc: float
    most_ua: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """The complaints, and the figures that were compared."""

    complaints: tuple[str, ...]
    figures: tuple[str, ...]


def judge(life: Life) -> Verdict:
    """Compare plan, streak, ledger, audit and catalogue with the electrodes, and with the diary."""
    truth = {id(each): delivered(life, each) for each in life.happened}
    figures: list[str] = []
    complaints = [
        *_catalogue(life, truth),
        *_plans(life, figures),
        *_ledger(life, truth, figures),
        *_audit(life, figures),
        *_ceilings(life, truth, figures),
    ]
    return Verdict(tuple(complaints), tuple(figures))


def delivered(life: Life, happened: Happened) -> Delivered:
    """Return what the roller's electrode and motor did between begin and end of a visit."""
    rows = read_delivered(life.state_dir / f"roller-{happened.visit.roller}")
    rows = rows[(rows["unix_us"] >= happened.began_us) & (rows["unix_us"] <= happened.ended_us)]
    phases_uc = rows["charge_positive_uc"] + rows["charge_negative_uc"]
    charge_uc = np.sum(phases_uc * rows["current_hz"]) * _TICK_S
    return Delivered(
        float(np.count_nonzero(rows["peak_ua"])) * _TICK_S,
        float(np.count_nonzero(rows["drive_amplitude"])) * _TICK_S,
        float(charge_uc) / 1000,
        float(rows["peak_ua"].max(initial=0)),
    )


def _catalogue(life: Life, truth: dict[int, Delivered]) -> Iterator[str]:
    """Each visit left one log of its person, with its ending and its time, or one record; and nothing else is there."""
    logs = {entry.session_id: entry for entry in sessions(life.place())}
    visits = {each.session_id: each for each in life.happened if each.session_id}
    if logs.keys() != visits.keys():
        yield f"catalogue: {len(logs)} logs of {len(visits)} massages"
    for name in logs.keys() & visits.keys():
        manifest, happened = logs[name].manifest, visits[name]
        if manifest is None or manifest.ending is None:
            yield f"catalogue: {name} is not whole"
            continue
        wanted = {Deed.STOP: Ending.STOPPED, Deed.LINK_GONE: Ending.LINK_LOST}.get(
            happened.visit.deed, Ending.COMPLETED
        )
        worked_s = sum(span.end_us - span.start_us for span in manifest.steps) / 1e6
        moved_s = truth[id(happened)].vibration_s
        if manifest.ending is not wanted:
            yield f"catalogue: {name} ended {manifest.ending}, not {wanted}"
        if abs(worked_s - moved_s) > _NEAR_S and happened.visit.deed not in {Deed.LINK_BACK, Deed.LINK_GONE}:
            yield f"catalogue: the steps of {name} took {worked_s:.2f} s, the motor ran {moved_s:.2f} s"
        if manifest.person != life.ids[happened.visit.who]:
            yield f"catalogue: {name} is not {happened.visit.who}'s"
    by_button = [visit for visit in VISITS if visit.deed in {Deed.BUTTON, Deed.BUTTON_UNFETCHED}]
    kept = recorded(life.place())
    if len(kept) != len(by_button):
        yield f"catalogue: {len(kept)} massages by the button of {len(by_button)}"


def _plans(life: Life, figures: list[str]) -> Iterator[str]:
    """Each day of each plan is as the diary says, every massage counts for its person, and for one day at most."""
    for person in PEOPLE:
        found = following.progress(life.place(person.name), life.ids[person.name], END)
        fates = "".join(_SIGNS[day.fate] for day in found.course.days)
        score = found.score
        figures.append(
            f"{person.name:<5} {fates}  {score.done} of {score.due}, streak {score.streak}, longest {score.longest}"
        )
        if (fates, score.streak, score.longest) != (person.fates, person.streak, person.longest):
            yield f"plan: {person.name} has {figures[-1]}, not {person.fates}, {person.streak}, {person.longest}"
        counted = [massage for day in found.course.days for massage in day.massages]
        theirs = [visit for visit in VISITS if visit.who == person.name]
        if len(counted) + len(found.course.others) != len(theirs) or found.course.others:
            yield f"plan: {person.name} had {len(theirs)} massages, {len(counted)} count"
        if len(found.course.days) != DAYS:
            yield f"plan: {person.name} is at day {len(found.course.days)}"


def _ledger(life: Life, truth: dict[int, Delivered], figures: list[str]) -> Iterator[str]:
    """The book of each person has each of their massages once, with no less than the electrode delivered."""
    worst_s = 0.0
    for person in PEOPLE:
        who, place = life.ids[person.name], life.place(person.name)
        book = {each.massage: each for each in doses_of(place, who, Reading(END.timestamp()))}
        visits = [each for each in life.happened if each.visit.who == person.name]
        keys = _keys(life, visits)
        if book.keys() != set(keys.values()):
            yield f"ledger: {person.name} has {len(book)} massages in the book, and had {len(visits)}"
        for happened in visits:
            entry, real = book.get(keys[id(happened)]), truth[id(happened)]
            if entry is None:
                yield f"ledger: {_told(happened.visit)} is not in the book"
                continue
            dose = entry.dose
            for what, said, was in (
                ("current", dose.current_s, real.current_s), ("vibration", dose.vibration_s, real.vibration_s),
            ):  # fmt: skip
                worst_s = max(worst_s, abs(said - was))
                if not -0.05 <= said - was <= _NEAR_S:
                    yield f"ledger: {_told(happened.visit)}: {what} {said:.2f} s, at the electrode {was:.2f} s"
            if dose.charge_mc < real.charge_mc * 0.99:
                yield f"ledger: {_told(happened.visit)}: charge {dose.charge_mc:.1f} mC of {real.charge_mc:.1f} mC"
        total, real_s = (
            sum(each.dose.current_s for each in book.values()),
            sum(truth[id(each)].current_s for each in visits),
        )
        figures.append(f"{person.name:<5} current {total:.2f} s in the ledger, {real_s:.2f} s at the electrodes")
    figures.append(f"largest difference of one massage: {worst_s:.3f} s")


def _keys(life: Life, visits: list[Happened]) -> dict[int, str]:
    """Return under which id each visit is in a book: a log's own, or the pseudonym of a record."""
    records = {}
    for entry in recorded(life.place()):
        assert entry.massage is not None
        assert entry.massage.started_utc is not None
        records[round(entry.massage.started_utc.timestamp())] = record_of(life.place(), entry.massage_id)
    found = {}
    for each in visits:
        near = [key for at_s, key in records.items() if each.began_us <= at_s * 1_000_000 + 1_000_000 <= each.ended_us]
        found[id(each)] = each.session_id or (near[0] if near else "")
    return found


def _audit(life: Life, figures: list[str]) -> Iterator[str]:
    """The audit is whole, and has a line for each begin, end and stop."""
    proof = Trail(life.place().audit_dir).prove()
    if proof.fault is not None:
        yield f"audit: {proof.fault}"
    kinds = [line.kind for line in proof.lines]
    figures.append(
        f"audit: {len(kinds)} lines, " + ", ".join(f"{kind} {kinds.count(kind)}" for kind in sorted(set(kinds)))
    )
    runs = sum(each.session_id is not None for each in life.happened)
    for kind, wanted in ((AuditKind.STARTED, runs), (AuditKind.ENDED, runs), (AuditKind.FETCHED, 2)):
        if kinds.count(kind) != wanted:
            yield f"audit: {kinds.count(kind)} lines of kind {kind}, not {wanted}"
    if AuditKind.LINK not in kinds:
        yield "audit: no lost link"


def _ceilings(life: Life, truth: dict[int, Delivered], figures: list[str]) -> Iterator[str]:
    """No electrode gave more than the person's bounds, and none at all to whoever may have none."""
    for person in PEOPLE:
        most = max(truth[id(each)].most_ua for each in life.happened if each.visit.who == person.name)
        figures.append(f"{person.name:<5} at most {most:.0f} µA")
        allowed = bounds_of(meant(life.place(person.name)).person, END.toordinal()).peak_ua
        if most > allowed:
            yield f"electrode: {person.name} had {most:.0f} µA of {allowed:.0f} µA"


def _told(visit: Visit) -> str:
    return f"{visit.who} on day {visit.day} at {visit.at}"

"""Everything that is kept of a person, as one JSON object for that person to take away."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from glowtool.app.people.erasing import logs_of_person
from glowtool.app.people.parts import PARTS
from glowtool.app.people.who import people_of
from glowtool.safety.screening import BY_FLAG
from glowtool.store.exports.target import write_to
from glowtool.store.logs.catalogue import list_sessions

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from glowtool.app.place import Place
    from glowtool.store.logs.catalogue import SessionEntry
    from glowtool.store.people.people import KnownPerson
    from glowtool.store.people.profile import Profile

FORMAT_VERSION: Final = 1


def portrait_of(place: Place, known: KnownPerson) -> dict[str, object]:
    """Return everything kept of a person: the profile, the screening in words, a line for each log, and other parts."""
    profile = people_of(place).profile(known)
    mine = set(logs_of_person(place, known).sessions)
    return {
        "format_version": FORMAT_VERSION,
        "name": known.name,
        "id": known.id,
        "since_utc": known.since_utc.isoformat(),
        "profile": profile.model_dump(mode="json", exclude={"format_version", "answers"}),
        "screening": _answers(profile),
        "logs": [_log(entry) for entry in list_sessions(place.logs_dir) if entry.session_id in mine],
        **{part.name: part.told(place, known) for part in PARTS},
    }


def portrait_text(told: Mapping[str, object]) -> str:
    """Return a portrait as the text of a file."""
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def keep_portrait(told: Mapping[str, object], target: Path, *, force: bool) -> None:
    """Write a portrait to a file that a person named; raises the errors of `write_to`."""
    write_to(target, lambda stream: stream.write(portrait_text(told).encode()), force=force)


def _answers(profile: Profile) -> list[dict[str, object]]:
    return [
        {"flag": flag.value, "question": BY_FLAG[flag].asks, "reply": given.reply.value, "on": given.on.isoformat()}
        for flag, given in profile.answers.items()
    ]


def _log(entry: SessionEntry) -> dict[str, object]:
    facts = entry.facts
    if facts is None:
        return {"session_id": entry.session_id, "path": str(entry.path), "problem": entry.problem}
    return {
        "session_id": entry.session_id,
        "path": str(entry.path),
        "started_utc": facts.started_utc.isoformat(),
        "ended_utc": None if facts.ended_utc is None else facts.ended_utc.isoformat(),
        "ending": None if facts.ending is None else facts.ending.value,
        "routine": facts.routine,
        "roller": facts.device,
    }

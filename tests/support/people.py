"""People for tests: one line gives a data folder somebody who was screened and is past the gentle start."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from glowtool.app.people.who import today
from glowtool.safety.screening import Flag, Reply
from glowtool.store.people.people import People

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.store.people.people import KnownPerson

#: More days with massages than the gentle start looks at.
_DAYS = 10


def screened(data_dir: Path, name: str = "Ann", *, new: bool = False, **replies: Reply) -> KnownPerson:
    """Enter a person who says no to all but `replies`, by the names of flags; `new`: without a massage so far."""
    people, day = People(data_dir), today()
    known = people.add(name, datetime.now(UTC))
    said = {flag: replies.get(flag.name.lower(), Reply.NO) for flag in Flag}
    before = () if new else tuple(day - timedelta(days=back) for back in range(_DAYS, 0, -1))
    people.change(known, lambda profile: profile.answering(said, day).model_copy(update={"days": before}))
    return known

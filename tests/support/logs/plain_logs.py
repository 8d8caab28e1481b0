"""Logs as a plan sees them: by their manifests alone."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from glowtool.model.ending import Ending
from glowtool.store.routines.load import load_routine
from glowtool.store.tables.entries import StepSpan
from glowtool.store.tables.manifest import write_manifest
from glowtool.store.tables.state import LogState
from support.logs.sessions import manifest

if TYPE_CHECKING:
    from datetime import datetime

    from glowtool.app.place import Place


def keep_log(
    place: Place, started: datetime, routine: str = "evening-calm", *, share: float = 1.0, person: str | None = None
) -> str:
    """Leave the log of a massage of which that share was done, by whose pseudonym if any, and return its id."""
    loaded = load_routine(routine)
    session_id = f"{started:%Y%m%dT%H%M%SZ}-000000"
    worked_us = round(loaded.duration_s * share * 1e6)
    folder = place.logs_dir / session_id
    folder.mkdir(parents=True)
    write_manifest(
        folder,
        manifest(session_id).model_copy(
            update={
                "state": LogState.FINISHED,
                "started_utc": started,
                "person": person,
                "ended_utc": started + timedelta(seconds=loaded.duration_s),
                "ending": Ending.COMPLETED if share == 1 else Ending.STOPPED,
                "routine": loaded.model_dump(mode="json"),
                "steps": (StepSpan(index=0, start_us=0, end_us=worked_us),),
            }
        ),
    )
    return session_id

"""Massages by the button, in words for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowtool.cli.terminal.text import duration_text
from glowtool.kit.text.local_time import local_time
from glowtool.store.ending_words import ending_words

if TYPE_CHECKING:
    from glowtool.store.rollers.massages import KeptMassage, MassageEntry


def massage_facts(massage: KeptMassage) -> dict[str, object]:
    """Return the fields that every JSON object of a massage by the button has."""
    return {
        "massage_id": massage.massage_id,
        "record": massage.record,
        "started_utc": None if massage.started_utc is None else massage.started_utc.isoformat(),
        "duration_s": round(massage.duration_s, 3),
        "ending": massage.ending,
    }


def massage_line(massage: KeptMassage) -> str:
    """Return a massage in one line: id, start, duration, ending."""
    _, started, duration, ending = _cells(massage)
    return f"{massage.massage_id}, {started}, {duration}, {ending}"


def massage_row(entry: MassageEntry) -> tuple[str, ...]:
    """Return the table cells of a massage; the cells of an unreadable one say why."""
    if entry.massage is None:
        return entry.massage_id, "–", "–", f"unreadable: {entry.problem}"
    return _cells(entry.massage)


def _cells(massage: KeptMassage) -> tuple[str, str, str, str]:
    started = "at a time unknown" if massage.started_utc is None else local_time(massage.started_utc)
    return massage.massage_id, started, duration_text(massage.duration_s), ending_words(massage.ending)

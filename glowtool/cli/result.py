"""How a massage or a recording ended, as its command tells it last: a JSON object, or notes for people."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Final, Protocol

from glowtool.model.event import Topic, notes_in

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.cli.terminal.output import Printer
    from glowtool.model.ending import Ending
    from glowtool.store.logs.log import SessionLog
    from glowtool.stream.arrivals import Books

#: What a note of the log is followed by, where it says something to a person.
_NOTED: Final = {Topic.ZERO: "", Topic.CLOCK: " meanwhile; the times in the log go on evenly"}


class Ended(Protocol):
    """What is known of everything that ended."""

    @property
    def ending(self) -> Ending:
        """The kind of its end."""
        ...

    @property
    def reason(self) -> str:
        """Why it ended, in words."""
        ...

    @property
    def confirmed(self) -> bool:
        """Whether the roller itself said that its outputs are zero."""
        ...

    @property
    def losses(self) -> int:
        """How often the connection was lost."""
        ...

    @property
    def counters(self) -> Books:
        """The account of its frames."""
        ...


def result_object(ended: Ended, **more: object) -> dict[str, object]:
    """Return the last JSON object of a command; `more` is what only this command tells."""
    return {
        "type": "result",
        "ending": ended.ending.value,
        "reason": ended.reason,
        "confirmed": ended.confirmed,
        "losses": ended.losses,
        "counters": asdict(ended.counters),
        **more,
    }


def print_notes(output: Printer, log: SessionLog, losses: int) -> None:
    """Print what a person should know of a finished log."""
    if losses:
        times = "once" if losses == 1 else f"{losses} times"
        output.note(f"The connection was lost {times}; the log has no samples from these gaps.")
    for note in notes_in(log.events()):
        if note.topic in _NOTED:
            output.note(f"Note: {note.words}{_NOTED[note.topic]}.")


def print_place(output: Printer, path: Path | None) -> None:
    """Print where the log is, and what to do with it."""
    output.note(f"Log: {path}")
    output.note("Next: `glowtool analyze last` for the report.")

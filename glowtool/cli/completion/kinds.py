"""What a word of a command line may be."""

from __future__ import annotations

import enum


class Kind(enum.Enum):
    """What an argument or an option's value names."""

    TEXT = "text"
    CHOICE = "choice"
    FILE = "file"
    FOLDER = "folder"
    ROUTINE = "routine"
    ROLLER = "roller"
    SESSION = "session"
    PERSON = "person"
    PLAN = "plan"

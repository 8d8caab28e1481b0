"""The ways in which a massage ends."""

import enum


class Ending(enum.StrEnum):
    """The reason why a session ended."""

    COMPLETED = "completed"
    STOPPED = "stopped"
    LINK_LOST = "link_lost"
    INTERLOCK = "interlock"
    REFUSED = "refused"
    CRASHED = "crashed"

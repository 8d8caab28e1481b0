"""The ways in which a massage ends."""

import enum


class Ending(enum.StrEnum):
    """Why a session ended."""

    COMPLETED = "completed"
    STOPPED = "stopped"
    LINK_LOST = "link_lost"
    INTERLOCK = "interlock"
    REFUSED = "refused"
    CRASHED = "crashed"

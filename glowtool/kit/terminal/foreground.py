"""The job that owns a terminal at present."""

from __future__ import annotations

import os


def in_foreground(descriptor: int) -> bool:
    """Return whether this process may use a terminal; a job in the background leaves it to the shell."""
    if not hasattr(os, "tcgetpgrp"):
        return True
    try:
        return os.tcgetpgrp(descriptor) == os.getpgrp()
    except OSError:
        # It is not our controlling terminal, so no shell hands it from job to job; or it is gone.
        return True

"""A routine's fingerprint, by which a log identifies the routine that was run."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from glowtool.routine.models import Routine


def routine_digest(routine: Routine) -> str:
    """Return the SHA-256 of a routine's content, in hex.

    Layout, comments and the order of keys in its file do not count, nor does what it leaves at its default.
    """
    content = routine.model_dump(mode="json", exclude_defaults=True)
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()

"""A full disk, in place of any function that writes."""

from __future__ import annotations

import errno
from typing import Never


def full_disk(*_: object) -> Never:
    raise OSError(errno.ENOSPC, "No space left on device")

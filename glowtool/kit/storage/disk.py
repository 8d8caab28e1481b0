"""Advice for a person when a disk cannot be read or written."""

from __future__ import annotations

import errno
from typing import Final

_ADVICE: Final = {
    errno.ENOSPC: "free some space on the disk",
    errno.EDQUOT: "free some space: the quota is used up",
    errno.EFBIG: "the largest file size allowed here is reached; raise the limit",
    errno.EACCES: "make the folder readable and writable for you",
    errno.EPERM: "make the folder readable and writable for you",
    errno.EROFS: "choose a data folder on a disk that can be written, with --data-dir",
}


def advice_for(error: OSError, otherwise: str = "") -> str:
    """Return the advice for an error of the disk; `otherwise` if there is nothing better."""
    return _ADVICE.get(error.errno or 0, otherwise)

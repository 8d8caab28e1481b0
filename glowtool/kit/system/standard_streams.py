"""Standard streams as they ought to be when a command begins, whatever it was started with."""

from __future__ import annotations

import io
import os
import sys
from typing import Final

_STREAMS: Final = (("stdin", "r"), ("stdout", "w"), ("stderr", "w"))


def mend_streams() -> None:
    """Put the null device where a stream was closed, and let no character stop one that cannot encode it.

    What is written to standard output is what was asked for: one that was closed takes nothing, with an error. Nobody
    is told less for want of standard error.
    """
    for name, mode in _STREAMS:
        stream = getattr(sys, name)
        if stream is None:
            # Opened in this order, each takes the lowest free number: that of the stream that is missing.
            descriptor = os.open(os.devnull, os.O_WRONLY if name == "stderr" else os.O_RDONLY)
            setattr(sys, name, open(descriptor, mode, encoding="utf-8"))  # noqa: PTH123, SIM115 - open to the end
        elif mode == "w" and isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")

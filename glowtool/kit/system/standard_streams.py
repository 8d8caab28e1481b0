"""Usable standard streams for a command, whatever it was started with."""

from __future__ import annotations

import io
import os
import sys
from typing import Final

_STREAMS: Final = (("stdin", "r"), ("stdout", "w"), ("stderr", "w"))


def mend_streams() -> None:
    """Replace closed streams by the null device, and let no character stop a stream that cannot encode it.

    Standard output carries the result: if it was closed, writing to it is an error. A closed standard error stops
    nothing.
    """
    for name, mode in _STREAMS:
        stream = getattr(sys, name)
        if stream is None:
            # Opened in this order, each takes the lowest free number: that of the missing stream.
            descriptor = os.open(os.devnull, os.O_WRONLY if name == "stderr" else os.O_RDONLY)
            setattr(sys, name, open(descriptor, mode, encoding="utf-8"))  # noqa: PTH123, SIM115 - open to the end
        elif mode == "w" and isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")

"""A roller and a computer in processes of their own, paired, and a routine of six seconds for them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from support.processes.console import Host, served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.processes.console import Served

ROUTINE = """
name = "short"
title = "Short"
goal = "introduction"
description = "Two short steps."
""" + "".join(
    f"""
[[steps]]
title = "{title}"
zone = "{zone}"
direction = "upward"
duration_s = 3
ramp_s = 4
band_kpa = [2.0, 5.0]
cue = "Roll slowly upward"
vibration = {{ amplitude_percent = 30, frequency_hz = 75, pattern = "steady" }}
"""
    for title, zone in (("Left cheek", "cheek-left"), ("Right cheek", "cheek-right"))
)


@contextmanager
def pair_of(folder: Path) -> Iterator[tuple[Host, Served]]:
    """A roller in a process of its own, with a console, and a computer that is paired with it."""
    (folder / "short.toml").write_text(ROUTINE, "utf-8")
    with served(folder / "roller") as roller:
        host = Host(folder / "data", roller.adapter)
        with host.running("pair", "--json") as pairing:
            pairing.wait_for("^Passkey \\(", on_stderr=True)
            pairing.type(roller.passkey)
            assert pairing.finish().status == 0
        yield host, roller

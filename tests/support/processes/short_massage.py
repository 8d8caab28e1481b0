"""A roller and a computer in processes of their own, paired, and a routine of six seconds for them."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from support.people import screened
from support.processes.console import Host, served
from support.processes.routine_file import BOTH, routine_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.processes.console import Served


@contextmanager
def pair_of(folder: Path) -> Iterator[tuple[Host, Served]]:
    """Yield a computer and a roller in a process of its own that are paired with each other."""
    routine_file(folder, 3, BOTH)
    with served(folder / "roller") as roller:
        host = Host(folder / "data", roller.adapter)
        with host.running("pair", "--json") as pairing:
            pairing.wait_for("^Passkey \\(", on_stderr=True)
            pairing.type(roller.passkey)
            assert pairing.finish().status == 0
        screened(host.data_dir)
        yield host, roller

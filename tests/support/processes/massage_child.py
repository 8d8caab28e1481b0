"""A host to be killed: runs a massage of twenty seconds and says on standard output when the outputs are on.

Arguments: adapter specification, folder. The bond must be there.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from glowtool.model.face import Zone
from glowtool.session.decide.plan import Unseen
from glowtool.session.do.runner import Session
from support.stack.massage import paired_roller, step

if TYPE_CHECKING:
    from glowtool.protocol.status import Status
    from glowtool.session.decide.plan import SessionStart


class Telling(Unseen):
    """Prints where the log is, and each status with outputs."""

    def began(self, start: SessionStart) -> None:
        print(start.path, flush=True)  # noqa: T201 - the parent reads it

    def status(self, status: Status) -> None:
        if not status.outputs.zero:
            print("on", status.massage_elapsed_ms, flush=True)  # noqa: T201 - as above


async def main(spec: str, folder: Path) -> None:
    async with paired_roller(folder, spec) as bench:
        await Session(bench.plan(step(Zone.CHEEK_LEFT, 20_000)), Telling()).run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))

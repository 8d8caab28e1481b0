"""A host to be killed, which runs a massage of twenty seconds and says when its outputs are on.

Arguments: adapter specification, folder. The bond must be there.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from glowtool.model.face import Zone
from glowtool.model.status import Status
from glowtool.session.do.runner import Session
from glowtool.session.news import Began
from support.stack.massage import paired_roller, step

if TYPE_CHECKING:
    from glowtool.session.news import MassageNews


def tell(news: MassageNews) -> None:
    """Print where the log is, and each status with outputs."""
    if isinstance(news, Began):
        print(news.path, flush=True)  # noqa: T201 - the parent reads it
    elif isinstance(news, Status) and not news.levels.zero:
        print("on", news.massage_elapsed_ms, flush=True)  # noqa: T201 - as above


async def main(spec: str, folder: Path) -> None:
    async with paired_roller(folder, spec) as bench:
        await Session(bench.plan(step(Zone.CHEEK_LEFT, 20_000))).run(tell)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))

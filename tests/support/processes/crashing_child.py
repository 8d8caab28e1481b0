"""A process that finishes copies of a log and dies in the middle, a little later each time.

`python crashing_child.py JOURNAL COPIES`: copies the folder JOURNAL to COPIES/0, COPIES/1 … and finishes each in a
child that exits without ceremony right before its n-th change of a file (open, rename, remove). It ends when a child
came through, and prints how many died.
"""

from __future__ import annotations

import os
import shutil
import sys
from itertools import count
from pathlib import Path

# Loaded before the fork, so that no child has to; nothing of Arrow runs in this process.
import pyarrow.parquet

from glowtool.model.ending import Ending
from glowtool.store.journal.journal import Checkpoint
from glowtool.store.tables.finish import finish
from glowtool.stream.arrivals import Books
from support.logs.sessions import ENDED

assert pyarrow.parquet.read_table is not None
EVENTS = {"open", "os.rename", "os.remove"}
DIED = 9


def finish_until(folder: Path, changes: int) -> None:
    seen = 0

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal seen
        if event in EVENTS and str(folder) in str(arguments[0]):
            seen += 1
            if seen > changes:
                os._exit(DIED)

    sys.addaudithook(watch)
    finish(folder, Ending.COMPLETED, ENDED, Checkpoint(Books(sent=60, received=60), None))
    os._exit(0)


def main(journal: Path, copies: Path) -> None:
    for changes in count():
        folder = copies / str(changes)
        shutil.copytree(journal, folder)
        child = os.fork()
        if child == 0:
            finish_until(folder, changes)
        _, status = os.waitpid(child, 0)
        if os.waitstatus_to_exitcode(status) == 0:
            sys.stdout.write(f"{changes}\n")
            return
        assert os.waitstatus_to_exitcode(status) == DIED


main(Path(sys.argv[1]), Path(sys.argv[2]))

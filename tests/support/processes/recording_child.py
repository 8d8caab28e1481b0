"""A process that records until it is killed or the disk is full.

`python recording_child.py LOGS LIMIT`: makes a log under LOGS; LIMIT is the largest file size in bytes, 0 for none.
It prints, line by line: the session's folder; the number of samples appended so far, before each sync that is due; and
at a failure "failed", the error's class, the last number that was synced, and the message.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path

from glowtool.errors import GlowtoolError
from glowtool.store.journal.journal import Journal
from support.logs.framed import FramedPipeline
from support.logs.sessions import manifest
from support.logs.streams import HOST_US, RATE_HZ, fast_frames, rolled


def say(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def main(logs: Path, limit: int) -> None:
    """Record with the time of the samples as the clock, as fast as the machine allows."""
    frames = fast_frames(rolled(600 * RATE_HZ))
    pipeline = FramedPipeline()
    journal = Journal.create(logs, manifest())
    say(journal.folder)
    if limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    appended = synced = 0
    for number, frame in enumerate(frames):
        output = pipeline.feed(frame, HOST_US + 50_000 * (number + 1))
        try:
            journal.append_output(output)
            appended += len(output.samples["sample"])
            say(appended)
            if journal.sync(number * 0.05, pipeline.checkpoint):
                synced = appended
        except GlowtoolError as error:
            say("failed", type(error).__name__, synced, error)
            journal.close()
            return


main(Path(sys.argv[1]), int(sys.argv[2]))

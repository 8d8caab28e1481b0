"""A log on disk: its size against raw samples and against CSV."""

from __future__ import annotations

import io
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from glowtool.model.ending import Ending
from glowtool.store.journal.journal import Journal
from glowtool.store.tables.finish import finish
from measure.bench.rows import Row
from measure.speed.hand import RATE_HZ, channels, stroking
from support.logs.framed import FramedPipeline
from support.logs.sessions import manifest
from support.logs.streams import HOST_US, fast_frames

_PER_FRAME = 20


def size(seconds: int) -> list[Row]:
    """Compare the bytes of a finished log of all nine channels, per hour."""
    raw = stroking(seconds * RATE_HZ, channels())
    with tempfile.TemporaryDirectory() as temporary:
        journal, pipeline = Journal.create(Path(temporary), manifest()), FramedPipeline()
        for number, frame in enumerate(fast_frames(raw, per_frame=_PER_FRAME)):
            journal.append_output(pipeline.feed(frame, HOST_US + 100_000 * (number + 1)))
        journal.append_output(pipeline.finish(None))
        journal.close(pipeline.checkpoint)
        finish(journal.folder, Ending.COMPLETED, datetime.now(UTC), pipeline.checkpoint)
        ours = sum(path.stat().st_size for path in journal.folder.iterdir())
    bare = 2 * len(raw.dtype.names or ()) * len(raw)
    text = io.BytesIO()
    np.savetxt(text, np.stack([raw[name] for name in raw.dtype.names or ()], axis=1), fmt="%d", delimiter=",")
    work = "a finished log: raw counts, values in SI units, contact, strokes, manifest"
    return [
        Row("size", "of an hour, against raw samples", work, "each sample as an int16", ours / bare, 0.5),
        Row("size", "of an hour, against CSV", work, "the raw counts as CSV", ours / len(text.getvalue())),
    ]

"""The names of a log's files, for code that looks for them without loading Arrow."""

from __future__ import annotations

from typing import Final

MANIFEST_NAME: Final = "manifest.json"

SAMPLES_NAME: Final = "samples.arrows"
EVENTS_NAME: Final = "events.arrows"
JOURNAL_FILES: Final = (EVENTS_NAME, SAMPLES_NAME)

SAMPLES_FILE: Final = "samples.parquet"
STROKES_FILE: Final = "strokes.parquet"
EVENTS_FILE: Final = "events.parquet"
DATA_FILES: Final = (SAMPLES_FILE, STROKES_FILE, EVENTS_FILE)

REPORT_FILE: Final = "report.html"

#: The prefix of a journal's file that is set aside because it is damaged.
ASIDE: Final = "damaged-"

"""Reports on a log: its analysis, and a page for the browser."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from glowtool.analysis.analyse import analyse
from glowtool.analysis.log import analyse_log, recording_of
from glowtool.analysis.number_text import number_text
from glowtool.analysis.report.page import render_html
from glowtool.analysis.report.series import series_of
from glowtool.analysis.tables import key_figures
from glowtool.app.logs.exporting import session_folder
from glowtool.kit.storage.files import storing, write_atomic
from glowtool.store.exports.registry import told_nobody
from glowtool.store.logs.log import SessionLog
from glowtool.store.names import REPORT_FILE

if TYPE_CHECKING:
    from pathlib import Path

    from glowtool.analysis.recordings.recording import Recording
    from glowtool.analysis.summary import SessionSummary
    from glowtool.app.place import Place
    from glowtool.store.exports.registry import Advance

#: What of the time has passed by then, for a massage of twenty minutes.
_OPENED: Final = 0.1
_READ: Final = 0.3

__all__ = ["Analysed", "analysed", "key_figures", "number_text", "summary_of"]


@dataclass(frozen=True, slots=True)
class Analysed:
    """A log's folder, its recording, and the result of the analysis."""

    folder: Path
    recording: Recording
    summary: SessionSummary

    def report(self) -> Path:
        """Write the report into the folder of the log and return its path; raises `StoreError`."""
        return write_report(self.folder, render_html(self.summary, series_of(self.recording)))


def summary_of(folder: Path) -> tuple[SessionLog, SessionSummary]:
    """Open and analyse a log that was just written, so its checksums need no check."""
    log = SessionLog.open(folder, verify=False)
    return log, analyse_log(log)


def analysed(place: Place, session: str = "last", advance: Advance = told_nobody) -> Analysed:
    """Analyse a log, named by its id, the beginning of its id, `last`, or its path; say how far it has come.

    Raises `LogNotFoundError`, `LogDamagedError`.
    """
    folder = session_folder(place, session)
    log = SessionLog.open(folder)
    advance(_OPENED)
    recording = recording_of(log)
    advance(_READ)
    summary = analyse(recording)
    advance(1.0)
    return Analysed(folder, recording, summary)


def write_report(folder: Path, page: str) -> Path:
    """Write a report into a session's folder, readable by its owner only, and return its path; raises `StoreError`.

    The file is complete, or the earlier one is untouched.
    """
    target = folder / REPORT_FILE
    with storing(f"write the report {target}", kept="the log itself is untouched"):
        write_atomic(target, lambda stream: stream.write(page.encode("utf-8")))
    return target

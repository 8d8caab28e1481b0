"""Putting the report beside the log, whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Final

from glowtool.errors import StoreError

REPORT_NAME: Final = "report.html"


def report_path(folder: Path) -> Path:
    """Return where the report of a session's folder stands."""
    return folder / REPORT_NAME


def write_report(folder: Path, page: str) -> Path:
    """Write a report into a session's folder, readable by its owner only, and return its path; raises `StoreError`.

    The file is complete or the one before it is untouched.
    """
    target = report_path(folder)
    try:
        # mkstemp creates the file with mode 0600.
        handle, name = tempfile.mkstemp(dir=folder, prefix=".report-", suffix=".tmp")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                file.write(page)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise StoreError(
            f"the report {target} cannot be written: {error.strerror or error}; is the disk full?"
        ) from error
    return target

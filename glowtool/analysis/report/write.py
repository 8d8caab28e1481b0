"""The writing of the report beside the log, whole or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowtool.kit.storage.files import storing, write_atomic
from glowtool.store.names import REPORT_FILE

if TYPE_CHECKING:
    from pathlib import Path


def report_path(folder: Path) -> Path:
    """Return the path of the report in a session's folder."""
    return folder / REPORT_FILE


def write_report(folder: Path, page: str) -> Path:
    """Write a report into a session's folder, readable by its owner only, and return its path; raises `StoreError`.

    The file is complete, or the earlier one is untouched.
    """
    target = report_path(folder)
    with storing(f"write the report {target}", kept="the log itself is untouched"):
        write_atomic(target, lambda stream: stream.write(page.encode("utf-8")))
    return target

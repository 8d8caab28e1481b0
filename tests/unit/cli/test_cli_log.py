"""The log prints one line for each record, and tracebacks only for those who asked for more."""

from __future__ import annotations

import logging

import pytest

from glowtool.cli.runtime import _OneLine


@pytest.mark.parametrize("traces", [False, True])
def test_a_failure_in_the_event_loop_is_a_traceback_only_where_more_was_asked_for(*, traces: bool) -> None:
    error = PermissionError(1, "Operation not permitted\x9b")
    info = (PermissionError, error, None)
    record = logging.LogRecord("asyncio", logging.ERROR, "", 1, "Exception in callback\nhandle: 6", (), info)
    first, *more = _OneLine("%(levelname)s: %(message)s", traces=traces).format(record).split("\n")
    assert first.count("PermissionError") == (not traces)
    assert "Exception in callback\\nhandle: 6" in first
    assert "\x9b" not in first
    assert bool(more) is traces

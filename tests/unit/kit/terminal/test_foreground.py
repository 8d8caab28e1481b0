"""The owner of a terminal: the job in the foreground, and of a terminal that halts nobody, everybody."""

from __future__ import annotations

import os
import pty

import pytest

from glowtool.kit.terminal.foreground import in_foreground


def test_a_terminal_that_is_not_the_controlling_one_is_handed_from_job_to_job_by_nobody() -> None:
    ours, theirs = pty.openpty()
    assert in_foreground(theirs)
    for descriptor in (ours, theirs):
        os.close(descriptor)
    assert in_foreground(theirs), "gone"


@pytest.mark.parametrize(("group", "whether"), [(0, True), (1, False)])
def test_another_job_s_terminal_is_left_to_it(group: int, *, whether: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "tcgetpgrp", lambda _terminal: os.getpgrp() + group)
    assert in_foreground(0) is whether

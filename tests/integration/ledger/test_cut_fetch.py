"""A fetch that is cut, at whatever frame and however, leaves each record once, intact, counted once, in the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.stack.cut_fetch import Cut, cut_at, frames_of, prepare

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prepared") / "all"
    folder.mkdir()
    prepare(folder)
    return folder


#: Where each cut hurts: in the middle of the longer record, and at the answer to the deletion.
SAMPLES = (
    (Cut.LINK, 27),
    (Cut.LINK, 35),
    (Cut.KILLED, 28),
    (Cut.KILLED, 35),
    (Cut.FULL, 19),
    (Cut.POWER, 29),
    (Cut.OTHER, 26),
)


@pytest.mark.parametrize(("cut", "frame"), SAMPLES)
def test_each_record_is_there_once_whatever_cut_its_fetch(prepared: Path, tmp_path: Path, cut: Cut, frame: int) -> None:
    came = cut_at(prepared, tmp_path / "cut", cut, frame)
    assert came.wrong == ()
    assert came.asked_twice <= 1, "what is here is not asked for again"
    assert (came.commands == 1) == (cut in {Cut.LINK, Cut.POWER, Cut.OTHER}), came.first


@pytest.mark.long
@pytest.mark.parametrize("cut", Cut)
def test_each_record_is_there_once_at_whatever_frame_its_fetch_was_cut(
    prepared: Path, tmp_path: Path, cut: Cut
) -> None:
    frames = frames_of(prepared, tmp_path / "whole")
    came = [cut_at(prepared, tmp_path / str(frame), cut, frame) for frame in range(frames)]
    assert [(frame, each) for frame, each in enumerate(came) if each.wrong or each.asked_twice > 1] == []

"""What the books report is what was done to the frames, exactly, on all connections and by each stage."""

from __future__ import annotations

import pytest

from support.device.books import accounted


@pytest.mark.parametrize("seed", range(16))
def test_the_books_report_exactly_what_was_done_to_the_frames(seed: int) -> None:
    found, wanted = accounted(seed)
    assert found == wanted
    assert found.received + found.lost + found.duplicate + found.late == found.sent
    assert found.received > 0

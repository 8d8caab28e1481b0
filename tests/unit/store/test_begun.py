"""What is here of a record is kept as far as it is whole, wherever a crash or a disk cut it."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glowtool.errors import StoreError
from glowtool.store.rollers.begun import Begun, drop_all
from support.logs.full_disk import full_disk

if TYPE_CHECKING:
    from pathlib import Path

PIECES = [b"first", b"and second", b"third"]
WHOLE = b"".join(PIECES)


def begun_in(folder: Path) -> Begun:
    begun = Begun(folder, 7, 0xC0FFEE)
    with begun.going_on(b"") as keep:
        for piece in PIECES:
            keep(piece)
    return begun


def test_a_beginning_is_read_again_and_goes_on(tmp_path: Path) -> None:
    begun = begun_in(tmp_path)
    assert begun.read(100) == WHOLE
    assert begun.read(5) == b"", "more than the record has is not of that record"
    with begun.going_on(WHOLE) as keep:
        keep(b"more")
    assert begun.read(100) == WHOLE + b"more"
    with begun.going_on(b"") as keep:
        keep(b"anew")
    assert begun.read(100) == b"anew"
    assert Begun(tmp_path, 7, 0xC0FFEF).read(100) == b"", "of another record with the same number there is nothing"


@given(st.integers(0, 10_000), st.integers(0, 255))
def test_whatever_is_cut_or_changed_only_whole_pieces_are_believed(
    tmp_path_factory: pytest.TempPathFactory, at: int, value: int
) -> None:
    begun = begun_in(tmp_path_factory.mktemp("begun"))
    content = begun.path.read_bytes()
    at %= len(content)
    for damaged in (content[:at], content[:at] + bytes([value]) + content[at + 1 :]):
        begun.path.write_bytes(damaged)
        here = begun.read(100)
        assert here in {b"".join(PIECES[:count]) for count in range(len(PIECES) + 1)}
        with begun.going_on(here) as keep:
            keep(b"on")
        assert begun.read(100) == here + b"on"


def test_it_is_the_owners_alone_and_goes_with_all_others(tmp_path: Path) -> None:
    begun = begun_in(tmp_path / "new")
    assert stat.S_IMODE(begun.path.stat().st_mode) == 0o600
    drop_all(begun.folder)
    assert list(begun.folder.iterdir()) == []
    begun.drop()


def test_a_full_disk_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glowtool.store.rollers.begun._framed", full_disk)
    with pytest.raises(StoreError, match="still has the massage; free some space"):
        begun_in(tmp_path)

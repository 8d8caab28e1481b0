"""A chain with some lines, and a hand that changes its file as no glowtool would."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest

from glowtool.store.chain.chain import Chain

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def chain_in(folder: Path, lines: int = 6) -> Chain:
    chain = Chain(folder / "kept" / "trial.sqlite", "the trial")
    numbers = range(1, lines + 1)
    for some in (numbers[:2], numbers[2:]):
        with chain.adding(1) as addition:
            for number in some:
                addition.add("said", number * 1000, {"word": f"line {number}"})
    return chain


@pytest.fixture
def chain(tmp_path: Path) -> Chain:
    return chain_in(tmp_path)


@contextmanager
def forging(chain: Chain) -> Iterator[sqlite3.Connection]:
    """Open a chain's file without what protects it."""
    with closing(sqlite3.connect(chain.path)) as connection, connection:
        for name in ("only_at_the_end", "never_altered", "never_removed"):
            connection.execute(f"DROP TRIGGER IF EXISTS {name}")
        yield connection

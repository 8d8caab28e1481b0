"""A chain whose writer was killed while SQLite wrote: what came into the file half is taken back, and it goes on."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from glowtool.store.chain.chain import Chain


@pytest.fixture
def cut_short(chain: Chain) -> Chain:
    """The files as they are in the midst of a transaction, of which a part is in the file already."""
    journal = chain.path.with_name(f"{chain.path.name}-journal")
    with closing(sqlite3.connect(chain.path, isolation_level=None)) as connection:
        connection.execute("PRAGMA cache_size = 1")
        connection.execute("BEGIN IMMEDIATE")
        for number in range(7, 60):
            connection.execute("INSERT INTO line VALUES (?, 0, 'said', ?, '', '')", (number, "x" * 3000))
        half, taken = chain.path.read_bytes(), journal.read_bytes()
        connection.execute("ROLLBACK")
    assert len(half) > chain.path.stat().st_size
    chain.path.write_bytes(half)
    journal.write_bytes(taken)
    return chain


def test_it_can_be_read(cut_short: Chain) -> None:
    proof = cut_short.prove()
    assert (len(proof.lines), proof.fault, proof.aside) == (6, None, ())


def test_it_goes_on(cut_short: Chain) -> None:
    with cut_short.adding(1) as addition:
        addition.add("said", 7000, {})
    proof = cut_short.prove()
    assert (len(proof.lines), proof.fault, proof.aside) == (7, None, ())

"""Forgetting a roller drops each side's bond where it can, and says for each side what happened."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from glowtool.app import parting as forgetting
from glowtool.app.place import Place
from glowtool.app.rollers.parting import Parting
from glowtool.cli.commands.devices import bond_sentence
from glowtool.errors import (
    AdapterUnavailableError,
    BondStaleError,
    CommandRefusedError,
    DeviceNotFoundError,
    GlowtoolError,
    InUseError,
    NotPairedError,
)
from glowtool.store.rollers.in_use import Holder, hold
from glowtool.store.rollers.known import KnownRoller

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


DESK = KnownRoller.model_validate(
    {"address": "F0:F1:00:00:00:01", "name": "GR-1 4F2A", "alias": "Desk", "last_seen_utc": "2026-11-22T12:30:00Z"}
)


@dataclass
class World:
    """A roller and an adapter, and what goes wrong with them."""

    finding: GlowtoolError | None = None
    opening: GlowtoolError | None = None
    asking: GlowtoolError | None = None
    adapter: GlowtoolError | None = None
    systems_own: bool = False
    bonds: set[str] = field(default_factory=lambda: {"here", "roller"})

    async def forget_host(self) -> None:
        if self.asking is not None:
            raise self.asking
        self.bonds.discard("roller")

    async def forget(self, address: str) -> None:
        assert address == DESK.address
        if not self.systems_own:
            self.bonds.discard("here")

    async def bonded(self, _address: str) -> bool:
        return "here" in self.bonds

    async def find_known(self, *_: object) -> object:
        if self.finding is not None:
            raise self.finding
        return SimpleNamespace(device=object())

    @asynccontextmanager
    async def open_roller(self, *_: object) -> AsyncIterator[object]:
        if self.opening is not None:
            raise self.opening
        yield SimpleNamespace(forget_host=self.forget_host)

    @asynccontextmanager
    async def adapter_of(self, *_: object) -> AsyncIterator[object]:
        if self.adapter is not None:
            raise self.adapter
        yield self


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(data_dir=tmp_path)


def part(place: Place, world: World, monkeypatch: pytest.MonkeyPatch, *, here_only: bool = False) -> Parting:
    monkeypatch.setattr(forgetting, "find_known", world.find_known)
    monkeypatch.setattr(forgetting, "open_roller", world.open_roller)
    monkeypatch.setattr(forgetting, "adapter_of", world.adapter_of)
    parting = asyncio.run(forgetting.part(place, DESK, here_only=here_only))
    assert parting.here is ("here" not in world.bonds)
    return parting


def test_both_sides_forget(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    parting = part(place, world, monkeypatch)
    assert world.bonds == set()
    assert parting == Parting(here=True, roller=True)
    assert bond_sentence(parting) == "The bond is dropped on both sides."


@pytest.mark.parametrize(
    ("world", "problem"),
    [
        (
            World(asking=CommandRefusedError("it lacks the command", advice="update it")),
            "it lacks the command; update it",
        ),
        (World(finding=DeviceNotFoundError("it was silent for 10 s")), "it was silent for 10 s"),
        (World(opening=NotPairedError("no")), "without a bond here, glowtool cannot ask it"),
        (World(asking=CommandRefusedError("it refuses while it runs")), "it refuses while it runs"),
    ],
)
def test_a_roller_that_cannot_be_asked_keeps_its_side(
    world: World, problem: str, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    parting = part(place, world, monkeypatch)
    assert world.bonds == {"roller"}
    assert (parting.here, parting.roller) == (True, False)
    assert "the roller keeps its side until it is paired again or reset" in bond_sentence(parting)
    (said,) = parting.problems
    assert said == f"Desk keeps its side of the bond: {problem}."


def test_a_roller_that_lost_its_side_has_none_to_drop(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    parting = part(place, World(opening=BondStaleError("stale")), monkeypatch)
    assert (parting.here, parting.roller) == (True, True)
    assert parting.problems == ("Desk had lost its side of the bond already.",)


def test_with_here_only_the_roller_is_not_asked(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(finding=DeviceNotFoundError("nobody looks for it"))
    assert part(place, world, monkeypatch, here_only=True).problems == ()
    assert world.bonds == {"roller"}


def test_a_bond_of_the_systems_own_is_said_to_be_there(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    parting = part(place, World(systems_own=True), monkeypatch)
    assert (parting.here, parting.roller) == (False, True)
    assert bond_sentence(parting) == "The roller dropped its side of the bond; this computer still keeps its own."
    assert "in its Bluetooth settings" in parting.problems[0]


def test_without_an_adapter_both_bonds_stay(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    parting = part(place, World(adapter=AdapterUnavailableError("no adapter")), monkeypatch)
    assert (parting.here, parting.roller) == (False, False)
    assert bond_sentence(parting) == "Both sides still keep the bond."
    assert "no adapter" in parting.problems[0]


def test_a_roller_in_use_is_not_forgotten(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    running = Holder("run", 4711, DESK.last_seen_utc, DESK.address)
    with hold(tmp_path, running), pytest.raises(InUseError):
        part(place, world, monkeypatch)
    assert world.bonds == {"here", "roller"}

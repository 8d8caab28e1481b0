"""The rule of ownership holds at the electrode in random walks of two bonded hosts."""

from __future__ import annotations

import pytest

from glowsim.firmware.control import ownership
from glowsim.firmware.core import Core
from support.stack.two_hosts_walk import Walk, WalkError


@pytest.mark.parametrize("seed", [1])
def test_a_walk_of_two_hosts_keeps_to_the_rule(seed: int) -> None:
    book = Walk(seed).run(30)
    assert book.driven_ticks, "outputs were on at some time"


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, 42))
def test_more_walks_of_two_hosts_keep_to_the_rule(seed: int) -> None:
    Walk(seed).run(120)


def test_the_walk_sees_a_roller_that_lets_any_host_steer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ownership, "refusal", lambda _core, _opcode: None)
    with pytest.raises(WalkError, match="was answered SUCCESS"):
        Walk(15).run(60)


def test_the_walk_sees_a_roller_that_goes_on_without_its_host(monkeypatch: pytest.MonkeyPatch) -> None:
    def keep(core: Core) -> None:
        core.authenticated = False

    monkeypatch.setattr(Core, "lose_host", keep)
    with pytest.raises(WalkError, match="nobody's leave"):
        Walk(1).run(60)

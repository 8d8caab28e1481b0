"""Attempts are bounded in number and time and spread by chance, and none is made where it cannot help."""

from __future__ import annotations

import random
from itertools import cycle, islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glowtool import errors
from glowtool.link.backoff import CONFIRMING, CONNECTING, ONCE, RECONNECTING, Backoff, Retry, classify
from glowtool.link.errors import BondLostError, LinkFailedError, LinkLostError, LinkTimeoutError, PeerNotFoundError

backoffs = st.builds(
    Backoff,
    attempts=st.integers(1, 200),
    budget_s=st.floats(0, 1000),
    base_s=st.floats(0.01, 1),
    factor=st.floats(1, 10),
    cap_s=st.floats(1, 30),
    jitter=st.floats(0, 1),
)
retries = st.lists(st.sampled_from((Retry.AGAIN, Retry.LATER)), min_size=1, max_size=40).map(
    lambda said: [*islice(cycle(said), 300)]
)


def pauses(backoff: Backoff, said: list[Retry], attempt_s: float, seed: int) -> tuple[list[float], float]:
    """Let every attempt fail after `attempt_s`; return the pauses, and when the last attempt began."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    found: list[float] = []
    elapsed_s = began_s = 0.0
    for failures, retry in enumerate(said, start=1):
        elapsed_s += attempt_s
        pause_s = backoff.pause_s(failures, elapsed_s, retry, chance)
        if pause_s is None:
            return found, began_s
        found.append(pause_s)
        elapsed_s += pause_s
        began_s = elapsed_s
    raise AssertionError("it never gave up")


@given(backoffs, retries, st.floats(0, 20), st.integers(0, 2**32))
def test_it_gives_up_in_time_and_no_pause_is_out_of_bounds(
    backoff: Backoff, said: list[Retry], attempt_s: float, seed: int
) -> None:
    found, last_began_s = pauses(backoff, said, attempt_s, seed)
    assert len(found) < backoff.attempts
    assert last_began_s == 0 or last_began_s < backoff.budget_s
    for number, pause_s in enumerate(found, start=1):
        longest_s = min(backoff.cap_s, backoff.base_s * backoff.factor ** min(number - 1, 64))
        at_once = number == 1 and said[0] is Retry.AGAIN
        assert at_once == (pause_s == 0.0) or backoff.jitter == 1
        assert at_once or longest_s * (1 - backoff.jitter) <= pause_s <= longest_s


@given(backoffs, st.integers(0, 2**32))
def test_the_same_chance_gives_the_same_schedule(backoff: Backoff, seed: int) -> None:
    said = [Retry.LATER] * 300
    assert pauses(backoff, said, 0.1, seed) == pauses(backoff, said, 0.1, seed)


def test_two_hosts_do_not_try_in_step() -> None:
    said = [Retry.LATER] * 300
    assert pauses(RECONNECTING, said, 0.1, 1) != pauses(RECONNECTING, said, 0.1, 2)


def test_without_chance_it_doubles_up_to_its_cap() -> None:
    found, _ = pauses(Backoff(8, 1000, base_s=0.5, cap_s=3, jitter=0), [Retry.LATER] * 9, 0, 1)
    assert found == [0.5, 1.0, 2.0, 3.0, 3.0, 3.0, 3.0]


def test_never_means_never_and_one_attempt_is_one() -> None:
    chance = random.Random(1)  # noqa: S311 - no secret
    assert RECONNECTING.pause_s(1, 0.0, Retry.NEVER, chance) is None
    assert ONCE.pause_s(1, 0.0, Retry.AGAIN, chance) is None
    with pytest.raises(ValueError, match="failures"):
        ONCE.pause_s(0, 0.0, Retry.AGAIN, chance)


@pytest.mark.parametrize(
    "fields",
    [{"attempts": 0}, {"budget_s": -1}, {"base_s": 0}, {"base_s": 9}, {"factor": 0.5}, {"jitter": 1.5}],
)
def test_a_schedule_that_cannot_be_is_refused(fields: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=f": {next(iter(fields))} must be "):
        Backoff(**{"attempts": 1, "budget_s": 1.0, **fields})  # type: ignore[arg-type]  # wrong on purpose


def test_the_declared_ones_stand_in_order() -> None:
    assert ONCE.attempts < CONFIRMING.attempts < CONNECTING.attempts < RECONNECTING.attempts
    assert RECONNECTING.budget_s <= 60


@pytest.mark.parametrize(
    ("error", "retry"),
    [
        (LinkLostError("x"), Retry.AGAIN),
        (errors.ConnectionLostError("x"), Retry.AGAIN),
        (LinkFailedError("x"), Retry.LATER),
        (LinkTimeoutError("x"), Retry.LATER),
        (errors.LinkError("x"), Retry.LATER),
        (PeerNotFoundError("F0", "x"), Retry.LATER),
        (errors.AdapterUnavailableError("x"), Retry.LATER),
        (BondLostError("x"), Retry.NEVER),
        (errors.NotPairedError("x"), Retry.NEVER),
        (errors.PairingCancelledError("x"), Retry.NEVER),
        (errors.VersionRefusedError("x"), Retry.NEVER),
        (errors.DecodeError("x"), Retry.NEVER),
        (errors.CommandRefusedError("x"), Retry.NEVER),
        (errors.SafetyError("x"), Retry.NEVER),
        (errors.InUseError("x"), Retry.NEVER),
        (errors.InterruptedSessionError("x"), Retry.NEVER),
        (errors.StoreError("x"), Retry.NEVER),
        (ZeroDivisionError("x"), Retry.NEVER),
    ],
)
def test_every_error_says_whether_trying_again_helps(error: Exception, retry: Retry) -> None:
    assert classify(error) is retry

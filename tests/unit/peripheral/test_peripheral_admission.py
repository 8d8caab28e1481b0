"""Strangers get few, short and rare links, and bonded hosts are invited first."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from glowsim.air.accept_list import AcceptList
from glowsim.peripheral.advertising.admission import (
    BACK_OFF_MOST_S,
    BACK_OFF_S,
    PAIRING_S,
    REST_S,
    STRANGER_S,
    STRANGERS_IN_WINDOW,
    Admission,
    Welcome,
)
from glowsim.peripheral.advertising.privacy import resolvable_address

OWNER, STRANGER = "C4:00:00:00:00:01", "C4:00:00:00:00:02"


def _admission(*, bonds: bool = True) -> Admission:
    return Admission(lambda address: bonds and address == OWNER, lambda: bonds)


def test_one_stranger_at_a_time_and_more_while_the_window_is_open() -> None:
    admission = _admission()
    assert admission.admit(STRANGER, 0, 0.0, in_window=False)
    assert not admission.admit("another", 1, 0.1, in_window=False)
    assert admission.admit("another", STRANGERS_IN_WINDOW - 1, 0.2, in_window=True)
    assert not admission.admit("another", STRANGERS_IN_WINDOW, 0.2, in_window=True)
    assert admission.admit(OWNER, 99, 0.3, in_window=False), "a bonded host has a place in any case"


def test_after_a_stranger_only_bonded_hosts_are_invited_for_a_while() -> None:
    admission = _admission()
    assert admission.welcome(0, 0.0, in_window=False) is Welcome.ANYONE
    admission.admit(STRANGER, 0, 1.0, in_window=False)
    assert admission.welcome(1, 5.0, in_window=False) is Welcome.BONDED
    admission.left(STRANGER, 1.0, 1.5, in_window=False)
    assert admission.welcome(0, 1.5 + REST_S - 0.01, in_window=False) is Welcome.BONDED
    assert admission.welcome(0, 1.5 + REST_S, in_window=False) is Welcome.ANYONE
    admission.admit(STRANGER, 0, 3.0, in_window=False)
    admission.trust(STRANGER)
    assert admission.welcome(0, 3.0, in_window=False) is Welcome.ANYONE, "it has paired, so it was none"


def test_without_bonds_there_is_nobody_to_prefer() -> None:
    admission = _admission(bonds=False)
    admission.admit(STRANGER, 0, 1.0, in_window=False)
    assert admission.welcome(1, 1.1, in_window=False) is Welcome.NOBODY
    assert admission.welcome(0, 1.2, in_window=False) is Welcome.ANYONE


def test_an_address_has_to_stay_away_for_longer_each_time_until_a_person_opens_the_window() -> None:
    admission, now_s, back_off_s = _admission(), 0.0, BACK_OFF_S
    for _ in range(9):
        assert admission.admit(STRANGER, 0, now_s, in_window=False)
        admission.left(STRANGER, now_s, now_s + STRANGER_S, in_window=False)
        now_s += STRANGER_S
        assert not admission.admit(STRANGER, 0, now_s + back_off_s - 0.1, in_window=False)
        assert admission.admit("another", 0, now_s, in_window=False)
        now_s += back_off_s
        back_off_s = min(BACK_OFF_MOST_S, 2 * back_off_s)
    admission.left(STRANGER, now_s - 5.0, now_s, in_window=False)
    assert not admission.admit(STRANGER, 0, now_s, in_window=False)
    assert admission.admit(STRANGER, 0, now_s, in_window=True)
    assert admission.welcome(0, now_s, in_window=True) is Welcome.BONDED
    admission.forgive()
    assert admission.welcome(0, now_s, in_window=True) is Welcome.ANYONE, "a person has opened the window for somebody"
    assert admission.admit(STRANGER, 0, now_s, in_window=False)


def test_who_only_reads_who_the_roller_is_and_a_bonded_host_need_not_stay_away() -> None:
    admission = _admission()
    admission.left(STRANGER, 0.0, 1.9, in_window=False)
    assert admission.admit(STRANGER, 0, 2.0, in_window=False)
    admission.left(OWNER, 0.0, 9.0, in_window=False)
    assert admission.admit(OWNER, 5, 9.0, in_window=False)


@given(st.lists(st.text(min_size=1, max_size=4), max_size=200))
def test_many_addresses_take_no_more_memory_than_a_few(addresses: list[str]) -> None:
    admission = _admission()
    for number, address in enumerate(addresses):
        admission.left(address, 0.0, 10.0 + number, in_window=False)
    assert len(admission._away) <= 32


def test_a_link_has_less_time_while_nobody_has_opened_the_window() -> None:
    assert _admission().patience_s(in_window=False) == STRANGER_S < PAIRING_S == _admission().patience_s(in_window=True)


def test_an_accept_list_knows_identities_and_their_private_addresses() -> None:
    import random

    from bumble import hci

    key, chance = bytes(range(16)), random.Random(7)  # noqa: S311 - reproducible on purpose
    accepted = AcceptList()
    identity = hci.Address(OWNER)
    private = resolvable_address(key, chance)
    accepted.add(identity)
    assert accepted.accepts(identity)
    assert not accepted.accepts(private)
    accepted.add_key(identity, key)
    assert accepted.accepts(private)
    assert not accepted.accepts(resolvable_address(bytes(16), chance))
    assert not accepted.accepts(hci.Address(OWNER + "/P")), "the same digits, but public"
    accepted.clear()
    assert not accepted.accepts(private)

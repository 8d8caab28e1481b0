"""In the pairing window each passkey serves once and attempts are counted, and the window always ends."""

from __future__ import annotations

from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from glowsim.peripheral.pairing.screen import CLOSED, PAIRED, Screen, Shows
from glowsim.peripheral.pairing.window import ATTEMPTS, WINDOW_S, PairingWindow


def _passkey(digits: int) -> Screen:
    return Screen(Shows.PASSKEY, digits)


def _window() -> tuple[PairingWindow, list[Screen]]:
    numbers, lines = count(1), list[Screen]()
    return PairingWindow(lambda: next(numbers), lines.append), lines


def test_a_closed_window_gives_no_passkey() -> None:
    window, lines = _window()
    assert window.begin(0.0) is None
    assert lines == []


def test_the_passkey_shown_is_the_one_of_the_attempt_and_leading_zeros_are_shown() -> None:
    window, lines = _window()
    window.open(0.0)
    assert window.begin(1.0) == 1
    assert [str(screen) for screen in lines] == ["passkey 000001"]


def test_a_failed_attempt_replaces_the_passkey_and_the_third_closes() -> None:
    window, lines = _window()
    window.open(0.0)
    for number in range(1, ATTEMPTS + 1):
        assert window.begin(1.0) == number
        assert window.begin(1.0) is None, "one attempt at a time"
        window.fail(1.0)
    assert lines == [*(_passkey(number) for number in range(1, ATTEMPTS + 1)), CLOSED]
    assert window.begin(1.0) is None


def test_success_closes() -> None:
    window, lines = _window()
    window.open(0.0)
    window.begin(1.0)
    window.succeed()
    assert lines[-1] == PAIRED
    assert window.begin(1.0) is None


def test_time_closes_but_lets_an_attempt_finish() -> None:
    window, lines = _window()
    window.open(0.0)
    assert window.begin(WINDOW_S - 1) == 1
    window.expire(WINDOW_S)
    assert lines == [_passkey(1)]
    window.fail(WINDOW_S + 1)
    assert lines[-1] == CLOSED
    window.open(WINDOW_S + 2)
    window.expire(2 * WINDOW_S + 2)
    assert lines[-1] == CLOSED


@given(
    st.lists(st.tuples(st.sampled_from(["open", "begin", "fail", "succeed", "expire"]), st.floats(0, 60)), max_size=60)
)
def test_no_passkey_serves_twice_and_none_is_given_out_while_closed(acts: list[tuple[str, float]]) -> None:
    window, lines = _window()
    now_s, used = 0.0, list[int]()
    for act, later_s in acts:
        now_s += later_s
        match act:
            case "open":
                window.open(now_s)
            case "begin":
                was_open = window.is_open(now_s)
                passkey = window.begin(now_s)
                if passkey is not None:
                    assert was_open
                    assert _passkey(passkey) == [screen for screen in lines if screen.passkey is not None][-1]
                    used.append(passkey)
            case "fail":
                window.fail(now_s)
            case "succeed":
                window.succeed()
            case _:
                window.expire(now_s)
    assert len(used) == len(set(used))

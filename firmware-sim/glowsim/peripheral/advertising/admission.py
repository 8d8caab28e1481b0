"""The rule for links while no bonded host is connected: which may stay, and for how long. Pure: time is an argument.

A stranger is a host that has not shown the key of a bond. Strangers may be few and stay briefly, and one address may
come rarely. Right after each stranger, the roller lets only bonded hosts connect, so that a quicker stranger cannot
keep them out.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

#: A link that is not encrypted with a bond's key by then is dropped; it has more time while the pairing window is open.
#: A pairing attempt gets the Security Manager's own timeout (Core, Vol 3, Part H, 3.4).
STRANGER_S: Final = 10.0
PAIRING_S: Final = 30.0

#: How many strangers may be connected at a time: one, or several while the pairing window is open.
STRANGERS: Final = 1
STRANGERS_IN_WINDOW: Final = 3

#: How long only bonded hosts can connect after a stranger has come or gone.
REST_S: Final = 1.0
REST_IN_WINDOW_S: Final = 0.3

#: An address whose link has lasted this long without a bond must stay away, each time for twice as long.
BRIEF_S: Final = 2.0
BACK_OFF_S: Final = 10.0
BACK_OFF_MOST_S: Final = 320.0

#: How many addresses are remembered; a stranger that always takes a new one is limited by the other rules alone.
_REMEMBERED: Final = 32


class Welcome(enum.Enum):
    """The hosts that an advertisement invites."""

    NOBODY = enum.auto()
    BONDED = enum.auto()
    ANYONE = enum.auto()


class Admission:
    """The rule for one roller. `bonded` says whether an address is a bonded host's, `any_bonds` if there is a bond."""

    def __init__(self, bonded: Callable[[str], bool], any_bonds: Callable[[], bool]) -> None:
        self._bonded = bonded
        self._any_bonds = any_bonds
        self._rest_until_s = float("-inf")
        self._away: dict[str, tuple[float, float]] = {}

    def patience_s(self, *, in_window: bool) -> float:
        """Return how long a link may last without a bond's key."""
        return PAIRING_S if in_window else STRANGER_S

    def admit(self, address: str, strangers: int, now_s: float, *, in_window: bool) -> bool:
        """Return whether a host that has just connected may stay, beside this many strangers."""
        if self._bonded(address):
            return True
        self._rest(now_s, in_window=in_window)
        if in_window:
            return strangers < STRANGERS_IN_WINDOW
        until_s, _ = self._away.get(address, (float("-inf"), 0.0))
        return strangers < STRANGERS and now_s >= until_s

    def trust(self, address: str) -> None:
        """Note that the device with this address has proved a bond's key: it is not a stranger."""
        self._away.pop(address, None)
        self._rest_until_s = float("-inf")

    def left(self, address: str, since_s: float, now_s: float, *, in_window: bool) -> None:
        """Note that a link without a bond's key, which began at `since_s`, has ended."""
        self._rest(now_s, in_window=in_window)
        if in_window or self._bonded(address) or now_s - since_s < BRIEF_S:
            return
        _, last_s = self._away.pop(address, (0.0, BACK_OFF_S / 2))
        back_off_s = min(BACK_OFF_MOST_S, 2 * last_s)
        self._away[address] = now_s + back_off_s, back_off_s
        while len(self._away) > _REMEMBERED:
            del self._away[next(iter(self._away))]

    def forgive(self) -> None:
        """Forget the addresses that must stay away, and end the pause for strangers: a person has opened the window."""
        self._away.clear()
        self._rest_until_s = float("-inf")

    def welcome(self, strangers: int, now_s: float, *, in_window: bool) -> Welcome:
        """Return the hosts to invite while no bonded host is connected, but this many strangers are."""
        full = strangers >= (STRANGERS_IN_WINDOW if in_window else STRANGERS)
        if not self._any_bonds():
            return Welcome.NOBODY if full else Welcome.ANYONE
        return Welcome.BONDED if full or now_s < self._rest_until_s else Welcome.ANYONE

    def _rest(self, now_s: float, *, in_window: bool) -> None:
        self._rest_until_s = now_s + (REST_IN_WINDOW_S if in_window else REST_S)

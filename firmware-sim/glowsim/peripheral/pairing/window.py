"""The pairing window: when hosts may try to pair, how often, and with which passkey. Time is an argument."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from glowsim.firmware.display import DisplayKind
from glowsim.peripheral.pairing.screen import CLOSED, FULL, PAIRED, READY, Screen, Shows

if TYPE_CHECKING:
    from collections.abc import Callable

#: The window closes by itself after this long.
WINDOW_S: Final = 120.0

#: After this many failed attempts the window closes.
ATTEMPTS: Final = 3

#: The passkey of an attempt for which none is shown.
NO_PASSKEY: Final = 0


class PairingWindow:
    """The window that a person opens at the roller; it shows a passkey, which is replaced after one attempt.

    `draw_passkey` returns 1 to 999999; `show` takes the content of the display. A roller that compares numbers shows
    only that it is ready; one without a display shows nothing.
    """

    def __init__(
        self,
        draw_passkey: Callable[[], int],
        show: Callable[[Screen], None],
        display: DisplayKind = DisplayKind.PASSKEY,
    ) -> None:
        self.display = display
        self._draw = draw_passkey
        self._tell = show
        self._shown: Screen | None = None
        self._closes_at_s: float | None = None
        self._passkey = NO_PASSKEY
        self._failed = 0
        self._trying = False

    def is_open(self, now_s: float) -> bool:
        """Return whether an attempt may begin now."""
        return self._closes_at_s is not None and now_s < self._closes_at_s

    def open(self, now_s: float) -> None:
        """Open the window, or open it anew: another passkey, all attempts, the full time."""
        self._closes_at_s = now_s + WINDOW_S
        self._failed = 0
        self._new_passkey()

    def begin(self, now_s: float) -> int | None:
        """Begin an attempt and return its passkey; NO_PASSKEY if none is shown.

        None when the window is closed or an attempt is under way.
        """
        if not self.is_open(now_s) or self._trying:
            return None
        self._trying = True
        if self._shown is FULL:
            self._invite()
        return self._passkey

    def refuse_for_room(self, now_s: float) -> None:
        """Tell the person why the host that has just tried is refused: there is no room for another bond."""
        if self.is_open(now_s) and not self._trying:
            self._show(FULL)

    def compare(self, number: int) -> None:
        """Show the digits to compare."""
        if self._trying:
            self._show(Screen(Shows.COMPARISON, number))

    def fail(self, now_s: float) -> None:
        """End the attempt under way without success; the next one gets another passkey, unless this was the last."""
        if not self._trying:
            return
        self._trying = False
        self._failed += 1
        if not self.is_open(now_s) or self._failed >= ATTEMPTS:
            self._close(CLOSED)
        else:
            self._new_passkey()

    def succeed(self) -> None:
        """End the attempt under way with a bond, and close the window."""
        self._trying = False
        self._close(PAIRED)

    def expire(self, now_s: float) -> None:
        """Close the window if its time is over; an attempt under way may still succeed."""
        if self._closes_at_s is not None and now_s >= self._closes_at_s and not self._trying:
            self._close(CLOSED)

    def _close(self, screen: Screen) -> None:
        if self._closes_at_s is not None:
            self._closes_at_s = None
            self._show(screen)

    def _new_passkey(self) -> None:
        if self.display is DisplayKind.PASSKEY:
            self._passkey = self._draw()
        self._invite()

    def _invite(self) -> None:
        self._show(Screen(Shows.PASSKEY, self._passkey) if self.display is DisplayKind.PASSKEY else READY)

    def _show(self, screen: Screen) -> None:
        self._shown = screen
        if self.display is not DisplayKind.NONE:
            self._tell(screen)

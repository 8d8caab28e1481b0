"""The callbacks by which the Bluetooth side of a roller reports its events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable


def _nobody(*_told: object) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Wires:
    """Callbacks for the peripheral's events; the defaults ignore them.

    `on_attempt`: a host begins to pair. `on_link`: a host with this address has connected; None: the host is gone.
    `on_address`: the roller has taken another private address.
    """

    on_attempt: Callable[[], None] = _nobody
    on_link: Callable[[str | None], None] = _nobody
    on_address: Callable[[str], None] = _nobody


NOBODY: Final = Wires()

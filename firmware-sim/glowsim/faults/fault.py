"""A fault: as it is planned, as it is on, and the plant that it strikes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from glowsim.faults.kind import Kind, Value

#: The end of a fault that stays on until it is stopped.
NEVER_US: Final = 1 << 62


@dataclass(frozen=True, slots=True)
class Plan:
    """One planned fault: at a time since power-on, for a time, or repeatedly at a mean rate."""

    name: str
    at_s: float = 0.0
    for_s: float | None = None
    rate_per_min: float | None = None
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(slots=True)
class Active:
    """A fault that is on. `held` are the readings that a sensor fault keeps, by cell or converter."""

    kind: Kind
    values: Mapping[str, Value]
    since_us: int
    until_us: int = NEVER_US
    held: dict[int, int] = field(default_factory=dict)

    def number(self, name: str) -> float:
        """Return the value of a parameter that is a number."""
        return float(self.values[name])

    def word(self, name: str) -> str:
        """Return the value of a parameter that is a choice."""
        return str(self.values[name])

    def __str__(self) -> str:
        return " ".join([self.kind.name, *(f"{name}={_shown(value)}" for name, value in self.values.items())])


class Plant(Protocol):
    """The roller, as faults act on it."""

    def strike(self, fault: Active) -> None:
        """Let a momentary fault happen."""
        ...

    def stand(self, faults: Sequence[Active]) -> None:
        """Switch these lasting faults on, and all others off."""
        ...

    def carry_on(self, faults: Sequence[Active], dt_s: float) -> None:
        """Let gradual faults proceed for `dt_s`."""
        ...


def _shown(value: Value) -> str:
    return value if isinstance(value, str) else f"{value:g}"

"""A kind of fault as data: its parameters, the device's reaction, and what the host is told."""

from __future__ import annotations

import enum
import math
from collections.abc import Mapping
from dataclasses import dataclass

from glowtool.errors import InputError

Value = float | str
Values = Mapping[str, Value]


class Part(enum.StrEnum):
    """The part of the roller that a fault strikes."""

    LINK = "link"
    SENSOR = "sensor"
    BODY = "body"
    POWER = "power"
    CLOCK = "clock"
    FLASH = "flash"


@dataclass(frozen=True, slots=True)
class Number:
    """A parameter that is a number in a unit, between two bounds."""

    name: str
    unit: str
    low: float
    high: float
    default: float

    @property
    def allowed(self) -> str:
        """The allowed values, in words."""
        return f"{self.low:.10g} to {self.high:.10g} {self.unit}".rstrip()

    def value(self, given: object) -> Value | None:
        """Return the value of a number or text; None when it is not allowed."""
        try:
            number = float(given) if isinstance(given, str | int | float) and not isinstance(given, bool) else math.nan
        except ValueError:
            return None
        return number if self.low <= number <= self.high else None


@dataclass(frozen=True, slots=True)
class Choice:
    """A parameter that is one of several words."""

    name: str
    options: tuple[str, ...]
    default: str

    @property
    def allowed(self) -> str:
        """The allowed values, in words."""
        return ", ".join(self.options)

    def value(self, given: object) -> Value | None:
        """Return the word; None when it is not allowed."""
        return given if isinstance(given, str) and given in self.options else None


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of fault. With `moment` it happens and is over; without, it lasts for its time or until it is stopped.

    `needs_air`: only the virtual air can do it, not a real controller.
    """

    name: str
    part: Part
    device: str
    host: str
    parameters: tuple[Number | Choice, ...] = ()
    moment: bool = False
    needs_air: bool = False

    def values(self, given: Mapping[str, object]) -> dict[str, Value]:
        """Return the checked value of every parameter; InputError names parameter, value, and what is allowed."""
        known = {parameter.name: parameter for parameter in self.parameters}
        for name in given:
            if name not in known:
                raise InputError(f"fault {self.name} has no parameter {name!r}; {_has(tuple(known))}")
        return {name: _checked(self.name, row, given.get(name, row.default)) for name, row in known.items()}


def _has(names: tuple[str, ...]) -> str:
    return f"it has {', '.join(names)}" if names else "it has none"


def _checked(fault: str, parameter: Number | Choice, given: object) -> Value:
    value = parameter.value(given)
    if value is None:
        raise InputError(f"fault {fault}: {parameter.name} is {given!r}; allowed: {parameter.allowed}")
    return value

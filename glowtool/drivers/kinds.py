"""The choice of driver for a massage: an installed package provides it, and the models it knows select it."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Final

from glowtool.drivers.gr1.opener import opener
from glowtool.errors import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Callable
    from importlib.metadata import EntryPoint

    from glowtool.device.driver import OpenDriver
    from glowtool.link.backoff import Backoff
    from glowtool.link.client import ClientFactory
    from glowtool.safety.gate import Gate

#: Packages announce a `DriverKind` here, under the name of the driver.
ENTRY_POINT_GROUP: Final = "glowtool.drivers"


@dataclass(frozen=True, slots=True)
class DriverKind:
    """One kind of driver: whether it knows a model, by its model number, and what opens a device of it.

    `opener` is given a gate for the device's wire, where the driver's own bytes leave. Another one stands before the
    driver in any case, so that a driver that does nothing with the one that it was given is held all the same.
    """

    name: str
    knows: Callable[[str], bool]
    opener: Callable[[ClientFactory, Gate, Backoff], OpenDriver]


#: For a later model of ours, or one with an unknown number, the version of its protocol tells what it can do.
GR1: Final = DriverKind("gr1", lambda model: not model or model.upper().startswith("GR-"), opener)


def kind_for(model: str) -> DriverKind:
    """Return the driver for a model number: ours, unless only a package's driver knows that number.

    Raises `MissingExtraError` when a package announces a driver that cannot be loaded.
    """
    if GR1.knows(model):
        return GR1
    others = (_loaded(point) for point in entry_points(group=ENTRY_POINT_GROUP) if point.name != GR1.name)
    return next((kind for kind in others if kind.knows(model)), GR1)


def _loaded(point: EntryPoint) -> DriverKind:
    try:
        kind = point.load()
    except Exception as error:
        # A package of other authors: it may fail in any way.
        raise MissingExtraError(
            f"the driver {point.name!r} cannot be loaded ({error}); reinstall the package that brings it"
        ) from error
    if not isinstance(kind, DriverKind):
        raise MissingExtraError(
            f"the driver {point.name!r} is {type(kind).__name__}, but must be a DriverKind; "
            "update the package that brings it"
        )
    return kind

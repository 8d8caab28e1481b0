"""The kinds of devices and their drivers: ours, and those that installed packages announce."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Final

from glowtool.drivers.gr1.advertisement import SIGNS, recognised
from glowtool.errors import MissingExtraError

if TYPE_CHECKING:
    from collections.abc import Callable
    from importlib.metadata import EntryPoint

    from bleak.backends.scanner import AdvertisementData

    from glowtool.device.announcement import Recognised
    from glowtool.device.driver import OpenDriver
    from glowtool.link.backoff import Backoff
    from glowtool.link.client import ClientFactory
    from glowtool.link.pairing import PairingSigns
    from glowtool.safety.gate import Gate

_LOG = logging.getLogger(__name__)

#: Packages announce a `DriverKind` here, under the name of the driver.
ENTRY_POINT_GROUP: Final = "glowtool.drivers"


def _nothing(_heard: AdvertisementData, _name: str | None) -> Recognised | None:
    """Recognise nothing: such devices are not found by their advertisements."""
    return None


@dataclass(frozen=True, slots=True)
class DriverKind:
    """One kind of devices: the models, by their numbers, what opens one, and which advertisements are theirs.

    `opener` is given a gate for the device's wire, where the driver's own bytes leave. Another one stands before the
    driver in any case, so that a driver that does nothing with the one that it was given is held all the same.
    `recognises` is pure: it is given what was heard and the device's name, and returns None for any other device.
    `signs` are what the device shows about pairing, None where it shows nothing.
    """

    name: str
    knows: Callable[[str], bool]
    opener: Callable[[ClientFactory, Gate, Backoff], OpenDriver]
    recognises: Callable[[AdvertisementData, str | None], Recognised | None] = _nothing
    signs: PairingSigns | None = None

    def is_for(self, model: str) -> bool:
        """Return whether it knows a model number; a driver that fails on one does not know it."""
        try:
            return self.knows(model)
        except Exception as error:  # noqa: BLE001 - code of other authors
            _LOG.warning("the driver %r fails on the model %r: %r", self.name, model, error)
            return False


def _opener(client_for: ClientFactory, gate: Gate, patience: Backoff) -> OpenDriver:
    from glowtool.drivers.gr1.opener import opener  # noqa: PLC0415 - who only listens does not wait for it

    return opener(client_for, gate, patience)


#: For a later model of ours, or one with an unknown number, the version of its protocol tells what it can do.
GR1: Final = DriverKind("gr1", lambda model: not model or model.upper().startswith("GR-"), _opener, recognised, SIGNS)


def kind_for(model: str) -> DriverKind:
    """Return the driver for a model number: ours, unless only a package's driver knows that number.

    Raises `MissingExtraError` when no driver knows it, and a package announces one that cannot be loaded.
    """
    if GR1.is_for(model):
        return GR1
    failures: list[MissingExtraError] = []
    for kind in installed(failures.append):
        if kind.is_for(model):
            return kind
    if failures:
        raise failures[0]
    return GR1


def installed(passed_over: Callable[[MissingExtraError], None]) -> tuple[DriverKind, ...]:
    """Return our kind, which comes first, and those of packages; `passed_over` hears of each that cannot be loaded."""
    kinds = [GR1]
    for point in entry_points(group=ENTRY_POINT_GROUP):
        if point.name == GR1.name:
            continue
        try:
            kinds.append(_loaded(point))
        except MissingExtraError as error:
            passed_over(error)
    return tuple(kinds)


def unusable(name: str, doing: str, error: Exception) -> MissingExtraError:
    """Return the error for a driver of others that failed at what it was asked for: it "cannot" do that."""
    return MissingExtraError(
        f"the driver {name!r} cannot {doing} ({type(error).__name__}: {error})",
        advice="update the package that brings it",
    )


def _loaded(point: EntryPoint) -> DriverKind:
    try:
        kind = point.load()
    except Exception as error:
        # A package of other authors: it may fail in any way.
        raise MissingExtraError(
            f"the driver {point.name!r} cannot be loaded ({error})", advice="reinstall the package that brings it"
        ) from error
    if not isinstance(kind, DriverKind):
        raise MissingExtraError(
            f"the driver {point.name!r} is {type(kind).__name__}, but must be a DriverKind",
            advice="update the package that brings it",
        )
    return kind

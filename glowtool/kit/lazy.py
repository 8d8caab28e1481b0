"""Modules that are loaded on first use, as `package.NAME`: a caller of one does not wait for all of them."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import ModuleType


def loader(package: str, rooms: Mapping[str, tuple[str, ...]]) -> Callable[[str], ModuleType]:
    """Return the `__getattr__` of a package whose modules are listed by their folder in it.

    "" is the package itself. A loaded module becomes an attribute of the package, or of its folder.
    """
    places = {name: ".".join(filter(None, (package, room, name))) for room, names in rooms.items() for name in names}

    def load(name: str) -> ModuleType:
        if name not in places:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return importlib.import_module(places[name])

    return load

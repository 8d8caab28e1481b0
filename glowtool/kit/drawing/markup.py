"""HTML and SVG from small functions. Text becomes markup only when it is escaped; the type checker ensures that."""

from __future__ import annotations

import html
from typing import Final, NewType

from glowtool.kit.text.visible import visible

#: Text that is already HTML or SVG.
Markup = NewType("Markup", str)

NOTHING: Final = Markup("")

_VOID: Final = frozenset({"meta", "link", "br"})


def text(value: str) -> Markup:
    """Return markup that shows a text, whatever is in it."""
    return Markup(html.escape(visible(value), quote=True))


def tag(name: str, /, *children: Markup, **attributes: str | float | None) -> Markup:
    """Return an element.

    Attribute names write `_` for `-`, and end in `_` where they are Python's own words; the value None leaves one out.
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{text(_written(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _VOID:
        return Markup(f"<{name}{written}>")
    return Markup(f"<{name}{written}>{''.join(children)}</{name}>")


def join(*parts: Markup) -> Markup:
    """Return parts one after the other."""
    return Markup("".join(parts))


def lines(*parts: Markup) -> Markup:
    """Return parts, each on a line of its own."""
    return Markup("\n".join(part for part in parts if part))


def coordinate(value: float) -> str:
    """Return a coordinate with at most one decimal: a tenth of a pixel is finer than what can be seen."""
    return f"{value:.1f}".removesuffix(".0")


def _written(value: str | float) -> str:
    return value if isinstance(value, str) else coordinate(value)

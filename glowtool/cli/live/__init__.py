"""The views of a massage: on a screen, as lines, as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowtool.kit.lazy import loader

if TYPE_CHECKING:
    from glowtool.cli.live import measuring as measuring
    from glowtool.cli.live import picture as picture
    from glowtool.cli.live import views as views
else:
    __getattr__ = loader(__name__, {"": ("measuring", "picture", "views")})

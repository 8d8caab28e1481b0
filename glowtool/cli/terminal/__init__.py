"""The terminal and the standard streams: what is printed, what is asked, and which keys are taken."""

from __future__ import annotations

from typing import TYPE_CHECKING

from glowtool.kit.lazy import loader

if TYPE_CHECKING:
    from glowtool.cli.terminal import tables as tables
else:
    __getattr__ = loader(__name__, {"": ("tables",)})

"""The option `--capture`, of every command that follows a roller for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import click

from glowtool.kit.storage.named_path import named_path

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

F = TypeVar("F", bound="Callable[..., object]")


def _path(_context: click.Context, _parameter: click.Parameter, value: str | None) -> Path | None:
    return None if value is None else named_path(value, "the file of --capture")


def capture_option(function: F) -> F:
    """Give a command `capture`, the path of the file or None."""
    return click.option(
        "--capture",
        metavar="FILE",
        callback=_path,
        help="Copy what the roller says and hears into a new FILE for a bug report: NAME.btsnoop for Wireshark, "
        "NAME.jsonl for JSON Lines. No keys, passkeys, addresses or serial number are in it.",
    )(function)

"""The translation of bumble's errors into bleak's, and the reasons for which a link ends."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from bleak.exc import BleakError, BleakGATTProtocolError
from bumble.att import ATT_Error
from bumble.core import BaseBumbleError

from glowtool.errors import GlowtoolError
from glowtool.link.errors import bleak_form

if TYPE_CHECKING:
    from collections.abc import Iterator

    from glowtool.link.bumble.link import Link


@contextmanager
def as_bleak_errors(what: str, link: Link | None = None) -> Iterator[None]:
    """Turn bumble's exceptions into bleak's, and ours into classes that are bleak's too.

    An ATT error keeps its code. Any other error of bumble says why `link` ended, or else that `what` failed. Our own
    messages stay.
    """
    try:
        yield
    except GlowtoolError as error:
        if isinstance(error, BleakError):
            raise
        raise bleak_form(error) from error
    except ATT_Error as error:
        raise BleakGATTProtocolError(int(error.error_code or 0)) from error
    except BaseBumbleError as error:
        if link is not None and not link.is_up:
            raise link.lost_error() from error
        raise BleakError(f"{what} failed: {str(error) or type(error).__name__}") from error

"""What bumble raises, said in bleak's words, and the reasons for which a link ends."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from bleak.exc import CONTROLLER_ERROR_CODES, BleakError, BleakGATTProtocolError
from bumble.att import ATT_Error
from bumble.core import BaseBumbleError
from bumble.hci import HCI_ErrorCode

from glowtool.errors import GlowtoolError
from glowtool.link.errors import bleak_form

if TYPE_CHECKING:
    from collections.abc import Iterator

    from glowtool.link.bumble.link import Link

#: bumble's own reason when the transport to the controller is gone.
TRANSPORT_GONE: Final = 0

_END_WORDS: Final[dict[int, str]] = {
    TRANSPORT_GONE: "the adapter went away",
    HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR: "it went out of reach or was switched off",
    HCI_ErrorCode.REMOTE_USER_TERMINATED_CONNECTION_ERROR: "it ended the connection",
    HCI_ErrorCode.CONNECTION_TERMINATED_BY_LOCAL_HOST_ERROR: "this computer ended the connection",
    HCI_ErrorCode.CONNECTION_TERMINATED_DUE_TO_MIC_FAILURE_ERROR: "its key is another one than ours",
}


def end_words(reason: int) -> str:
    """Return why a link ended, from an HCI reason code."""
    words = _END_WORDS.get(reason) or CONTROLLER_ERROR_CODES.get(reason, "reason not known")
    return f"{words} (HCI reason 0x{reason:02X})"


@contextmanager
def as_bleak_errors(what: str, link: Link | None = None) -> Iterator[None]:
    """Turn bumble's exceptions into bleak's, and ours into ones that are bleak's too.

    An ATT error keeps its code, any other of bumble's says why `link` ended, else that `what` failed; what a person is
    told stays.
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

"""The reason why a connection ended, in words."""

from __future__ import annotations

from typing import Final

from bleak.exc import CONTROLLER_ERROR_CODES
from bumble.hci import HCI_ErrorCode

#: bumble's own reason when the transport to the controller is gone.
TRANSPORT_GONE: Final = 0

_END_WORDS: Final[dict[int, str]] = {
    TRANSPORT_GONE: "the adapter went away",
    HCI_ErrorCode.CONNECTION_TIMEOUT_ERROR: "the roller went out of reach or was switched off",
    HCI_ErrorCode.REMOTE_USER_TERMINATED_CONNECTION_ERROR: "the roller ended the connection",
    HCI_ErrorCode.CONNECTION_TERMINATED_BY_LOCAL_HOST_ERROR: "this computer ended the connection",
    HCI_ErrorCode.CONNECTION_TERMINATED_DUE_TO_MIC_FAILURE_ERROR: "the key of the roller differs from ours",
}


def end_words(reason: int) -> str:
    """Return why a link ended, from an HCI reason code."""
    words = _END_WORDS.get(reason) or CONTROLLER_ERROR_CODES.get(reason, "reason not known")
    return f"{words} (HCI reason 0x{reason:02X})"

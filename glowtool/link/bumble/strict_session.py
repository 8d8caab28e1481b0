"""The Security Manager's order of things, kept: no peer talks its way around the passkey.

bumble's session answers whatever comes, whenever it comes. A peer that commits twice in one round of the
passkey, that sends our own public key back, or that claims out-of-band data would pair without knowing the
passkey. This session lets through what an initiator may get at that point (Core Vol 3 Part H 2.3.5.6.3), once.
"""

from __future__ import annotations

from typing import Final

from bumble import smp
from bumble.smp import AuthReq, ErrorCode, IoCapability

_PASSKEY_ROUNDS: Final = 20
_KEY_SIZE: Final = 16

_EXPECTED: Final[tuple[type[smp.SMP_Command], ...]] = (
    smp.SMP_Pairing_Response_Command,
    smp.SMP_Pairing_Public_Key_Command,
    *((smp.SMP_Pairing_Confirm_Command, smp.SMP_Pairing_Random_Command) * _PASSKEY_ROUNDS),
    smp.SMP_Pairing_DHKey_Check_Command,
)
#: What may follow, once the link is encrypted; bumble itself checks that, and that it was asked for.
_KEYS: Final = (
    smp.SMP_Identity_Information_Command,
    smp.SMP_Identity_Address_Information_Command,
    smp.SMP_Signing_Information_Command,
)


class StrictSession(smp.Session):
    """A pairing that is Secure Connections with a passkey, or fails; `refusal` says why it was us who ended it."""

    refusal: str | None = None
    _step: int = 0

    def on_smp_command(self, command: smp.SMP_Command) -> None:
        """Take the next command of the peer; out of order, it ends the pairing."""
        if self.completed:
            return
        if self.is_responder:
            # The central begins a pairing, never the roller.
            self.send_pairing_failed(ErrorCode.PAIRING_NOT_SUPPORTED)
        elif isinstance(command, smp.SMP_Pairing_Failed_Command) or self._is_in_order(command):
            weakness = self._weakness(command)
            if weakness is None:
                super().on_smp_command(command)
            else:
                self._refuse(weakness, ErrorCode.AUTHENTICATION_REQUIREMENTS)
        else:
            self._refuse("breaks the order of the pairing", ErrorCode.UNSPECIFIED_REASON)

    def _is_in_order(self, command: smp.SMP_Command) -> bool:
        if self._step == len(_EXPECTED):
            return isinstance(command, _KEYS)
        if not isinstance(command, _EXPECTED[self._step]):
            return False
        self._step += 1
        return True

    def _weakness(self, command: smp.SMP_Command) -> str | None:
        if isinstance(command, smp.SMP_Pairing_Public_Key_Command):
            is_ours = command.public_key_x == self.ecc_key.x[::-1]
            return "sends our own key back" if is_ours else None
        return response_weakness(command) if isinstance(command, smp.SMP_Pairing_Response_Command) else None

    def _refuse(self, why: str, reason: ErrorCode) -> None:
        self.refusal = why
        self.send_pairing_failed(reason)


def response_weakness(response: smp.SMP_Pairing_Response_Command) -> str | None:
    """Return why the pairing that the peer offers is too weak, None when it is not."""
    if not response.auth_req & AuthReq.SC:
        return "cannot do LE Secure Connections"
    if response.oob_data_flag:
        return "wants to pair with out-of-band data"
    if response.io_capability == IoCapability.NO_INPUT_NO_OUTPUT:
        return "has no display for a passkey"
    if response.maximum_encryption_key_size < _KEY_SIZE:
        return "offers a short key"
    if not response.auth_req & AuthReq.BONDING:
        return "does not keep bonds"
    return None

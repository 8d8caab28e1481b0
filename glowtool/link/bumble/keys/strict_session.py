"""The enforced order of the Security Manager's messages: no peer can bypass the person.

bumble's session answers every message at any time. A peer that commits twice in one round of the passkey, sends our own
public key back, claims out-of-band data, or goes on before the person has compared the digits would pair without a
check. This session accepts only what an initiator may get at that point (Core Vol 3 Part H 2.3.5.6), once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bumble import smp
from bumble.pairing import PairingDelegate
from bumble.smp import AuthReq, ErrorCode, IoCapability

from glowtool.errors import PairingError, WeakPairingError

if TYPE_CHECKING:
    from collections.abc import Callable

_PASSKEY_ROUNDS: Final = 20
_KEY_SIZE: Final = 16

_OPENING: Final[tuple[type[smp.SMP_Command], ...]] = (
    smp.SMP_Pairing_Response_Command,
    smp.SMP_Pairing_Public_Key_Command,
)
_ROUND: Final[tuple[type[smp.SMP_Command], ...]] = (smp.SMP_Pairing_Confirm_Command, smp.SMP_Pairing_Random_Command)
#: The messages that may follow once the link is encrypted; bumble itself checks that, and that they were requested.
_KEYS: Final = (
    smp.SMP_Identity_Information_Command,
    smp.SMP_Identity_Address_Information_Command,
    smp.SMP_Signing_Information_Command,
)


class PersonDelegate(PairingDelegate):
    """A person with a keyboard and a display, who may accept a pairing without a check."""

    allows_just_works: bool = False

    def __init__(self) -> None:
        super().__init__(io_capability=PairingDelegate.IoCapability.DISPLAY_OUTPUT_AND_KEYBOARD_INPUT)


class StrictSession(smp.Session):
    """A pairing by Secure Connections that a person checked, or accepted unchecked; `refusal` says why we ended it."""

    refusal: PairingError | None = None
    _step: int = 0
    _has_checked: bool = False

    def on_smp_command(self, command: smp.SMP_Command) -> None:
        """Take the next command of the peer; one out of order ends the pairing."""
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
            self._refuse(_refusal("breaks the order of the pairing"), ErrorCode.UNSPECIFIED_REASON)

    def send_pairing_dhkey_check_command(self) -> None:
        """Tell the peer that our check succeeded: only now may it say the same."""
        self._has_checked = True
        super().send_pairing_dhkey_check_command()

    def prompt_user_for_numeric_comparison(self, code: int, next_steps: Callable[[], None]) -> None:
        """Ask the person; a no ends the pairing, and the peer is told why."""

        async def prompt() -> None:
            if await self.pairing_config.delegate.compare_numbers(code, digits=6):
                next_steps()
            else:
                self.send_pairing_failed(ErrorCode.NUMERIC_COMPARISON_FAILED)

        self.connection.cancel_on_disconnection(prompt())

    def _is_in_order(self, command: smp.SMP_Command) -> bool:
        step = self._step - len(_OPENING)
        rounds = _PASSKEY_ROUNDS if self.pairing_method is smp.PairingMethod.PASSKEY else 1
        if step < 0:
            expected = _OPENING[self._step]
        elif step < rounds * len(_ROUND):
            expected = _ROUND[step % len(_ROUND)]
        elif step == rounds * len(_ROUND):
            expected = smp.SMP_Pairing_DHKey_Check_Command
        else:
            return isinstance(command, _KEYS)
        if not isinstance(command, expected):
            return False
        self._step += 1
        # Before our own check the person has not answered yet, but bumble would encrypt anyway.
        return self._has_checked or not isinstance(command, smp.SMP_Pairing_DHKey_Check_Command)

    def _weakness(self, command: smp.SMP_Command) -> PairingError | None:
        if isinstance(command, smp.SMP_Pairing_Public_Key_Command):
            is_ours = command.public_key_x == self.ecc_key.x[::-1]
            return _refusal("sends our own key back") if is_ours else None
        if isinstance(command, smp.SMP_Pairing_Response_Command):
            delegate = self.pairing_config.delegate
            allows_just_works = isinstance(delegate, PersonDelegate) and delegate.allows_just_works
            return response_weakness(command, allows_just_works=allows_just_works)
        return None

    def _refuse(self, why: PairingError, reason: ErrorCode) -> None:
        self.refusal = why
        self.send_pairing_failed(reason)


def response_weakness(
    response: smp.SMP_Pairing_Response_Command, *, allows_just_works: bool = False
) -> PairingError | None:
    """Return why the pairing that the peer offers is too weak, or None when it is not."""
    if not response.auth_req & AuthReq.SC:
        return _refusal("cannot do LE Secure Connections")
    if response.oob_data_flag:
        return _refusal("wants to pair with out-of-band data")
    if response.maximum_encryption_key_size < _KEY_SIZE:
        return _refusal("offers a short key")
    if not response.auth_req & AuthReq.BONDING:
        return _refusal("does not keep bonds")
    if response.io_capability == IoCapability.KEYBOARD_ONLY:
        return _refusal("has a keyboard and no display, unlike any roller")
    if response.io_capability == IoCapability.NO_INPUT_NO_OUTPUT and not allows_just_works:
        return WeakPairingError(
            "the peer says that it has no display for a passkey, although the roller announces one, so nothing was "
            "paired. Another device may have answered",
            advice="go where nobody is nearby, and try again",
        )
    return None


def _refusal(why: str) -> PairingError:
    return PairingError(f"the roller {why}, and glowtool does not pair in that way")

"""Pairing as the roller does it: LE Secure Connections with the passkey on its display, and in no other way.

bumble's session follows whatever the peer sends and in whatever order. This one lets through only what the Security
Manager allows at that point (Core, Vol 3, Part H, 2.3.5.6.3), so that no peer talks its way around the passkey.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Final, Protocol, cast

from bumble import pairing, smp

if TYPE_CHECKING:
    from bumble.device import Connection

_KEY_SIZE: Final = 16
_CAN_TYPE_DIGITS: Final = frozenset({smp.IoCapability.KEYBOARD_ONLY, smp.IoCapability.KEYBOARD_DISPLAY})
_PASSKEY_ROUNDS: Final = 20


class Doorkeeper(Protocol):
    """Who decides about pairing attempts on one connection."""

    def begin_attempt(self) -> int | None:
        """Begin an attempt and return its passkey (1 to 999999), or None when pairing is not possible now."""
        ...

    def end_attempt(self, *, bonded: bool) -> None:
        """End the attempt under way."""
        ...


class PasskeyDelegate(pairing.PairingDelegate):
    """The roller's side of a pairing: a display with six digits, and a doorkeeper."""

    def __init__(self, doorkeeper: Doorkeeper) -> None:
        super().__init__(io_capability=pairing.PairingDelegate.DISPLAY_OUTPUT_ONLY)
        self.doorkeeper = doorkeeper
        self._passkey: int | None = None

    async def accept(self) -> bool:
        """Begin an attempt if one is possible now."""
        self._passkey = self.doorkeeper.begin_attempt()
        return self._passkey is not None

    async def generate_passkey(self) -> int:
        """Return the passkey that the display already shows for this attempt."""
        if self._passkey is None:
            raise RuntimeError("no pairing attempt is under way")
        return self._passkey


def pairing_config(doorkeeper: Doorkeeper) -> pairing.PairingConfig:
    """Return the only way in which the roller pairs."""
    return pairing.PairingConfig(
        sc=True,
        mitm=True,
        bonding=True,
        delegate=PasskeyDelegate(doorkeeper),
        identity_address_type=pairing.PairingConfig.AddressType.RANDOM,
    )


class _Phase(enum.Enum):
    """What the initiator may send next, besides the news that it gives up."""

    REQUEST = smp.SMP_Pairing_Request_Command
    PUBLIC_KEY = smp.SMP_Pairing_Public_Key_Command
    CONFIRM = smp.SMP_Pairing_Confirm_Command
    RANDOM = smp.SMP_Pairing_Random_Command
    CHECK = smp.SMP_Pairing_DHKey_Check_Command
    KEYS = (
        smp.SMP_Identity_Information_Command,
        smp.SMP_Identity_Address_Information_Command,
        smp.SMP_Signing_Information_Command,
    )
    WAIT = ()


class PasskeySession(smp.Session):
    """One pairing attempt with the roller as responder, from its request to its end."""

    def __init__(
        self,
        manager: smp.Manager,
        connection: Connection,
        pairing_config: pairing.PairingConfig,
        is_initiator: bool,  # noqa: FBT001 - bumble's signature
    ) -> None:
        super().__init__(manager, connection, pairing_config, is_initiator)
        self._phase = _Phase.REQUEST
        self._verified = False
        self._attempting = False

    @property
    def verified(self) -> bool:
        """Whether the peer has proved that it knows the passkey."""
        return self._verified

    @property
    def _doorkeeper(self) -> Doorkeeper:
        return cast("PasskeyDelegate", self.pairing_config.delegate).doorkeeper

    def on_smp_command(self, command: smp.SMP_Command) -> None:
        """Handle a command that is due now; any other one ends the attempt."""
        if isinstance(command, smp.SMP_Pairing_Failed_Command):
            self.on_pairing_failure(smp.ErrorCode(command.reason))
        elif not isinstance(command, self._phase.value):
            self.send_pairing_failed(smp.ErrorCode.UNSPECIFIED_REASON)
        elif isinstance(command, smp.SMP_Pairing_Public_Key_Command) and command.public_key_x == self.pkx[0]:
            # Our own key sent back to us: the impersonation of CVE-2020-26558.
            self.send_pairing_failed(smp.ErrorCode.DHKEY_CHECK_FAILED)
        else:
            self._advance()
            super().on_smp_command(command)

    def _advance(self) -> None:
        """Set what is due after a command of the present phase; the request's answer sets what is due after it."""
        match self._phase:
            case _Phase.PUBLIC_KEY:
                self._phase = _Phase.CONFIRM
            case _Phase.CONFIRM:
                self._phase = _Phase.RANDOM
            case _Phase.RANDOM:
                last = self.passkey_step + 1 >= _PASSKEY_ROUNDS
                self._phase = _Phase.CHECK if last else _Phase.CONFIRM
            case _Phase.REQUEST | _Phase.CHECK:
                self._phase = _Phase.WAIT
            case _Phase.KEYS | _Phase.WAIT:
                pass

    async def on_smp_pairing_request_command_async(self, command: smp.SMP_Pairing_Request_Command) -> None:
        """Refuse what cannot end in an authenticated bond, then let the doorkeeper decide."""
        refusal = _refusal(command)
        if refusal is not None:
            self.send_pairing_failed(refusal)
            return
        await super().on_smp_pairing_request_command_async(command)

    def send_pairing_response_command(self) -> None:
        """Accept the request: an attempt is under way."""
        self._attempting = True
        self._phase = _Phase.PUBLIC_KEY
        super().send_pairing_response_command()

    def send_pairing_dhkey_check_command(self) -> None:
        """Confirm that the peer knows the passkey: from here on the link may be encrypted."""
        self._verified = True
        self._phase = _Phase.KEYS
        super().send_pairing_dhkey_check_command()

    def send_command(self, command: smp.SMP_Command) -> None:
        """Send a command; one that ends the attempt ends it here as well."""
        super().send_command(command)
        if isinstance(command, smp.SMP_Pairing_Failed_Command):
            self.on_pairing_failure(smp.ErrorCode(command.reason))

    def get_long_term_key(self, rand: bytes, ediv: int) -> bytes | None:
        """Return the key of this attempt, but not before the passkey is verified."""
        return super().get_long_term_key(rand, ediv) if self._verified else None

    async def on_pairing(self) -> None:
        """Keep the bond; the session has done its work."""
        if self.completed:
            return
        try:
            await super().on_pairing()
        finally:
            # Also when the peer leaves while the last packets are on their way: the bond is kept by then.
            self._end(bonded=True)

    def on_connection_encryption_change(self) -> None:
        """Go on to the distribution of keys, if it is this attempt's key that encrypts the link."""
        if self._verified:
            super().on_connection_encryption_change()

    def on_pairing_failure(self, reason: smp.ErrorCode) -> None:
        """Give up the attempt, so that the next request starts from nothing."""
        if self.completed:
            return
        super().on_pairing_failure(reason)
        self._end(bonded=False)

    def on_disconnection(self, reason: int) -> None:
        """Count a peer that leaves in the middle as a failed attempt."""
        super().on_disconnection(reason)
        if not self.completed:
            self.completed = True
            self._end(bonded=False)

    def _end(self, *, bonded: bool) -> None:
        self._phase = _Phase.WAIT
        if self.manager.sessions.get(self.connection.handle) is self:
            super().on_disconnection(0)
        if self._attempting:
            self._attempting = False
            # A key pair serves for one attempt (Core, Vol 3, Part H, 2.3.6); bumble makes another one when asked.
            self.manager._ecc_key = None  # noqa: SLF001 - there is no public way to renew it
            self._doorkeeper.end_attempt(bonded=bonded)


def _refusal(command: smp.SMP_Pairing_Request_Command) -> smp.ErrorCode | None:
    """Return why a request cannot lead to a bond by passkey under Secure Connections, or None."""
    wanted = smp.AuthReq.BONDING | smp.AuthReq.SC
    if command.auth_req & wanted != wanted or command.io_capability not in _CAN_TYPE_DIGITS:
        return smp.ErrorCode.AUTHENTICATION_REQUIREMENTS
    if command.oob_data_flag:
        return smp.ErrorCode.OOB_NOT_AVAILABLE
    if command.maximum_encryption_key_size < _KEY_SIZE:
        return smp.ErrorCode.ENCRYPTION_KEY_SIZE
    return None

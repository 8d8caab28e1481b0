"""Pairing on the roller's side: LE Secure Connections, only with the one method that its display allows.

bumble's session accepts any commands of the peer in any order. This one accepts only those that the Security Manager
allows at each point (Core, Vol 3, Part H, 2.3.5.6), so that no peer can pair without the person.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Final, Protocol, cast

from bumble import pairing, smp

from glowsim.firmware.display import DisplayKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bumble.device import Connection

_KEY_SIZE: Final = 16
_PASSKEY_ROUNDS: Final = 20

_IoCapability = pairing.PairingDelegate.IoCapability

_OWN_CAPABILITY: Final = {
    DisplayKind.PASSKEY: _IoCapability.DISPLAY_OUTPUT_ONLY,
    DisplayKind.COMPARISON: _IoCapability.DISPLAY_OUTPUT_AND_YES_NO_INPUT,
    DisplayKind.NONE: _IoCapability.NO_OUTPUT_NO_INPUT,
}

#: The peers with which the only method is possible (Core, Vol 3, Part H, table 2.8).
_ITS_PEERS: Final = {
    DisplayKind.PASSKEY: frozenset({smp.IoCapability.KEYBOARD_ONLY, smp.IoCapability.KEYBOARD_DISPLAY}),
    DisplayKind.COMPARISON: frozenset({smp.IoCapability.DISPLAY_YES_NO, smp.IoCapability.KEYBOARD_DISPLAY}),
    DisplayKind.NONE: frozenset(smp.IoCapability),
}

_ONLY_METHOD: Final = {
    DisplayKind.PASSKEY: smp.PairingMethod.PASSKEY,
    DisplayKind.COMPARISON: smp.PairingMethod.NUMERIC_COMPARISON,
    DisplayKind.NONE: smp.PairingMethod.JUST_WORKS,
}


class Doorkeeper(Protocol):
    """The part that decides on pairing attempts on one connection."""

    def begin_attempt(self) -> int | None:
        """Begin an attempt and return its passkey (0: none is shown); None when pairing is not possible now."""
        ...

    async def compare(self, number: int) -> bool:
        """Show a number and return whether the person confirms that the host shows the same."""
        ...

    def end_attempt(self, *, bonded: bool) -> None:
        """End the attempt under way."""
        ...


class RollerDelegate(pairing.PairingDelegate):
    """The roller's side of a pairing: its display, and a doorkeeper."""

    def __init__(self, doorkeeper: Doorkeeper, display: DisplayKind) -> None:
        super().__init__(io_capability=_OWN_CAPABILITY[display])
        self.doorkeeper = doorkeeper
        self.display = display
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

    async def compare_numbers(self, number: int, digits: int) -> bool:  # noqa: ARG002 - it is always six
        """Ask the person at the roller."""
        return await self.doorkeeper.compare(number)


def pairing_config(doorkeeper: Doorkeeper, display: DisplayKind) -> pairing.PairingConfig:
    """Return the only configuration with which a roller with this display pairs."""
    return pairing.PairingConfig(
        sc=True,
        mitm=display.authenticates,
        bonding=True,
        delegate=RollerDelegate(doorkeeper, display),
        identity_address_type=pairing.PairingConfig.AddressType.RANDOM,
    )


class _Phase(enum.Enum):
    """How far an attempt is, by what the initiator may send next besides Pairing Failed."""

    REQUEST = enum.auto()
    PUBLIC_KEY = enum.auto()
    CONFIRM = enum.auto()
    RANDOM = enum.auto()
    CHECK = enum.auto()
    KEYS = enum.auto()
    WAIT = enum.auto()


#: Beside the phases and not as their values: Python 3.11.2 makes no plain value of an empty tuple.
_DUE: Final[Mapping[_Phase, tuple[type[smp.SMP_Command], ...]]] = {
    _Phase.REQUEST: (smp.SMP_Pairing_Request_Command,),
    _Phase.PUBLIC_KEY: (smp.SMP_Pairing_Public_Key_Command,),
    _Phase.CONFIRM: (smp.SMP_Pairing_Confirm_Command,),
    _Phase.RANDOM: (smp.SMP_Pairing_Random_Command,),
    _Phase.CHECK: (smp.SMP_Pairing_DHKey_Check_Command,),
    _Phase.KEYS: (
        smp.SMP_Identity_Information_Command,
        smp.SMP_Identity_Address_Information_Command,
        smp.SMP_Signing_Information_Command,
    ),
    _Phase.WAIT: (),
}


class RollerSession(smp.Session):
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
        self._awaits_belated = False

    @property
    def verified(self) -> bool:
        """Whether the peer has proved what this method of pairing asks of it."""
        return self._verified

    @property
    def _delegate(self) -> RollerDelegate:
        return cast("RollerDelegate", self.pairing_config.delegate)

    def on_smp_command(self, command: smp.SMP_Command) -> None:
        """Handle a command that is due now; any other one ends the attempt."""
        if self.completed:
            self._forget_belated(command)
        elif isinstance(command, smp.SMP_Pairing_Failed_Command):
            self.on_pairing_failure(smp.ErrorCode(command.reason))
        elif not isinstance(command, _DUE[self._phase]):
            self.send_pairing_failed(smp.ErrorCode.UNSPECIFIED_REASON)
        elif isinstance(command, smp.SMP_Pairing_Public_Key_Command) and command.public_key_x == self.pkx[0]:
            # Our own key sent back to us: the impersonation of CVE-2020-26558.
            self.send_pairing_failed(smp.ErrorCode.DHKEY_CHECK_FAILED)
        else:
            self._advance()
            super().on_smp_command(command)

    def _forget_belated(self, command: smp.SMP_Command) -> None:
        """Drop the check that was on its way when the person here said no; any other command begins anew."""
        super().on_disconnection(0)
        if not isinstance(command, smp.SMP_Pairing_DHKey_Check_Command):
            self.manager.on_smp_pdu(self.connection, bytes(command))

    def _advance(self) -> None:
        """Set the phase that follows a command of the present one; after a request, its answer sets the phase."""
        match self._phase:
            case _Phase.PUBLIC_KEY:
                self._phase = _Phase.CONFIRM if self._by_passkey else _Phase.RANDOM
            case _Phase.CONFIRM:
                self._phase = _Phase.RANDOM
            case _Phase.RANDOM:
                last = not self._by_passkey or self.passkey_step + 1 >= _PASSKEY_ROUNDS
                self._phase = _Phase.CHECK if last else _Phase.CONFIRM
            case _Phase.REQUEST | _Phase.CHECK:
                self._phase = _Phase.WAIT
            case _Phase.KEYS | _Phase.WAIT:
                pass

    @property
    def _by_passkey(self) -> bool:
        return self.pairing_method is smp.PairingMethod.PASSKEY

    async def on_smp_pairing_request_command_async(self, command: smp.SMP_Pairing_Request_Command) -> None:
        """Refuse a request that cannot lead to the wanted bond, then let the doorkeeper decide."""
        refusal = _refusal(command, self._delegate.display)
        if refusal is not None:
            self.send_pairing_failed(refusal)
            return
        await super().on_smp_pairing_request_command_async(command)

    def send_pairing_response_command(self) -> None:
        """Accept the request: an attempt is under way."""
        self._attempting = True
        if self.pairing_method is not _ONLY_METHOD[self._delegate.display]:
            self.send_pairing_failed(smp.ErrorCode.AUTHENTICATION_REQUIREMENTS)
            return
        self._phase = _Phase.PUBLIC_KEY
        super().send_pairing_response_command()

    def send_pairing_dhkey_check_command(self) -> None:
        """Confirm the identity of the peer: from here on the link may be encrypted."""
        if self.completed:
            return
        self._verified = True
        self._phase = _Phase.KEYS
        super().send_pairing_dhkey_check_command()

    def prompt_user_for_numeric_comparison(self, code: int, next_steps: Callable[[], None]) -> None:
        """Ask the person at the roller; the answer no ends the attempt, and the peer is told why."""

        async def prompt() -> None:
            if await self._delegate.compare_numbers(code, 6):
                next_steps()
            else:
                self._awaits_belated = self._phase is _Phase.CHECK
                self.send_pairing_failed(smp.ErrorCode.NUMERIC_COMPARISON_FAILED)

        self.connection.cancel_on_disconnection(prompt())

    def send_command(self, command: smp.SMP_Command) -> None:
        """Send a command; if it ends the attempt, the attempt ends here as well."""
        super().send_command(command)
        if isinstance(command, smp.SMP_Pairing_Failed_Command):
            self.on_pairing_failure(smp.ErrorCode(command.reason))

    def get_long_term_key(self, rand: bytes, ediv: int) -> bytes | None:
        """Return the key of this attempt, once the peer is verified."""
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
        """Begin the distribution of keys, if this attempt's key encrypts the link."""
        if self._verified:
            super().on_connection_encryption_change()

    def on_pairing_failure(self, reason: smp.ErrorCode) -> None:
        """Give up the attempt, so that the next request starts from scratch."""
        if self.completed:
            return
        super().on_pairing_failure(reason)
        self._end(bonded=False)

    def on_disconnection(self, reason: int) -> None:
        """Count it as a failed attempt when the peer leaves in the middle."""
        super().on_disconnection(reason)
        if not self.completed:
            self.completed = True
            self._end(bonded=False)

    def _end(self, *, bonded: bool) -> None:
        self._phase = _Phase.WAIT
        if self.manager.sessions.get(self.connection.handle) is self and not self._awaits_belated:
            super().on_disconnection(0)
        if self._attempting:
            self._attempting = False
            # A key pair serves for one attempt (Core, Vol 3, Part H, 2.3.6); bumble makes another one when asked.
            self.manager._ecc_key = None  # noqa: SLF001 - there is no public way to renew it
            self._delegate.doorkeeper.end_attempt(bonded=bonded)


def _refusal(command: smp.SMP_Pairing_Request_Command, display: DisplayKind) -> smp.ErrorCode | None:
    """Return why a request cannot lead to the bond that this display allows; None if it can."""
    wanted = smp.AuthReq.BONDING | smp.AuthReq.SC
    if command.auth_req & wanted != wanted or command.io_capability not in _ITS_PEERS[display]:
        return smp.ErrorCode.AUTHENTICATION_REQUIREMENTS
    if command.oob_data_flag:
        return smp.ErrorCode.OOB_NOT_AVAILABLE
    if command.maximum_encryption_key_size < _KEY_SIZE:
        return smp.ErrorCode.ENCRYPTION_KEY_SIZE
    return None

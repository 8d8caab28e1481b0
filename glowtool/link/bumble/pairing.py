"""Pairing as the central: LE Secure Connections with a passkey, or not at all."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final

from bumble import smp
from bumble.core import BaseBumbleError, ProtocolError
from bumble.pairing import PairingConfig, PairingDelegate
from bumble.smp import AuthReq, ErrorCode, IoCapability

from glowtool.errors import (
    PairingCancelledError,
    PairingError,
    PairingTimeoutError,
    PairingWindowClosedError,
    PasskeyWrongError,
)

if TYPE_CHECKING:
    from bumble.device import Connection, Device

    from glowtool.link.adapter import PasskeySource
    from glowtool.link.bumble.bonds import BondStore
    from glowtool.link.bumble.link import Link

logger = logging.getLogger(__name__)

#: From the request to the last key, with the time that a person needs to read and type six digits.
PAIRING_TIMEOUT_S: Final = 60.0
PASSKEY_MAX: Final = 999_999

_WINDOW_HINT: Final = "hold the roller's button until its display shows that it is ready to pair, then try again"
_PASSKEY_HINT: Final = "pair again and type the six digits that the roller shows then"

_FAILURES: Final[dict[int, tuple[type[PairingError], str]]] = {
    ErrorCode.CONFIRM_VALUE_FAILED: (PasskeyWrongError, f"the passkey is not the one on the display; {_PASSKEY_HINT}"),
    ErrorCode.DHKEY_CHECK_FAILED: (PasskeyWrongError, f"the passkey is not the one on the display; {_PASSKEY_HINT}"),
    ErrorCode.PASSKEY_ENTRY_FAILED: (PairingCancelledError, "the pairing was cancelled on the roller"),
    ErrorCode.PAIRING_NOT_SUPPORTED: (PairingWindowClosedError, f"the roller refuses to pair now; {_WINDOW_HINT}"),
    ErrorCode.REPEATED_ATTEMPTS: (
        PairingWindowClosedError,
        f"the roller refuses after too many attempts; wait a moment, then {_WINDOW_HINT}",
    ),
    ErrorCode.AUTHENTICATION_REQUIREMENTS: (PairingError, "the roller asks for another kind of pairing than a passkey"),
}


class _Passkey(int):
    """A passkey of which zero counts as given, where bumble asks `if passkey`."""

    def __bool__(self) -> bool:
        return True


class PasskeyPrompt(PairingDelegate):
    """The keyboard's side of a pairing: asks the source once, and keeps what went wrong."""

    def __init__(self, source: PasskeySource) -> None:
        super().__init__(io_capability=PairingDelegate.IoCapability.KEYBOARD_INPUT_ONLY)
        self._source = source
        self._answer: asyncio.Future[int] | None = None
        self.error: Exception | None = None

    async def get_number(self) -> int | None:
        """Return the passkey, or None to end the pairing when the source fails; `error` tells then why."""
        self._answer = asyncio.ensure_future(self._source())
        try:
            passkey = await self._answer
        except Exception as error:  # noqa: BLE001 - whatever the source raises ends the pairing and is raised again there
            self.error = error
            return None
        if not 0 <= passkey <= PASSKEY_MAX:
            self.error = PasskeyWrongError(f"{passkey} is not a passkey of six digits (000000 to 999999)")
            return None
        return _Passkey(passkey)

    def cancel(self) -> None:
        """Stop asking."""
        if self._answer is not None:
            self._answer.cancel()


class _Refusal(PairingDelegate):
    """Says no to a peer that begins to pair by itself."""

    async def accept(self) -> bool:
        return False


class StrictSession(smp.Session):
    """bumble's SMP session, which ends a pairing that would be weaker than Secure Connections with a passkey."""

    def on_smp_pairing_response_command(self, command: smp.SMP_Pairing_Response_Command) -> None:
        """Go on with the pairing when the peer's answer allows a strong one."""
        weakness = _weakness(command.auth_req, command.io_capability)
        if weakness is None:
            super().on_smp_pairing_response_command(command)
            return
        prompt = self.pairing_config.delegate
        if isinstance(prompt, PasskeyPrompt):
            prompt.error = PairingError(f"the roller {weakness}; glowtool does not pair like that")
        self.send_pairing_failed(ErrorCode.AUTHENTICATION_REQUIREMENTS)


def _weakness(auth_req: int, io_capability: int) -> str | None:
    if not auth_req & AuthReq.SC:
        return "cannot do LE Secure Connections"
    if io_capability == IoCapability.NO_INPUT_NO_OUTPUT:
        return "has no display for a passkey"
    if not auth_req & AuthReq.BONDING:
        return "does not keep bonds"
    return None


class PairingRoom:
    """Pairs the links of one device; refuses every pairing that it did not begin."""

    def __init__(self, device: Device, bonds: BondStore) -> None:
        self._device = device
        self._bonds = bonds
        self._prompts: dict[Connection, PasskeyPrompt] = {}
        device.pairing_config_factory = self._config

    async def pair(self, link: Link, source: PasskeySource, timeout_s: float = PAIRING_TIMEOUT_S) -> None:
        """Pair and bond over `link`; the bond is stored when this returns, and only then.

        Raises PasskeyWrongError, PairingWindowClosedError, PairingTimeoutError, what `source` raises (as
        PairingCancelledError), LinkLostError, or PairingError with the peer's reason.
        """
        if link.connection in self._prompts:
            raise PairingError(f"a pairing with {link.peer} is already on its way")
        prompt = self._prompts[link.connection] = PasskeyPrompt(source)
        try:
            async with asyncio.timeout(timeout_s):
                await link.until_lost(self._device.pair(link.connection))
        except TimeoutError as error:
            raise PairingTimeoutError(f"pairing with {link.peer} took more than {timeout_s:g} s; try again") from error
        except ProtocolError as error:
            raise prompt.error or _failure(error) from error
        finally:
            del self._prompts[link.connection]
            self._abort(link, prompt)
        await self._check_bond(link)

    def _config(self, connection: Connection) -> PairingConfig:
        return PairingConfig(
            sc=True,
            mitm=True,
            bonding=True,
            delegate=self._prompts.get(connection) or _Refusal(),
            identity_address_type=PairingConfig.AddressType.RANDOM,
        )

    def _abort(self, link: Link, prompt: PasskeyPrompt) -> None:
        """End on both sides what is not finished: the caller gave up, or the time is over."""
        session = self._device.smp_manager.sessions.get(link.connection.handle)
        if session is None or session.completed or not link.is_up:
            return
        prompt.cancel()
        try:
            session.send_pairing_failed(ErrorCode.PASSKEY_ENTRY_FAILED)
        except BaseBumbleError as error:
            logger.debug("the end of the pairing could not be told to %s: %s", link.peer, error)

    async def _check_bond(self, link: Link) -> None:
        # bumble logs it when the store fails, and goes on.
        keys = await self._bonds.get(str(link.connection.peer_address))
        if keys is None or keys.ltk is None or not keys.ltk.authenticated:
            raise PairingError(f"paired with {link.peer}, but the bond could not be kept in {self._bonds.path}")


def _failure(error: ProtocolError) -> PairingError:
    kind, words = _FAILURES.get(error.error_code or 0, (PairingError, f"the roller ended the pairing ({error})"))
    return kind(words)

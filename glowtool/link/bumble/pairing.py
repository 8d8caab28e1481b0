"""Pairing as the central: LE Secure Connections with a passkey, or not at all."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final

from bumble.core import BaseBumbleError, ProtocolError
from bumble.pairing import PairingConfig, PairingDelegate
from bumble.smp import ErrorCode

from glowtool.errors import (
    PairingCancelledError,
    PairingError,
    PairingTimeoutError,
    PairingWindowClosedError,
    PasskeyWrongError,
)
from glowtool.link.bumble.strict_session import StrictSession
from glowtool.link.pairing import PAIRING_TIMEOUT_S, PASSKEY_MAX

if TYPE_CHECKING:
    from bumble.device import Connection, Device

    from glowtool.link.bumble.bonds import BondStore
    from glowtool.link.bumble.link import Link
    from glowtool.link.pairing import PasskeySource

logger = logging.getLogger(__name__)

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


class PairingRoom:
    """Pairs the links of one device; refuses every pairing that it did not begin."""

    def __init__(self, device: Device, bonds: BondStore) -> None:
        self._device = device
        self._bonds = bonds
        self._prompts: dict[Connection, PasskeyPrompt] = {}
        device.pairing_config_factory = self._config
        device.smp_session_proxy = StrictSession

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
            refusal = self._refusal(link)
            raise prompt.error or refusal or _failure(error) from error
        finally:
            del self._prompts[link.connection]
            self._abort(link, prompt)
        await self._check_bond(link)

    def _config(self, connection: Connection) -> PairingConfig:
        return PairingConfig(
            sc=True,
            mitm=True,
            bonding=True,
            delegate=self._prompts.get(connection) or PairingDelegate(),
            identity_address_type=PairingConfig.AddressType.RANDOM,
        )

    def _refusal(self, link: Link) -> PairingError | None:
        session = self._device.smp_manager.sessions.get(link.connection.handle)
        if not isinstance(session, StrictSession) or session.refusal is None:
            return None
        return PairingError(f"the roller {session.refusal}; glowtool does not pair like that")

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

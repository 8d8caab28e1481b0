"""The pairing as the central: LE Secure Connections, checked by a person, or not at all."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Final, TypeVar

from bumble import smp
from bumble.core import BaseBumbleError, ProtocolError
from bumble.pairing import PairingConfig, PairingDelegate
from bumble.smp import ErrorCode

from glowtool.errors import (
    PairingCancelledError,
    PairingError,
    PairingTimeoutError,
    PairingWindowClosedError,
    PasskeyWrongError,
    WeakPairingError,
)
from glowtool.link.bumble.keys.strict_session import PersonDelegate, StrictSession
from glowtool.link.errors import LinkLostError
from glowtool.link.pairing import PAIRING_TIMEOUT_S, PairingMethod, in_time, passkey_of

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from bumble.device import Connection, Device

    from glowtool.link.bumble.keys.bonds import BondStore
    from glowtool.link.bumble.link import Link
    from glowtool.link.pairing import PairingAnswers

logger = logging.getLogger(__name__)

T = TypeVar("T")

_WINDOW_HINT: Final = "hold the roller's button until its display shows that it is ready to pair, then try again"
_PASSKEY_HINT: Final = "pair again and type the six digits that the roller shows then"

_FAILURES: Final[dict[int, tuple[type[PairingError], str, str]]] = {
    ErrorCode.CONFIRM_VALUE_FAILED: (PasskeyWrongError, "the passkey is not the one on the display", _PASSKEY_HINT),
    ErrorCode.DHKEY_CHECK_FAILED: (PasskeyWrongError, "the passkey is not the one on the display", _PASSKEY_HINT),
    ErrorCode.NUMERIC_COMPARISON_FAILED: (PairingCancelledError, "the digits were not confirmed on the roller", ""),
    ErrorCode.PASSKEY_ENTRY_FAILED: (PairingCancelledError, "the pairing was cancelled on the roller", ""),
    ErrorCode.PAIRING_NOT_SUPPORTED: (PairingWindowClosedError, "the roller refuses to pair now", _WINDOW_HINT),
    ErrorCode.REPEATED_ATTEMPTS: (
        PairingWindowClosedError,
        "the roller refuses to pair after too many attempts",
        f"wait a moment, then {_WINDOW_HINT}",
    ),
    ErrorCode.AUTHENTICATION_REQUIREMENTS: (
        PairingError,
        "the roller asks for another kind of pairing",
        "",
    ),
}

_METHODS: Final = {
    smp.PairingMethod.PASSKEY: PairingMethod.PASSKEY,
    smp.PairingMethod.NUMERIC_COMPARISON: PairingMethod.COMPARISON,
    smp.PairingMethod.JUST_WORKS: PairingMethod.JUST_WORKS,
}


class _Passkey(int):
    """A passkey whose value zero still counts as given when bumble checks `if passkey`."""

    def __bool__(self) -> bool:
        return True


class PersonPrompt(PersonDelegate):
    """The person's side of one pairing: asks for each answer once, and keeps the error."""

    def __init__(self, answers: PairingAnswers) -> None:
        super().__init__()
        self.allows_just_works = answers.just_works is not None
        self._answers = answers
        self._asking: asyncio.Future[Any] | None = None
        self.error: Exception | None = None

    async def get_number(self) -> int | None:
        """Return the passkey, or None to end the pairing; then `error` tells why."""
        passkey = await self._ask(self._passkey())
        return None if passkey is None else _Passkey(passkey)

    async def compare_numbers(self, number: int, digits: int) -> bool:  # noqa: ARG002 - it is always six
        """Return whether the peer shows the same digits."""
        same = await self._ask(self._answers.compare(number))
        if same is False:
            self.error = PairingCancelledError(
                "the digits differ on the two sides, so another device answers in the roller's place. Nothing was "
                "paired",
                advice="go where nobody is nearby, and try again",
            )
        return bool(same)

    async def confirm(self, auto: bool = False) -> bool:  # noqa: ARG002, FBT001, FBT002 - bumble's signature
        """Return whether a pairing that nobody can check is acceptable."""
        if self._answers.just_works is None:
            return False
        accepted = await self._ask(self._answers.just_works())
        if accepted is False:
            self.error = WeakPairingError("the pairing without a check was not accepted, so nothing was paired")
        return bool(accepted)

    def cancel(self) -> None:
        """Stop asking."""
        if self._asking is not None:
            self._asking.cancel()

    async def _passkey(self) -> int:
        return passkey_of(await self._answers.passkey())

    async def _ask(self, answer: Awaitable[T]) -> T | None:
        """Return the answer, None when it fails."""
        asking = asyncio.ensure_future(in_time(answer))
        self._asking = asking
        try:
            return await asking
        except Exception as error:  # noqa: BLE001 - whatever the source raises ends the pairing and is raised again there
            self.error = error
            return None


class PairingRoom:
    """Pairs the links of one device; refuses every pairing that it did not begin."""

    def __init__(self, device: Device, bonds: BondStore) -> None:
        self._device = device
        self._bonds = bonds
        self._prompts: dict[Connection, PersonPrompt] = {}
        device.pairing_config_factory = self._config
        device.smp_session_proxy = StrictSession

    async def pair(self, link: Link, answers: PairingAnswers, timeout_s: float = PAIRING_TIMEOUT_S) -> PairingMethod:
        """Pair and bond over `link`; the bond is stored when this returns, and only then.

        Raises PasskeyWrongError, PairingWindowClosedError, WeakPairingError, PairingTimeoutError (after `timeout_s`),
        PairingCancelledError, the error of an answer, LinkLostError, or PairingError with the peer's reason.
        """
        if link.connection in self._prompts:
            raise PairingError(f"a pairing with {link.peer} is already in progress")
        prompt = self._prompts[link.connection] = PersonPrompt(answers)
        try:
            async with asyncio.timeout(timeout_s):
                await link.until_lost(self._device.pair(link.connection))
        except TimeoutError as error:
            raise PairingTimeoutError(
                f"pairing with {link.peer} took more than {timeout_s:g} s", advice="try again"
            ) from error
        except LinkLostError as error:
            if prompt.error is not None:
                raise prompt.error from error  # the roller hung up on it
            raise
        except ProtocolError as error:
            session = self._session(link)
            refusal = None if session is None else session.refusal
            raise prompt.error or refusal or _failure(error, self._method(link)) from error
        finally:
            del self._prompts[link.connection]
            self._abort(link, prompt)
            # A key pair serves one attempt (Core Vol 3 Part H 2.3.6); bumble makes another one on request.
            self._device.smp_manager._ecc_key = None  # noqa: SLF001 - there is no public way to renew it
        method = self._method(link)
        await self._check_bond(link, method)
        return method

    def _config(self, connection: Connection) -> PairingConfig:
        return PairingConfig(
            sc=True,
            mitm=True,
            bonding=True,
            delegate=self._prompts.get(connection) or PairingDelegate(),
            identity_address_type=PairingConfig.AddressType.RANDOM,
        )

    def _session(self, link: Link) -> StrictSession | None:
        session = self._device.smp_manager.sessions.get(link.connection.handle)
        return session if isinstance(session, StrictSession) else None

    def _method(self, link: Link) -> PairingMethod:
        session = self._session(link)
        # Without a session, nobody checked anything.
        return PairingMethod.JUST_WORKS if session is None else _METHODS[session.pairing_method]

    def _abort(self, link: Link, prompt: PersonPrompt) -> None:
        """End an unfinished pairing on both sides: the caller gave up, or the time is over."""
        prompt.cancel()
        session = self._session(link)
        if session is None or session.completed or not link.is_up:
            return
        try:
            session.send_pairing_failed(ErrorCode.PASSKEY_ENTRY_FAILED)
        except BaseBumbleError as error:
            logger.debug("the end of the pairing could not be told to %s: %s", link.peer, error)

    async def _check_bond(self, link: Link, method: PairingMethod) -> None:
        # When the store fails, bumble only logs it and goes on.
        keys = await self._bonds.get(str(link.connection.peer_address))
        authenticated = method is not PairingMethod.JUST_WORKS
        if keys is None or keys.ltk is None or keys.ltk.authenticated is not authenticated:
            raise PairingError(f"paired with {link.peer}, but the bond could not be stored in {self._bonds.path}")


def _failure(error: ProtocolError, method: PairingMethod) -> PairingError:
    code = error.error_code or 0
    if code == ErrorCode.CONFIRM_VALUE_FAILED and method is not PairingMethod.PASSKEY:
        # Without a typed passkey, some stacks report in this way that their person did not agree.
        code = ErrorCode.NUMERIC_COMPARISON_FAILED
    kind, says, advice = _FAILURES.get(code, (PairingError, f"the roller ended the pairing ({error})", ""))
    return kind(says, advice=advice)

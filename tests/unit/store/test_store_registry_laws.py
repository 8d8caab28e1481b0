"""After any pairing, renaming and forgetting, no two rollers share a name and none is listed twice."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from glowtool.errors import DeviceNotFoundError, InputError
from glowtool.store.rollers.known import KnownRoller
from glowtool.store.rollers.registry import DeviceRegistry

ADDRESSES = st.sampled_from([f"C0:00:00:00:00:0{number}" for number in range(4)])
SERIALS = st.sampled_from(["", "GR10001", "GR10002", "GR10003"])
ALIASES = st.sampled_from([None, "Desk", "desk", "Hall", "GR10001", "c0:00:00:00:00:01"])


class Registry(RuleBasedStateMachine):
    """A data directory in use."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = TemporaryDirectory()
        self.registry = DeviceRegistry(Path(self._folder.name))
        self.now = datetime(2026, 11, 22, tzinfo=UTC)

    def teardown(self) -> None:
        self._folder.cleanup()

    @rule(address=ADDRESSES, serial=SERIALS, alias=ALIASES)
    def pair(self, address: str, serial: str, alias: str | None) -> None:
        self.now += timedelta(minutes=1)
        roller = KnownRoller(
            address=address, name=f"GR-1 {address[-2:]}", serial=serial, alias=alias, last_seen_utc=self.now
        )
        before, default = self.registry.rollers(), self.registry.default()
        try:
            kept = self.registry.remember(roller)
        except InputError:
            assert self.registry.rollers() == before
            return
        assert self.registry.rollers()[0] == kept
        assert kept.first_seen_utc is not None
        if default is not None:
            assert self.registry.default() in {default, address}, "a default is never lost by pairing"

    @rule(address=ADDRESSES, alias=ALIASES)
    def rename(self, address: str, alias: str | None) -> None:
        with suppress(InputError, DeviceNotFoundError):
            assert self.registry.rename(address, alias).alias == alias

    @rule(address=ADDRESSES)
    def use(self, address: str) -> None:
        with suppress(DeviceNotFoundError):
            self.registry.use(address)
            assert self.registry.find().address == address

    @rule(address=ADDRESSES)
    def forget(self, address: str) -> None:
        known = self.registry.of(address) is not None
        assert self.registry.forget(address) is known
        assert self.registry.of(address) is None

    @invariant()
    def each_roller_is_there_once(self) -> None:
        rollers = self.registry.rollers()
        serials = [roller.serial for roller in rollers if roller.serial]
        assert len({roller.address for roller in rollers}) == len(rollers)
        assert len(set(serials)) == len(serials)
        assert self.registry.default() in {None, *(roller.address for roller in rollers)}

    @invariant()
    def an_address_means_one_roller_and_so_does_an_alias_that_is_no_address(self) -> None:
        rollers = self.registry.rollers()
        addresses = {roller.address.casefold() for roller in rollers}
        for roller in rollers:
            assert self.registry.find(roller.address.swapcase()) == roller
            if roller.alias is not None and roller.alias.casefold() not in addresses:
                assert self.registry.find(roller.alias.swapcase()) == roller


TestRegistry = Registry.TestCase
TestRegistry.settings = settings(max_examples=25, stateful_step_count=15)
